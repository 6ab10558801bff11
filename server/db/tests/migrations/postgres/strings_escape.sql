CREATE TABLE t (a text);
INSERT INTO t VALUES (E'it\'s; here');
INSERT INTO t VALUES (e'\\'); INSERT INTO t VALUES (E'tab\there\n\u00e9');
INSERT INTO t VALUES (E'one'  -- continued; on the next line
  '\'; two');
