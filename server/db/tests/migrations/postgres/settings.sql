SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET check_function_bodies = false;
SET default_table_access_method = heap;
SET LOCAL lock_timeout = '5s';
CREATE TABLE t (a text);
INSERT INTO t VALUES ('\');
