LOCK TABLES `schema_migrations` WRITE;
