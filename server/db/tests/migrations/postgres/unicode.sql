CREATE TABLE "列車" ("имя" text, ñandú int);
INSERT INTO "列車" VALUES ('夜の列車; 🚂', 1), ('é;', 2);
COMMENT ON TABLE "列車" IS 'a; ''b''';
