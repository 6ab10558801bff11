-- a comment; one
CREATE TABLE t (
  a text -- ;
);
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$
  SELECT 'a;
b'
$$;
INSERT INTO t VALUES ('x
y');
