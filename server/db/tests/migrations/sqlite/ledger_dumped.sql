CREATE TABLE a (x);
INSERT INTO "d1_migrations" VALUES (1, '0009_x.sql', 0);
