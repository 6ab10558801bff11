/*!50001 CREATE VIEW v AS SELECT 1 AS x */;
/*!40101 SET @saved = @@character_set_client */;
CREATE TABLE t (a INT) /*!50100 COMMENT='ran;' */ /*!999999 COMMENT='never;' */;
/*!999999 CREATE TABLE never (a INT) */;
/*! CREATE TABLE always (a INT) */;
/*M! CREATE TABLE maria (a INT) */;
/*M!999999 CREATE TABLE maria_never (a INT) */;
INSERT INTO t VALUES (1 /*!50001 + 1 */);
