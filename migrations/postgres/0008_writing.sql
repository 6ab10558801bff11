-- drafts is new.
CREATE TABLE drafts (
  post_id uuid NOT NULL PRIMARY KEY,
  title text NOT NULL,
  slug text NOT NULL,
  excerpt text NOT NULL,
  content text NOT NULL,
  saved_by uuid NOT NULL,
  saved_at timestamptz(3) NOT NULL,
  CONSTRAINT drafts_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE
);

-- revisions is new.
CREATE TABLE revisions (
  id uuid NOT NULL PRIMARY KEY,
  post_id uuid NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  excerpt text NOT NULL,
  content text NOT NULL,
  saved_by uuid NOT NULL,
  saved_at timestamptz(3) NOT NULL,
  CONSTRAINT revisions_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
  CONSTRAINT revisions_kind_check CHECK (kind IN ('saved', 'published'))
);
CREATE INDEX revisions_post_id_saved_at_id_idx ON revisions (post_id, saved_at, id);

-- posts.version is new.
ALTER TABLE posts ADD COLUMN version bigint NOT NULL DEFAULT 0;

-- posts.edited_at is new.
ALTER TABLE posts ADD COLUMN edited_at timestamptz(3);

-- Posts of before were last edited when readers last saw a change.
UPDATE posts SET edited_at = updated_at;
