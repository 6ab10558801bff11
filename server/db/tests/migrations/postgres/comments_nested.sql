-- a comment; with a semicolon and it's quote
/* a /* nested; */ one; */
CREATE TABLE t (a int /* ; */, b int -- ; '
);
/* "open */ INSERT INTO t VALUES (1, 2) /* $$ */; -- $$
SELECT 5--3;
;
