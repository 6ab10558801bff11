-- A user's stored number of posts includes those whose time is still to come; what readers see leaves them out.

UPDATE users SET post_count = (
  SELECT COUNT(1) FROM posts
  WHERE posts.author_id = users.id AND posts.status IN ('published', 'scheduled')
    AND posts.published_at IS NOT NULL AND posts.deleted_at IS NULL
);
