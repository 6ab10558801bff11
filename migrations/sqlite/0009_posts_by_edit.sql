-- posts: the index posts_author_id_edited_at_id_idx (author_id, edited_at, id) is new.
CREATE INDEX posts_author_id_edited_at_id_idx ON posts (author_id, edited_at, id);
