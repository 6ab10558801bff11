-- events is new.
CREATE TABLE events (
  id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  kind VARCHAR(40) NOT NULL,
  user_id CHAR(36) CHARACTER SET ascii,
  actor_id CHAR(36) CHARACTER SET ascii,
  session_id CHAR(36) CHARACTER SET ascii,
  detail VARCHAR(200) NOT NULL,
  address VARCHAR(45),
  address_expires_at DATETIME(3),
  created_at DATETIME(3) NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX events_address_expires_at_idx ON events (address_expires_at);
CREATE INDEX events_created_at_id_idx ON events (created_at, id);
CREATE INDEX events_user_id_created_at_id_idx ON events (user_id, created_at, id);

-- codes is new.
CREATE TABLE codes (
  id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  purpose VARCHAR(16) NOT NULL,
  user_id CHAR(36) CHARACTER SET ascii,
  email VARCHAR(254) NOT NULL,
  code_hash VARCHAR(64) NOT NULL,
  browser_hash VARCHAR(64) NOT NULL,
  attempts BIGINT NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  used_at DATETIME(3),
  created_at DATETIME(3) NOT NULL,
  CONSTRAINT codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT codes_purpose_check CHECK (purpose IN ('verify_email', 'sign_in', 'reset_password', 'change_email', 'confirm', 'link', 'set_up'))
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX codes_browser_hash_purpose_idx ON codes (browser_hash, purpose);
CREATE INDEX codes_email_created_at_idx ON codes (email, created_at);
CREATE INDEX codes_user_id_idx ON codes (user_id);

-- invites is new.
CREATE TABLE invites (
  id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  token_hash VARCHAR(64) NOT NULL,
  created_by CHAR(36) CHARACTER SET ascii NOT NULL,
  role VARCHAR(16) NOT NULL,
  note VARCHAR(80) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  used_at DATETIME(3),
  used_by CHAR(36) CHARACTER SET ascii,
  created_at DATETIME(3) NOT NULL,
  CONSTRAINT invites_token_hash_key UNIQUE (token_hash),
  CONSTRAINT invites_created_by_fkey FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT invites_role_check CHECK (role IN ('reader', 'author', 'editor', 'admin'))
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX invites_created_at_id_idx ON invites (created_at, id);
CREATE INDEX invites_created_by_created_at_id_idx ON invites (created_by, created_at, id);

-- passkeys is new.
CREATE TABLE passkeys (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  user_id CHAR(36) CHARACTER SET ascii NOT NULL,
  credential_id LONGBLOB NOT NULL,
  public_key LONGBLOB NOT NULL,
  algorithm BIGINT NOT NULL,
  sign_count BIGINT NOT NULL,
  name VARCHAR(80) NOT NULL,
  transports VARCHAR(100) NOT NULL,
  backup_eligible TINYINT(1) NOT NULL,
  backed_up TINYINT(1) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  last_used_at DATETIME(3),
  CONSTRAINT passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX passkeys_user_id_idx ON passkeys (user_id);

-- profile_links is new.
CREATE TABLE profile_links (
  id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  user_id CHAR(36) CHARACTER SET ascii NOT NULL,
  position BIGINT NOT NULL,
  label VARCHAR(80) NOT NULL,
  url VARCHAR(500) NOT NULL,
  CONSTRAINT profile_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX profile_links_user_id_position_idx ON profile_links (user_id, position);

-- user_handles is new.
CREATE TABLE user_handles (
  handle VARCHAR(30) NOT NULL PRIMARY KEY,
  user_id CHAR(36) CHARACTER SET ascii NOT NULL,
  released_at DATETIME(3) NOT NULL,
  CONSTRAINT user_handles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX user_handles_user_id_idx ON user_handles (user_id);

-- users.email_verified_at is new.
ALTER TABLE users ADD COLUMN email_verified_at DATETIME(3);

-- users.suspended_at is new.
ALTER TABLE users ADD COLUMN suspended_at DATETIME(3);

-- users.suspended_reason is new.
ALTER TABLE users ADD COLUMN suspended_reason VARCHAR(500);

-- users.erase_at is new.
ALTER TABLE users ADD COLUMN erase_at DATETIME(3);

-- users.keeps_posts is new.
ALTER TABLE users ADD COLUMN keeps_posts TINYINT(1) NOT NULL DEFAULT 0;

-- users.erased_at is new.
ALTER TABLE users ADD COLUMN erased_at DATETIME(3);

-- sessions.public_id is new.
ALTER TABLE sessions ADD COLUMN public_id CHAR(36) CHARACTER SET ascii;

-- sessions.last_seen_at is new.
ALTER TABLE sessions ADD COLUMN last_seen_at DATETIME(3);

-- sessions.confirmed_at is new.
ALTER TABLE sessions ADD COLUMN confirmed_at DATETIME(3);

-- users: the index users_erase_at_idx (erase_at) is new.
CREATE INDEX users_erase_at_idx ON users (erase_at);

-- users: the index users_role_created_at_id_idx (role, created_at, id) is new.
CREATE INDEX users_role_created_at_id_idx ON users (role, created_at, id);
