-- a comment; one
CREATE TABLE t (
  a TEXT # ;
);
DELIMITER $$
CREATE PROCEDURE p()
BEGIN
  SELECT 'a;
b';
END$$
DELIMITER ;
INSERT INTO t VALUES ('x
y');
