-- Rendered from the declared schema (server/db/src/schema/tables.rs).

CREATE TABLE users (
  id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  handle VARCHAR(30) NOT NULL,
  email VARCHAR(254) NOT NULL,
  name VARCHAR(80) NOT NULL,
  bio VARCHAR(500) NOT NULL,
  role VARCHAR(16) NOT NULL,
  password_hash VARCHAR(255) NOT NULL,
  post_count BIGINT NOT NULL,
  search_text LONGTEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  deleted_at DATETIME(3),
  CONSTRAINT users_handle_key UNIQUE (handle),
  CONSTRAINT users_email_key UNIQUE (email),
  CONSTRAINT users_role_check CHECK (role IN ('reader', 'author', 'editor', 'admin'))
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX users_created_at_id_idx ON users (created_at, id);
CREATE FULLTEXT INDEX users_search_text_idx ON users (search_text);

CREATE TABLE posts (
  id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  author_id CHAR(36) CHARACTER SET ascii NOT NULL,
  title VARCHAR(300) NOT NULL,
  slug VARCHAR(80) NOT NULL,
  excerpt VARCHAR(300) NOT NULL,
  content LONGTEXT NOT NULL,
  content_html LONGTEXT NOT NULL,
  renderer_version BIGINT NOT NULL,
  reading_minutes BIGINT NOT NULL,
  search_text LONGTEXT NOT NULL,
  comment_count BIGINT NOT NULL,
  status VARCHAR(16) NOT NULL,
  comments_open TINYINT(1) NOT NULL,
  published_at DATETIME(3),
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  deleted_at DATETIME(3),
  CONSTRAINT posts_slug_key UNIQUE (slug),
  CONSTRAINT posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT posts_status_check CHECK (status IN ('draft', 'scheduled', 'published', 'archived'))
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX posts_status_published_at_id_idx ON posts (status, published_at, id);
CREATE INDEX posts_author_id_status_published_at_id_idx ON posts (author_id, status, published_at, id);
CREATE FULLTEXT INDEX posts_search_text_idx ON posts (search_text);

CREATE TABLE post_slugs (
  slug VARCHAR(80) NOT NULL PRIMARY KEY,
  post_id CHAR(36) CHARACTER SET ascii NOT NULL,
  CONSTRAINT post_slugs_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX post_slugs_post_id_idx ON post_slugs (post_id);

CREATE TABLE comments (
  id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  post_id CHAR(36) CHARACTER SET ascii NOT NULL,
  author_id CHAR(36) CHARACTER SET ascii NOT NULL,
  body LONGTEXT NOT NULL,
  body_html LONGTEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  deleted_at DATETIME(3),
  CONSTRAINT comments_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
  CONSTRAINT comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX comments_post_id_created_at_id_idx ON comments (post_id, created_at, id);
CREATE INDEX comments_author_id_idx ON comments (author_id);

CREATE TABLE sessions (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  user_id CHAR(36) CHARACTER SET ascii NOT NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  user_agent VARCHAR(300) NOT NULL,
  CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX sessions_user_id_idx ON sessions (user_id);

CREATE TABLE api_tokens (
  id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  user_id CHAR(36) CHARACTER SET ascii NOT NULL,
  name VARCHAR(80) NOT NULL,
  token_hash VARCHAR(64) NOT NULL,
  scopes VARCHAR(200) NOT NULL,
  expires_at DATETIME(3),
  last_used_at DATETIME(3),
  created_at DATETIME(3) NOT NULL,
  CONSTRAINT api_tokens_token_hash_key UNIQUE (token_hash),
  CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX api_tokens_user_id_idx ON api_tokens (user_id);

CREATE TABLE idempotency_keys (
  `key` VARCHAR(64) NOT NULL PRIMARY KEY,
  user_id CHAR(36) CHARACTER SET ascii NOT NULL,
  request_hash VARCHAR(64) NOT NULL,
  response LONGTEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX idempotency_keys_user_id_idx ON idempotency_keys (user_id);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
