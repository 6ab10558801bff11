-- a comment; it's one
CREATE TABLE t (a /* ; */, b -- ; '
);
/* /* ; */ INSERT INTO t VALUES (5--3;
, 1);
