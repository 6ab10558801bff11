CREATE TABLE users (
  search_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  handle TEXT NOT NULL,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  bio TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  post_count INTEGER NOT NULL,
  search_text TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER,
  CONSTRAINT users_handle_key UNIQUE (handle),
  CONSTRAINT users_email_key UNIQUE (email),
  CONSTRAINT users_role_check CHECK (role IN ('reader', 'author', 'editor', 'admin'))
);
CREATE INDEX users_created_at_id_idx ON users (created_at, id);
CREATE VIRTUAL TABLE users_fts USING fts5(search_text, content='users', content_rowid='search_id', tokenize='unicode61 remove_diacritics 2', prefix='2 3')
/* users_fts(search_text) */;
CREATE TRIGGER users_fts_insert AFTER INSERT ON users BEGIN
  INSERT INTO users_fts (rowid, search_text) VALUES (new.search_id, new.search_text);
END;
CREATE TRIGGER users_fts_delete AFTER DELETE ON users BEGIN
  INSERT INTO users_fts (users_fts, rowid, search_text) VALUES ('delete', old.search_id, old.search_text);
END;
CREATE TRIGGER users_fts_update AFTER UPDATE OF search_text ON users BEGIN
  INSERT INTO users_fts (users_fts, rowid, search_text) VALUES ('delete', old.search_id, old.search_text);
  INSERT INTO users_fts (rowid, search_text) VALUES (new.search_id, new.search_text);
END;
CREATE TABLE posts (
  search_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  author_id TEXT NOT NULL,
  title TEXT NOT NULL,
  slug TEXT NOT NULL,
  excerpt TEXT NOT NULL,
  content TEXT NOT NULL,
  content_html TEXT NOT NULL,
  renderer_version INTEGER NOT NULL,
  reading_minutes INTEGER NOT NULL,
  search_text TEXT NOT NULL,
  comment_count INTEGER NOT NULL,
  status TEXT NOT NULL,
  comments_open INTEGER NOT NULL,
  published_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER,
  CONSTRAINT posts_slug_key UNIQUE (slug),
  CONSTRAINT posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT posts_status_check CHECK (status IN ('draft', 'scheduled', 'published', 'archived'))
);
CREATE INDEX posts_status_published_at_id_idx ON posts (status, published_at, id);
CREATE INDEX posts_author_id_status_published_at_id_idx ON posts (author_id, status, published_at, id);
CREATE VIRTUAL TABLE posts_fts USING fts5(search_text, content='posts', content_rowid='search_id', tokenize='unicode61 remove_diacritics 2', prefix='2 3')
/* posts_fts(search_text) */;
CREATE TRIGGER posts_fts_insert AFTER INSERT ON posts BEGIN
  INSERT INTO posts_fts (rowid, search_text) VALUES (new.search_id, new.search_text);
END;
CREATE TRIGGER posts_fts_delete AFTER DELETE ON posts BEGIN
  INSERT INTO posts_fts (posts_fts, rowid, search_text) VALUES ('delete', old.search_id, old.search_text);
END;
CREATE TRIGGER posts_fts_update AFTER UPDATE OF search_text ON posts BEGIN
  INSERT INTO posts_fts (posts_fts, rowid, search_text) VALUES ('delete', old.search_id, old.search_text);
  INSERT INTO posts_fts (rowid, search_text) VALUES (new.search_id, new.search_text);
END;
CREATE TABLE post_slugs (
  slug TEXT NOT NULL PRIMARY KEY,
  post_id TEXT NOT NULL,
  CONSTRAINT post_slugs_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE
);
CREATE INDEX post_slugs_post_id_idx ON post_slugs (post_id);
CREATE TABLE comments (
  id TEXT NOT NULL PRIMARY KEY,
  post_id TEXT NOT NULL,
  author_id TEXT NOT NULL,
  body TEXT NOT NULL,
  body_html TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER,
  CONSTRAINT comments_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
  CONSTRAINT comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX comments_post_id_created_at_id_idx ON comments (post_id, created_at, id);
CREATE INDEX comments_author_id_idx ON comments (author_id);
CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  user_agent TEXT NOT NULL,
  CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE TABLE api_tokens (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  scopes TEXT NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  created_at INTEGER NOT NULL,
  CONSTRAINT api_tokens_token_hash_key UNIQUE (token_hash),
  CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX api_tokens_user_id_idx ON api_tokens (user_id);
CREATE TABLE idempotency_keys (
  key TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  response TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX idempotency_keys_user_id_idx ON idempotency_keys (user_id);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
