create function one() returns int language sql return 1;
CREATE FUNCTION two() RETURNS SETOF int LANGUAGE sql AS $$ VALUES (1), (2) $$;
CREATE TABLE t AS SELECT two() + one() AS a;
