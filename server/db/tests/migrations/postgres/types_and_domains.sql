CREATE TYPE mood AS ENUM ('ok;', 'not''ok');
CREATE DOMAIN positive AS int CHECK (value > 0);
CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY, m mood DEFAULT 'ok;', p positive, a int[] DEFAULT '{1,2}', CHECK (p <> 13));
CREATE UNIQUE INDEX t_m ON t (m) WHERE p > 5;
INSERT INTO t (p) VALUES (7);
CREATE VIEW v AS SELECT id, m::text || ';' AS s FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT count(*) AS n FROM t;
CREATE SEQUENCE s START 5;
SELECT nextval('s');
