-- events: the index events_actor_id_idx (actor_id) is new.
-- lint: allow write-lock: the table is small, because nobody could sign up before 0004_accounts
CREATE INDEX events_actor_id_idx ON events (actor_id);
