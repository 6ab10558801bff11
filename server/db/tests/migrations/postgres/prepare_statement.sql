CREATE TABLE a (x int);
PREPARE begin_it (int) AS INSERT INTO a VALUES ($1);
EXECUTE begin_it(5);
DEALLOCATE begin_it;
