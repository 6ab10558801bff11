CREATE TABLE a (x int);
-- back
ROLLBACK WORK;
