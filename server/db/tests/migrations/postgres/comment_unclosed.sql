CREATE TABLE t (a int);
/* never closed;
CREATE TABLE u (a int);
