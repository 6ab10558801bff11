CREATE TABLE c (a text);
\connect other
CREATE TABLE d (a int);
