CREATE TABLE "列車" ("имя" TEXT, ñandú INTEGER);
INSERT INTO "列車" VALUES ('夜の列車; 🚂', 1);
