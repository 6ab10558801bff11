DROP TABLE IF EXISTS `schema_migrations`;
/*!40101 CREATE TABLE `schema_migrations` (name INT) */;
