CREATE TABLE a (x int); END;
