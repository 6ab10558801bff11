# a comment; it's one
-- another; "one
--
CREATE TABLE t (a INT /* ; */, b INT # ; '
, c INT -- ; `
);
INSERT INTO t VALUES (5--3, 1, 2);
/* ; */ INSERT INTO t VALUES (1, 2, 3) /* /* ; */;
