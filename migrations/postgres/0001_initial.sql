-- Rendered from the declared schema (server/db/src/schema/tables.rs).

CREATE TABLE users (
  id uuid NOT NULL PRIMARY KEY,
  handle text NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  bio text NOT NULL,
  role text NOT NULL,
  password_hash text NOT NULL,
  post_count bigint NOT NULL,
  search_text text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3),
  CONSTRAINT users_handle_key UNIQUE (handle),
  CONSTRAINT users_email_key UNIQUE (email),
  CONSTRAINT users_role_check CHECK (role IN ('reader', 'author', 'editor', 'admin'))
);
CREATE INDEX users_created_at_id_idx ON users (created_at, id);
CREATE INDEX users_search_text_idx ON users USING gin (to_tsvector('simple', search_text));

CREATE TABLE posts (
  id uuid NOT NULL PRIMARY KEY,
  author_id uuid NOT NULL,
  title text NOT NULL,
  slug text NOT NULL,
  excerpt text NOT NULL,
  content text NOT NULL,
  content_html text NOT NULL,
  renderer_version bigint NOT NULL,
  reading_minutes bigint NOT NULL,
  search_text text NOT NULL,
  comment_count bigint NOT NULL,
  status text NOT NULL,
  comments_open boolean NOT NULL,
  published_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3),
  CONSTRAINT posts_slug_key UNIQUE (slug),
  CONSTRAINT posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT posts_status_check CHECK (status IN ('draft', 'scheduled', 'published', 'archived'))
);
CREATE INDEX posts_status_published_at_id_idx ON posts (status, published_at, id);
CREATE INDEX posts_author_id_status_published_at_id_idx ON posts (author_id, status, published_at, id);
CREATE INDEX posts_search_text_idx ON posts USING gin (to_tsvector('simple', search_text));

CREATE TABLE post_slugs (
  slug text NOT NULL PRIMARY KEY,
  post_id uuid NOT NULL,
  CONSTRAINT post_slugs_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE
);
CREATE INDEX post_slugs_post_id_idx ON post_slugs (post_id);

CREATE TABLE comments (
  id uuid NOT NULL PRIMARY KEY,
  post_id uuid NOT NULL,
  author_id uuid NOT NULL,
  body text NOT NULL,
  body_html text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3),
  CONSTRAINT comments_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
  CONSTRAINT comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX comments_post_id_created_at_id_idx ON comments (post_id, created_at, id);
CREATE INDEX comments_author_id_idx ON comments (author_id);

CREATE TABLE sessions (
  id text NOT NULL PRIMARY KEY,
  user_id uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  user_agent text NOT NULL,
  CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);

CREATE TABLE api_tokens (
  id uuid NOT NULL PRIMARY KEY,
  user_id uuid NOT NULL,
  name text NOT NULL,
  token_hash text NOT NULL,
  scopes text NOT NULL,
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT api_tokens_token_hash_key UNIQUE (token_hash),
  CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX api_tokens_user_id_idx ON api_tokens (user_id);

CREATE TABLE idempotency_keys (
  key text NOT NULL PRIMARY KEY,
  user_id uuid NOT NULL,
  request_hash text NOT NULL,
  response text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX idempotency_keys_user_id_idx ON idempotency_keys (user_id);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
