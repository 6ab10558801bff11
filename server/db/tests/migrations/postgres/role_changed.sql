CREATE SCHEMA other;
SET ROLE pg_read_all_data;
SELECT 1;
