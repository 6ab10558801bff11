CREATE TABLE t (a TEXT);
INSERT INTO t VALUES ('it\'s; here'), ("say \"hi;\""), ('\\'), ("it's;"), ('say "hi;"');
INSERT INTO t VALUES ('a''b;'), ("a""b;"), ('\n\t\0\Z\%\_');
