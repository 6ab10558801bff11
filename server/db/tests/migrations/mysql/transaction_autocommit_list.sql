set names utf8mb4, AutoCommit:=OFF;
