-- events is new.
CREATE TABLE events (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  user_id TEXT,
  actor_id TEXT,
  session_id TEXT,
  detail TEXT NOT NULL,
  address TEXT,
  address_expires_at INTEGER,
  created_at INTEGER NOT NULL
);
CREATE INDEX events_address_expires_at_idx ON events (address_expires_at);
CREATE INDEX events_created_at_id_idx ON events (created_at, id);
CREATE INDEX events_user_id_created_at_id_idx ON events (user_id, created_at, id);

-- codes is new.
CREATE TABLE codes (
  id TEXT NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,
  user_id TEXT,
  email TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  browser_hash TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  created_at INTEGER NOT NULL,
  CONSTRAINT codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT codes_purpose_check CHECK (purpose IN ('verify_email', 'sign_in', 'reset_password', 'change_email', 'confirm', 'link', 'set_up'))
);
CREATE INDEX codes_browser_hash_purpose_idx ON codes (browser_hash, purpose);
CREATE INDEX codes_email_created_at_idx ON codes (email, created_at);
CREATE INDEX codes_user_id_idx ON codes (user_id);

-- invites is new.
CREATE TABLE invites (
  id TEXT NOT NULL PRIMARY KEY,
  token_hash TEXT NOT NULL,
  created_by TEXT NOT NULL,
  role TEXT NOT NULL,
  note TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  used_by TEXT,
  created_at INTEGER NOT NULL,
  CONSTRAINT invites_token_hash_key UNIQUE (token_hash),
  CONSTRAINT invites_created_by_fkey FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT invites_role_check CHECK (role IN ('reader', 'author', 'editor', 'admin'))
);
CREATE INDEX invites_created_at_id_idx ON invites (created_at, id);
CREATE INDEX invites_created_by_created_at_id_idx ON invites (created_by, created_at, id);

-- passkeys is new.
CREATE TABLE passkeys (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  credential_id BLOB NOT NULL,
  public_key BLOB NOT NULL,
  algorithm INTEGER NOT NULL,
  sign_count INTEGER NOT NULL,
  name TEXT NOT NULL,
  transports TEXT NOT NULL,
  backup_eligible INTEGER NOT NULL,
  backed_up INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  CONSTRAINT passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX passkeys_user_id_idx ON passkeys (user_id);

-- profile_links is new.
CREATE TABLE profile_links (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  label TEXT NOT NULL,
  url TEXT NOT NULL,
  CONSTRAINT profile_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX profile_links_user_id_position_idx ON profile_links (user_id, position);

-- user_handles is new.
CREATE TABLE user_handles (
  handle TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  released_at INTEGER NOT NULL,
  CONSTRAINT user_handles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX user_handles_user_id_idx ON user_handles (user_id);

-- users.email_verified_at is new.
ALTER TABLE users ADD COLUMN email_verified_at INTEGER;

-- users.suspended_at is new.
ALTER TABLE users ADD COLUMN suspended_at INTEGER;

-- users.suspended_reason is new.
ALTER TABLE users ADD COLUMN suspended_reason TEXT;

-- users.erase_at is new.
ALTER TABLE users ADD COLUMN erase_at INTEGER;

-- users.keeps_posts is new.
ALTER TABLE users ADD COLUMN keeps_posts INTEGER NOT NULL DEFAULT 0;

-- users.erased_at is new.
ALTER TABLE users ADD COLUMN erased_at INTEGER;

-- sessions.public_id is new.
ALTER TABLE sessions ADD COLUMN public_id TEXT;

-- sessions.last_seen_at is new.
ALTER TABLE sessions ADD COLUMN last_seen_at INTEGER;

-- sessions.confirmed_at is new.
ALTER TABLE sessions ADD COLUMN confirmed_at INTEGER;

-- users: the index users_erase_at_idx (erase_at) is new.
CREATE INDEX users_erase_at_idx ON users (erase_at);

-- users: the index users_role_created_at_id_idx (role, created_at, id) is new.
CREATE INDEX users_role_created_at_id_idx ON users (role, created_at, id);
