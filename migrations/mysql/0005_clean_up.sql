-- sessions: the index sessions_expires_at_idx (expires_at) is new.
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

-- codes: the index codes_created_at_idx (created_at) is new.
CREATE INDEX codes_created_at_idx ON codes (created_at);
