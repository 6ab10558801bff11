CREATE TABLE `semi;colon` (`a``b;` INT, `it's` INT, `\` INT, `--x` INT, `#` INT);
INSERT INTO `semi;colon` VALUES (1, 2, 3, 4, 5);
