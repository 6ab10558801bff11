-- drafts is new.
CREATE TABLE drafts (
  post_id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  title VARCHAR(300) NOT NULL,
  slug VARCHAR(80) NOT NULL,
  excerpt VARCHAR(300) NOT NULL,
  content LONGTEXT NOT NULL,
  saved_by CHAR(36) CHARACTER SET ascii NOT NULL,
  saved_at DATETIME(3) NOT NULL,
  CONSTRAINT drafts_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- revisions is new.
CREATE TABLE revisions (
  id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  post_id CHAR(36) CHARACTER SET ascii NOT NULL,
  kind VARCHAR(16) NOT NULL,
  title VARCHAR(300) NOT NULL,
  excerpt VARCHAR(300) NOT NULL,
  content LONGTEXT NOT NULL,
  saved_by CHAR(36) CHARACTER SET ascii NOT NULL,
  saved_at DATETIME(3) NOT NULL,
  CONSTRAINT revisions_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
  CONSTRAINT revisions_kind_check CHECK (kind IN ('saved', 'published'))
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX revisions_post_id_saved_at_id_idx ON revisions (post_id, saved_at, id);

-- posts.version is new.
ALTER TABLE posts ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

-- posts.edited_at is new.
ALTER TABLE posts ADD COLUMN edited_at DATETIME(3);

-- Posts of before were last edited when readers last saw a change.
UPDATE posts SET edited_at = updated_at;
