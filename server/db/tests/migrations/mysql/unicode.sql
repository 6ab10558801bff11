CREATE TABLE `列車` (`имя` TEXT, ñandú INT) DEFAULT CHARACTER SET utf8mb4;
INSERT INTO `列車` VALUES ('夜の列車; 🚂', 1), (_utf8mb4'é;', 2), (N'n;', 3);
