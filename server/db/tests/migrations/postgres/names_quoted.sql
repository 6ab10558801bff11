CREATE TABLE "semi;colon" ("a""b;c" int, "it's" text, "--x" int, "/*" int);
INSERT INTO "semi;colon" VALUES (1, 'x', 2, 3);
CREATE TABLE a$b (c$$ int);
CREATE TABLE "É" ("ü;" int);
