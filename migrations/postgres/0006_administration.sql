-- users: the index users_suspended_at_id_idx (suspended_at, id) is new.
-- lint: allow write-lock: the table is small, because nobody could sign up before this
CREATE INDEX users_suspended_at_id_idx ON users (suspended_at, id);

-- events: the index events_kind_created_at_id_idx (kind, created_at, id) is new.
-- lint: allow write-lock: the table is small, because nobody could sign up before this
CREATE INDEX events_kind_created_at_id_idx ON events (kind, created_at, id);
