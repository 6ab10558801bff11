-- A post is public from its time on, whether it was published or scheduled: lists walk along the time alone.

CREATE INDEX posts_published_at_id_idx ON posts (published_at, id);
CREATE INDEX posts_author_id_published_at_id_idx ON posts (author_id, published_at, id);
DROP INDEX posts_status_published_at_id_idx;
DROP INDEX posts_author_id_status_published_at_id_idx;
