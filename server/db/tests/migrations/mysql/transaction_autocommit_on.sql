SET @old = @@autocommit, autocommit = 1;
CREATE TABLE tx (a INT);
INSERT INTO tx VALUES (1);
