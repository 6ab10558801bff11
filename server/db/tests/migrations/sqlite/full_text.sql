CREATE VIRTUAL TABLE notes USING fts5(body, tokenize='unicode61 remove_diacritics 2');
INSERT INTO notes VALUES ('night; train');
SELECT * FROM notes WHERE notes MATCH 'night';
