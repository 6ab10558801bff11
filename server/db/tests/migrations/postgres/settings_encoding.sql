SET client_encoding TO 'LATIN1';
CREATE TABLE t (a text);
