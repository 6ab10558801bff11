CREATE FUNCTION outer_one() RETURNS text LANGUAGE plpgsql AS $outer$
DECLARE r text;
BEGIN
  EXECUTE $inner$ SELECT $$a;b$$ || ';' $inner$ INTO r;
  RETURN r;
END $outer$;
CREATE TABLE t AS SELECT outer_one() AS a;
