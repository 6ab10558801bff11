-- drafts is new.
CREATE TABLE drafts (
  post_id TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  slug TEXT NOT NULL,
  excerpt TEXT NOT NULL,
  content TEXT NOT NULL,
  saved_by TEXT NOT NULL,
  saved_at INTEGER NOT NULL,
  CONSTRAINT drafts_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE
);

-- revisions is new.
CREATE TABLE revisions (
  id TEXT NOT NULL PRIMARY KEY,
  post_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  excerpt TEXT NOT NULL,
  content TEXT NOT NULL,
  saved_by TEXT NOT NULL,
  saved_at INTEGER NOT NULL,
  CONSTRAINT revisions_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
  CONSTRAINT revisions_kind_check CHECK (kind IN ('saved', 'published'))
);
CREATE INDEX revisions_post_id_saved_at_id_idx ON revisions (post_id, saved_at, id);

-- posts.version is new.
ALTER TABLE posts ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

-- posts.edited_at is new.
ALTER TABLE posts ADD COLUMN edited_at INTEGER;

-- Posts of before were last edited when readers last saw a change.
UPDATE posts SET edited_at = updated_at;
