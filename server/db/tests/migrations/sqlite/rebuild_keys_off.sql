CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT);
CREATE TABLE posts (id TEXT PRIMARY KEY, author TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
INSERT INTO users VALUES ('ada', 'Ada'); INSERT INTO posts VALUES ('p', 'ada');
PRAGMA foreign_keys=OFF;
CREATE TABLE users_new (id TEXT PRIMARY KEY, name TEXT NOT NULL, age INTEGER);
INSERT INTO users_new (id, name) SELECT id, name FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
PRAGMA foreign_keys=ON;
