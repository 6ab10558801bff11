CREATE TABLE tx (a INT);
SET @@session.autocommit = 0;
INSERT INTO tx VALUES (1);
