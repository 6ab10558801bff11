CREATE TABLE t (a text);
INSERT INTO t VALUES ('\'), ('it''s; here'), ('C:\new\');
INSERT INTO t VALUES (U&'\0441\043B;' UESCAPE '\'), (N'nation;al');
SELECT B'1010', X'1F';
