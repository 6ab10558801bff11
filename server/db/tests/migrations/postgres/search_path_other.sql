CREATE SCHEMA blog;
SET search_path TO blog, pg_catalog;
CREATE TABLE posts (id int);
CREATE TABLE migrations (mine int);
