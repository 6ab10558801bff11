source other.sql
CREATE TABLE t (a INT);
