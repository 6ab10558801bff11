CREATE TABLE a (x int);

start /* ; */ transaction isolation level serializable;
