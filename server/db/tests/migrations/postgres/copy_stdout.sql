CREATE TABLE c (a text);
copy (select 1) to STDOUT with csv;
