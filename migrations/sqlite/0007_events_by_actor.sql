-- events: the index events_actor_id_idx (actor_id) is new.
CREATE INDEX events_actor_id_idx ON events (actor_id);
