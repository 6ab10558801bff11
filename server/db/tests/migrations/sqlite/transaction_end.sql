CREATE TABLE t (a);
end transaction;
