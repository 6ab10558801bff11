CREATE TABLE t (id int PRIMARY KEY, at int);
CREATE FUNCTION bump() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- a body; with a semicolon
  new.at := coalesce(old.at, 0) + 1;
  IF new.at > 10 THEN RAISE EXCEPTION 'too many;'; END IF;
  RETURN new;
END;
$$;
CREATE TRIGGER t_bump BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION bump();
INSERT INTO t VALUES (1, 0);
UPDATE t SET id = 1;
