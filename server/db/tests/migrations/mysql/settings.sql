SET NAMES utf8mb4;
SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0;
SET @x = 5, @y = 'a;b';
CREATE TABLE c (p INT, FOREIGN KEY (p) REFERENCES p (id));
CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY);
INSERT INTO p VALUES (0);
INSERT INTO c VALUES (@x);
SET foreign_key_checks = 1;
