CREATE TABLE t (a INT);
--no space; here
INSERT INTO t VALUES (1);
