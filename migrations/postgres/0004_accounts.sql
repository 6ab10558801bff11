-- events is new.
CREATE TABLE events (
  id uuid NOT NULL PRIMARY KEY,
  kind text NOT NULL,
  user_id uuid,
  actor_id uuid,
  session_id uuid,
  detail text NOT NULL,
  address text,
  address_expires_at timestamptz(3),
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX events_address_expires_at_idx ON events (address_expires_at);
CREATE INDEX events_created_at_id_idx ON events (created_at, id);
CREATE INDEX events_user_id_created_at_id_idx ON events (user_id, created_at, id);

-- codes is new.
CREATE TABLE codes (
  id uuid NOT NULL PRIMARY KEY,
  purpose text NOT NULL,
  user_id uuid,
  email text NOT NULL,
  code_hash text NOT NULL,
  browser_hash text NOT NULL,
  attempts bigint NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT codes_purpose_check CHECK (purpose IN ('verify_email', 'sign_in', 'reset_password', 'change_email', 'confirm', 'link', 'set_up'))
);
CREATE INDEX codes_browser_hash_purpose_idx ON codes (browser_hash, purpose);
CREATE INDEX codes_email_created_at_idx ON codes (email, created_at);
CREATE INDEX codes_user_id_idx ON codes (user_id);

-- invites is new.
CREATE TABLE invites (
  id uuid NOT NULL PRIMARY KEY,
  token_hash text NOT NULL,
  created_by uuid NOT NULL,
  role text NOT NULL,
  note text NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  used_by uuid,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT invites_token_hash_key UNIQUE (token_hash),
  CONSTRAINT invites_created_by_fkey FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT invites_role_check CHECK (role IN ('reader', 'author', 'editor', 'admin'))
);
CREATE INDEX invites_created_at_id_idx ON invites (created_at, id);
CREATE INDEX invites_created_by_created_at_id_idx ON invites (created_by, created_at, id);

-- passkeys is new.
CREATE TABLE passkeys (
  id text NOT NULL PRIMARY KEY,
  user_id uuid NOT NULL,
  credential_id bytea NOT NULL,
  public_key bytea NOT NULL,
  algorithm bigint NOT NULL,
  sign_count bigint NOT NULL,
  name text NOT NULL,
  transports text NOT NULL,
  backup_eligible boolean NOT NULL,
  backed_up boolean NOT NULL,
  created_at timestamptz(3) NOT NULL,
  last_used_at timestamptz(3),
  CONSTRAINT passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX passkeys_user_id_idx ON passkeys (user_id);

-- profile_links is new.
CREATE TABLE profile_links (
  id uuid NOT NULL PRIMARY KEY,
  user_id uuid NOT NULL,
  position bigint NOT NULL,
  label text NOT NULL,
  url text NOT NULL,
  CONSTRAINT profile_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX profile_links_user_id_position_idx ON profile_links (user_id, position);

-- user_handles is new.
CREATE TABLE user_handles (
  handle text NOT NULL PRIMARY KEY,
  user_id uuid NOT NULL,
  released_at timestamptz(3) NOT NULL,
  CONSTRAINT user_handles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX user_handles_user_id_idx ON user_handles (user_id);

-- users.email_verified_at is new.
ALTER TABLE users ADD COLUMN email_verified_at timestamptz(3);

-- users.suspended_at is new.
ALTER TABLE users ADD COLUMN suspended_at timestamptz(3);

-- users.suspended_reason is new.
ALTER TABLE users ADD COLUMN suspended_reason text;

-- users.erase_at is new.
ALTER TABLE users ADD COLUMN erase_at timestamptz(3);

-- users.keeps_posts is new.
ALTER TABLE users ADD COLUMN keeps_posts boolean NOT NULL DEFAULT false;

-- users.erased_at is new.
ALTER TABLE users ADD COLUMN erased_at timestamptz(3);

-- sessions.public_id is new.
ALTER TABLE sessions ADD COLUMN public_id uuid;

-- sessions.last_seen_at is new.
ALTER TABLE sessions ADD COLUMN last_seen_at timestamptz(3);

-- sessions.confirmed_at is new.
ALTER TABLE sessions ADD COLUMN confirmed_at timestamptz(3);

-- users: the index users_erase_at_idx (erase_at) is new.
-- lint: allow write-lock: the table is small, because nobody could sign up before this
CREATE INDEX users_erase_at_idx ON users (erase_at);

-- users: the index users_role_created_at_id_idx (role, created_at, id) is new.
-- lint: allow write-lock: the table is small, because nobody could sign up before this
CREATE INDEX users_role_created_at_id_idx ON users (role, created_at, id);
