// The lists of posts and authors as one would write them with Hono, its JSX and Drizzle. The pages are simpler than the site's:
// no search, no metadata for sharing, no rows for an island, no ETag.
import { and, desc, eq, inArray, isNull, lte } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { Hono } from "hono";
import { jsxRenderer } from "hono/jsx-renderer";
import { secureHeaders } from "hono/secure-headers";

const ROWS = 10;

const users = sqliteTable("users", {
  id: text().primaryKey(),
  handle: text().notNull(),
  name: text().notNull(),
  bio: text().notNull(),
  postCount: integer("post_count").notNull(),
  createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
  deletedAt: integer("deleted_at", { mode: "timestamp_ms" }),
});
const posts = sqliteTable("posts", {
  id: text().primaryKey(),
  authorId: text("author_id").notNull(),
  title: text().notNull(),
  slug: text().notNull(),
  excerpt: text().notNull(),
  readingMinutes: integer("reading_minutes").notNull(),
  status: text().notNull(),
  publishedAt: integer("published_at", { mode: "timestamp_ms" }),
  deletedAt: integer("deleted_at", { mode: "timestamp_ms" }),
});

const app = new Hono();

app.use(secureHeaders());
app.use(
  jsxRenderer(({ children, title }) => (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="stylesheet" href="/assets/main.css" />
        <title>{title}</title>
      </head>
      <body>
        <header class="site-header">
          <a href="/" class="brand">The site</a>
          <nav aria-label="Site">
            <ul>
              <li><a href="/posts">Posts</a></li>
              <li><a href="/users">Authors</a></li>
              <li><a href="/about">About</a></li>
            </ul>
          </nav>
        </header>
        <main id="main">{children}</main>
        <footer class="site-footer"><a href="/feed.xml">Feed</a></footer>
      </body>
    </html>
  )),
);

const day = (date) => date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

app.get("/posts", async (c) => {
  const db = drizzle(c.env.DB);
  const now = new Date();
  const rows = await db
    .select({
      slug: posts.slug,
      title: posts.title,
      excerpt: posts.excerpt,
      readingMinutes: posts.readingMinutes,
      publishedAt: posts.publishedAt,
      handle: users.handle,
      name: users.name,
    })
    .from(posts)
    .innerJoin(users, eq(users.id, posts.authorId))
    .where(
      and(inArray(posts.status, ["published", "scheduled"]), lte(posts.publishedAt, now), isNull(posts.deletedAt), isNull(users.deletedAt)),
    )
    .orderBy(desc(posts.publishedAt), desc(posts.id))
    .limit(ROWS + 1);
  return c.render(
    <>
      <h1>Posts</h1>
      <ol class="posts">
        {rows.slice(0, ROWS).map((post) => (
          <li>
            <article>
              <time datetime={post.publishedAt.toISOString()} class="meta">{day(post.publishedAt)}</time>
              <h2><a href={`/posts/${post.slug}`}>{post.title}</a></h2>
              <p class="excerpt">{post.excerpt}</p>
              <p class="meta">
                <a href={`/users/${post.handle}`}>{post.name}</a>
                <span>{post.readingMinutes} min read</span>
              </p>
            </article>
          </li>
        ))}
      </ol>
      {rows.length > ROWS && <nav aria-label="Pages"><a rel="next" href="/posts?page=2">Older</a></nav>}
    </>,
    { title: "Posts" },
  );
});

app.get("/users", async (c) => {
  const db = drizzle(c.env.DB);
  const rows = await db
    .select({ handle: users.handle, name: users.name, bio: users.bio, postCount: users.postCount })
    .from(users)
    .where(isNull(users.deletedAt))
    .orderBy(desc(users.createdAt), desc(users.id))
    .limit(ROWS + 1);
  return c.render(
    <>
      <h1>Authors</h1>
      <ol class="people">
        {rows.slice(0, ROWS).map((person) => (
          <li>
            <h2><a href={`/users/${person.handle}`}>{person.name}</a></h2>
            <p class="meta">{person.postCount} posts</p>
            <p class="bio">{person.bio}</p>
          </li>
        ))}
      </ol>
      {rows.length > ROWS && <nav aria-label="Pages"><a rel="next" href="/users?page=2">Older</a></nav>}
    </>,
    { title: "Authors" },
  );
});

export default app;
