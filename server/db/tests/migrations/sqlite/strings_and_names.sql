CREATE TABLE "semi;colon" ([a;b] TEXT, `c;d` TEXT, "e""f;" TEXT, 'g;' TEXT);
INSERT INTO "semi;colon" VALUES ('it''s; here', '\', "x;", x'3b');
