CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE TABLE t AS SELECT 1 === 1 AS a, 5 - -3 AS b, 2*/* ; */3 AS c, @ -5 AS d, '{"a":1}'::jsonb ? 'a' AS e, ARRAY[1,2] @> ARRAY[1] AS f;
