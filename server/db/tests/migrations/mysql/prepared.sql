SET @sql = (SELECT IF(COUNT(*) = 0, 'CREATE TABLE made (a INT)', 'SELECT 1') FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'made');
PREPARE s FROM @sql;
EXECUTE s;
DEALLOCATE PREPARE s;
