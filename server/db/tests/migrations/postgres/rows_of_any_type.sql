CREATE TABLE t (a int);
SELECT pg_notify('site', 'x');
SELECT 1.5, 'NaN'::float8, now(), interval '1 day', '{1,2}'::int[], '{"a":1}'::jsonb, point '(1,2)', ROW(1, 'x'), int4range(1, 5);
VALUES (1), (2);
INSERT INTO t VALUES (1) RETURNING a::numeric;
TABLE t; EXPLAIN SELECT 1; SHOW search_path;
