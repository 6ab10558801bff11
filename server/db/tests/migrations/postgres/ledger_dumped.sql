CREATE TABLE a (x int);
DROP TABLE IF EXISTS public."schema_migrations";
