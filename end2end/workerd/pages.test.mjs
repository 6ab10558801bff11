// Prerendered pages in the built Worker: served without rendering while they are current, and never after.
import assert from "node:assert/strict";
import { appendFile, readFile, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { ORIGIN, prerender } from "../bench/lib/prerendered.mjs";
import { databaseFile } from "../bench/lib/state.mjs";
import { folder, root, seeded, sessions, sessionsBySql, start } from "./harness.mjs";
import { database } from "./servers.mjs";

const VARS = { SITE_URL: ORIGIN };
/** The `Cache-Control` of a page that was rendered before. */
const KEPT = "public, max-age=0, stale-if-error=86400";

/** Prerenders the database at `url` into a new folder. */
async function prerendered(url) {
  const place = await folder();
  const out = path.join(place.path, "site");
  prerender({ root, url, out });
  return { path: out, remove: place.remove };
}

/** Reads the manifest: a map from path to file. */
async function manifest(site) {
  const parts = await readdir(path.join(site, "_pages/manifest"));
  const all = await Promise.all(parts.map(async (part) => JSON.parse(await readFile(path.join(site, "_pages/manifest", part), "utf8"))));
  const file = (page) => path.join(site, `_pages${page === "/" ? "/home" : page}`);
  return new Map(all.flatMap(Object.entries).map(([page, version]) => [page, `${file(page)}.${version}`]));
}

/** Creates a database of the example site on each engine, with helpers to start the Worker on it and to query it. */
const ENGINES = {
  d1: async () => {
    const place = await seeded();
    return {
      url: `sqlite:${databaseFile(place.state)}`,
      start: (options) => start({ state: place.state, ...options }),
      query: async (sql, site) => {
        const { results } = await (await site.database()).prepare(sql).all();
        return results.map((row) => Object.values(row).join("|")).join("\n");
      },
      sessions: (site, count) => sessions(site, count),
      time: "1700000000000",
      breakDatabase: ["DROP TABLE comments"],
      remove: place.remove,
    };
  },
  postgres: async () => {
    const db = await database("postgres", "workerd_pages");
    return {
      url: db.plain,
      start: ({ vars, ...options }) => start({ vars: { ...vars, DB_DRIVER: "postgres", DATABASE_URL: db.plain }, ...options }),
      query: (sql) => db.query(sql),
      sessions: (_, count) => sessionsBySql(db.query, count),
      time: "'2023-11-14 22:13:20+00'",
      breakDatabase: [`ALTER TABLE comments RENAME TO comments_away`],
      remove: db.remove,
    };
  },
};

for (const [name, createDatabase] of Object.entries(ENGINES)) {
  describe(`prerendered pages on ${name}`, { concurrency: 1 }, () => {
    let db, pages, site, files, post, newest;
    const query = (sql) => db.query(sql, site);
    const get = async (address, headers = {}, of = site) => {
      const response = await fetch(new URL(address, of.url), { redirect: "manual", headers });
      const text = await response.text();
      const timing = /(\d+) round trips, (\d+) statements/.exec(response.headers.get("server-timing") ?? "");
      return { status: response.status, headers: response.headers, text, trips: Number(timing?.[1]), statements: Number(timing?.[2]) };
    };
    /** Waits until the rendered page is cached, which happens after the response. */
    const cached = async (address, of = site) => {
      for (const end = Date.now() + 10_000; Date.now() < end; ) {
        const answer = await get(address, {}, of);
        if (answer.statements === 1) return answer;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.fail(`${address} was not cached`);
    };

    before(async () => {
      db = await createDatabase();
      pages = await prerendered(db.url);
      site = await db.start({ assets: pages.path, vars: VARS });
      files = await manifest(pages.path);
      // A post with comments, and neighbours on both sides.
      const [slug, id, author, handle] = (
        await query(
          "SELECT posts.slug, posts.id, posts.author_id, users.handle FROM posts JOIN users ON users.id = posts.author_id " +
            "WHERE comment_count > 2 AND status = 'published' AND posts.deleted_at IS NULL AND users.deleted_at IS NULL " +
            "AND published_at < (SELECT max(published_at) FROM posts WHERE status = 'published') ORDER BY published_at DESC LIMIT 1",
        )
      ).split("|");
      post = { path: `/posts/${slug}`, slug, id, author, handle };
      const [first, firstSlug] = (
        await query("SELECT id, slug FROM posts WHERE status = 'published' AND deleted_at IS NULL ORDER BY published_at DESC, id DESC LIMIT 1")
      ).split("|");
      const user = await query("SELECT id FROM users WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 1");
      newest = { id: first, slug: firstSlug, user };
    });

    after(async () => {
      await site?.stop();
      await pages?.remove();
      await db?.remove();
    });

    test("every prerendered page equals what the Worker renders, byte for byte", async () => {
      const plain = await db.start({ vars: VARS });
      try {
        assert.ok(files.size > 400, `${files.size} pages`);
        for (const [page, file] of files) {
          const rendered = await get(page, {}, plain);
          assert.equal(rendered.status, 200, page);
          assert.equal(rendered.text, await readFile(file, "utf8"), page);
        }
        const about = await get("/about", {}, plain);
        assert.equal(about.text, await readFile(path.join(pages.path, "about"), "utf8"));
        // The theme depends on the request. (The origin does not: it is SITE_URL.)
        for (const page of [post.path, `/users/${post.handle}`, "/", "/posts", "/users"]) {
          for (const theme of ["light", "dark"]) {
            const cookie = { cookie: `theme=${theme}` };
            const [rendered, served] = [await get(page, cookie, plain), await get(page, cookie)];
            assert.equal(served.statements, 1);
            assert.equal(served.text, rendered.text, `${page} in ${theme}`);
          }
        }
        for (const header of ["content-type", "content-security-policy", "vary", "strict-transport-security", "speculation-rules"]) {
          for (const page of [post.path, "/posts", "/feed.xml"]) {
            assert.equal((await get(page)).headers.get(header), (await get(page, {}, plain)).headers.get(header), `${header} of ${page}`);
          }
        }
      } finally {
        await plain.stop();
      }
    });

    test("an unchanged page takes one statement, is served from its file, and is revalidated by ETag", async () => {
      // A page that has not been requested yet.
      const [other, file] = [...files].find(([page]) => page.startsWith("/posts/") && page !== post.path);
      await appendFile(file, "<!-- from the file -->");
      assert.match((await get(other)).text, /<!-- from the file -->$/);
      await rm(file);
      const remembered = await get(other);
      assert.match(remembered.text, /<!-- from the file -->$/);
      assert.equal(remembered.statements, 1);
      files.delete(other);
      const first = await get(post.path);
      assert.deepEqual([first.status, first.trips, first.statements], [200, 1, 1]);
      assert.equal(first.headers.get("cache-control"), KEPT);
      const etag = first.headers.get("etag");
      const again = await get(post.path, { "if-none-match": etag });
      assert.deepEqual([again.status, again.text, again.statements, again.headers.get("etag")], [304, "", 1, etag]);
      const dark = await get(post.path, { "if-none-match": etag, cookie: "theme=dark" });
      assert.equal(dark.status, 200);
      const head = await fetch(new URL(post.path, site.url), { method: "HEAD" });
      assert.deepEqual([head.status, head.headers.get("etag"), await head.text()], [200, etag, ""]);
      for (const page of ["/", "/posts", "/users", `/users/${post.handle}`, "/feed.xml", `/users/${post.handle}/feed.xml`]) {
        const { status, statements, headers } = await get(page);
        assert.deepEqual([status, statements], [200, 1], page);
        assert.equal(headers.get("cache-control"), KEPT, page);
      }
    });

    test("prerendered files cannot be requested directly", async () => {
      for (const file of files.values()) {
        assert.equal((await get(`/${path.relative(pages.path, file)}`)).status, 404);
        break;
      }
      for (const address of ["/_pages/build", "/_pages/manifest/00.json", "/_pages/errors/500"]) {
        assert.equal((await get(address)).status, 404, address);
      }
    });

    // Each change: its SQL, the pages that it affects, and what the next request shows. All are undone afterwards.
    const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
    // In brackets, because query results are trimmed.
    const column = async (table, name, id) =>
      quoted((await query(`SELECT '[' || ${name} || ']' FROM ${table} WHERE id = '${id}'`)).slice(1, -1));
    const changes = {
      "an edited title": {
        change: () => `UPDATE posts SET title = 'Edited by hand' WHERE id = '${post.id}'`,
        pages: () => [post.path, `/users/${post.handle}`],
        shows: ({ text }) => assert.match(text, /Edited by hand/),
        undo: async () => `UPDATE posts SET title = ${await column("posts", "title", post.id)} WHERE id = '${post.id}'`,
      },
      "an edited text of equal length": {
        change: () => `UPDATE posts SET content_html = replace(content_html, 'the', 'THE') WHERE id = '${post.id}'`,
        pages: () => [post.path],
        shows: ({ text }) => assert.match(text, /THE/),
        undo: async () => `UPDATE posts SET content_html = ${await column("posts", "content_html", post.id)} WHERE id = '${post.id}'`,
      },
      "an unpublished post": {
        change: () => `UPDATE posts SET status = 'draft' WHERE id = '${post.id}'`,
        pages: () => [post.path],
        shows: ({ status }) => assert.equal(status, 410),
        undo: async () => `UPDATE posts SET status = 'published' WHERE id = '${post.id}'`,
      },
      "a deleted post": {
        change: () => `UPDATE posts SET deleted_at = ${db.time} WHERE id = '${post.id}'`,
        pages: () => [post.path],
        shows: ({ status }) => assert.equal(status, 410),
        undo: async () => `UPDATE posts SET deleted_at = NULL WHERE id = '${post.id}'`,
      },
      "a renamed author": {
        change: () => `UPDATE users SET name = 'Somebody Else' WHERE id = '${post.author}'`,
        pages: () => [post.path, `/users/${post.handle}`, `/users/${post.handle}/feed.xml`],
        shows: ({ text }) => assert.match(text, /Somebody Else/),
        undo: async () => `UPDATE users SET name = ${await column("users", "name", post.author)} WHERE id = '${post.author}'`,
      },
      "a closed account": {
        change: () => `UPDATE users SET deleted_at = ${db.time} WHERE id = '${post.author}'`,
        pages: () => [post.path, `/users/${post.handle}`, `/users/${post.handle}/feed.xml`],
        shows: ({ status }) => assert.equal(status, 410),
        undo: async () => `UPDATE users SET deleted_at = NULL WHERE id = '${post.author}'`,
      },
      "a renamed commenter": {
        change: () =>
          `UPDATE users SET name = 'A Reader Renamed' WHERE id = (SELECT author_id FROM comments WHERE post_id = '${post.id}' AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 1)`,
        pages: () => [post.path],
        shows: ({ text }) => assert.match(text, /A Reader Renamed/),
        undo: async () => {
          const [id, was] = (
            await query(
              `SELECT users.id, users.name FROM users JOIN comments ON comments.author_id = users.id WHERE post_id = '${post.id}' AND comments.deleted_at IS NULL ORDER BY comments.created_at DESC, comments.id DESC LIMIT 1`,
            )
          ).split("|");
          return `UPDATE users SET name = ${quoted(was)} WHERE id = '${id}'`;
        },
      },
      "an added comment": {
        change: () =>
          `INSERT INTO comments (id, post_id, author_id, body, body_html, created_at) SELECT '01890000-0000-7000-8000-000000000001', '${post.id}', '${post.author}', 'A comment from nowhere', '<p>A comment from nowhere</p>', ${db.time}`,
        pages: () => [post.path],
        shows: ({ text }) => assert.match(text, /A comment from nowhere/),
        undo: async () => "DELETE FROM comments WHERE id = '01890000-0000-7000-8000-000000000001'",
      },
      "the deletion of all comments": {
        change: () => `UPDATE comments SET deleted_at = ${db.time} WHERE post_id = '${post.id}' AND deleted_at IS NULL`,
        pages: () => [post.path],
        shows: ({ text }) => assert.doesNotMatch(text, /class="comment-body"/),
        undo: async () => {
          const ids = await query(`SELECT id FROM comments WHERE post_id = '${post.id}' AND deleted_at IS NULL`);
          return `UPDATE comments SET deleted_at = NULL WHERE id IN (${ids.split("\n").map(quoted).join()})`;
        },
      },
      "a changed slug": {
        change: () => `UPDATE posts SET slug = 'somewhere-else-now' WHERE id = '${post.id}'`,
        also: () => `INSERT INTO post_slugs (slug, post_id) VALUES ('${post.slug}', '${post.id}')`,
        pages: () => [post.path],
        shows: ({ status, headers }) => assert.deepEqual([status, headers.get("location")], [301, "/posts/somewhere-else-now"]),
        undo: async () => `UPDATE posts SET slug = '${post.slug}' WHERE id = '${post.id}'`,
        alsoUndo: () => `DELETE FROM post_slugs WHERE slug = '${post.slug}'`,
      },
      "the newest post's changed title": {
        change: () => `UPDATE posts SET title = 'First of All' WHERE id = '${newest.id}'`,
        pages: () => ["/", "/posts"],
        shows: ({ text }) => assert.match(text, /First of All/),
        undo: async () => `UPDATE posts SET title = ${await column("posts", "title", newest.id)} WHERE id = '${newest.id}'`,
      },
      "the newest post's withdrawal": {
        change: () => `UPDATE posts SET status = 'archived' WHERE id = '${newest.id}'`,
        pages: () => ["/", "/posts"],
        shows: ({ text }) => assert.ok(!text.includes(`/posts/${newest.slug}`)),
        undo: async () => `UPDATE posts SET status = 'published' WHERE id = '${newest.id}'`,
      },
      "the end of the list": {
        // Eleven rows are read to know whether there are more than ten.
        change: () => `UPDATE posts SET deleted_at = ${db.time} WHERE deleted_at IS NULL AND published_at < (SELECT min(published_at) FROM (SELECT published_at FROM posts WHERE status = 'published' AND deleted_at IS NULL ORDER BY published_at DESC LIMIT 5) AS newest)`,
        pages: () => ["/posts"],
        shows: ({ text }) => assert.doesNotMatch(text, /rel="next"/),
        undo: async () => {
          const ids = await query("SELECT id FROM posts WHERE deleted_at IS NULL");
          return `UPDATE posts SET deleted_at = NULL WHERE id IN (${ids.split("\n").map(quoted).join()})`;
        },
      },
      "a renamed newest author": {
        change: () => `UPDATE users SET name = 'Nobody Yet' WHERE id = '${newest.user}'`,
        pages: () => ["/users"],
        shows: ({ text }) => assert.match(text, /Nobody Yet/),
        undo: async () => `UPDATE users SET name = ${await column("users", "name", newest.user)} WHERE id = '${newest.user}'`,
      },
      "a neighbour's changed title": {
        change: () =>
          `UPDATE posts SET title = 'A New Sign' WHERE slug = '${neighbour}'`,
        pages: () => [post.path],
        shows: ({ text }) => assert.match(text, /A New Sign/),
        undo: async () => {
          const was = await get(post.path);
          neighbour = /rel="(?:prev|next)" href="\/posts\/([^"]+)"/.exec(was.text)[1];
          return `UPDATE posts SET title = ${quoted(await query(`SELECT title FROM posts WHERE slug = '${neighbour}'`))} WHERE slug = '${neighbour}'`;
        },
      },
    };
    let neighbour;

    for (const [what, { change, also, pages: shown, shows, undo, alsoUndo }] of Object.entries(changes)) {
      test(`${what} is visible to the next request, and so is its reversal`, async () => {
        const undoSql = await undo();
        const was = new Map();
        for (const page of shown()) was.set(page, (await get(page)).text);
        await query(change());
        if (also) await query(also());
        for (const page of shown()) shows(await get(page));
        await query(undoSql);
        if (alsoUndo) await query(alsoUndo());
        for (const page of shown()) {
          const now = await get(page);
          assert.deepEqual([now.status, now.statements, now.headers.get("cache-control")], [200, 1, KEPT], page);
          assert.equal(now.text, was.get(page), page);
        }
      });
    }

    test("a new post is available at once, and rendered once", async () => {
      const columns = "author_id, title, excerpt, content, content_html, renderer_version, reading_minutes, search_text, comment_count, status, comments_open, published_at, created_at, updated_at, deleted_at";
      const id = "01890000-0000-7000-8000-000000000002";
      assert.equal((await get("/posts/brand-new")).status, 404);
      await query(`INSERT INTO posts (id, slug, ${columns}) SELECT '${id}', 'brand-new', ${columns} FROM posts WHERE id = '${post.id}'`);
      // A reader who has the same bytes under the tag of another address still gets the page, and so it is cached.
      const { headers } = await get("/posts/brand-new?and=a-query");
      const first = await get("/posts/brand-new", { "if-none-match": headers.get("etag") });
      assert.deepEqual([first.status, first.statements], [200, 5]);
      const next = await cached("/posts/brand-new");
      assert.equal(next.text, first.text);
      assert.equal(next.headers.get("etag"), first.headers.get("etag"));
      await query(`UPDATE posts SET title = 'Newer still' WHERE id = '${id}'`);
      assert.match((await get("/posts/brand-new")).text, /Newer still/);
      await cached("/posts/brand-new");
      await query(`DELETE FROM posts WHERE id = '${id}'`);
      assert.equal((await get("/posts/brand-new")).status, 404);
    });

    test("a signed-in reader gets their own page, which is not cached", async () => {
      const [{ cookie }] = await db.sessions(site, 1);
      await query(`UPDATE posts SET title = 'Only rendered' WHERE id = '${post.id}'`);
      for (let times = 0; times < 3; times += 1) {
        const own = await get(post.path, { cookie });
        assert.deepEqual([own.status, own.statements], [200, 4]);
      }
      assert.equal((await get(post.path)).statements, 5, "the next anonymous reader pays: nothing was cached");
    });

    test("without SESSION_SECRET, prerendered pages are still used", async () => {
      const apart = await db.start({ assets: pages.path, vars: { ...VARS, SESSION_SECRET: "" } });
      try {
        const unchanged = [...files.keys()].find((page) => /^\/users\/[^/]+$/.test(page) && page !== `/users/${post.handle}`);
        const page = await get(unchanged, {}, apart);
        assert.deepEqual([page.status, page.statements, page.headers.get("x-stale")], [200, 1, null]);
      } finally {
        await apart.stop();
      }
    });

    test("prerendered pages of another build are ignored", async () => {
      const { cp, writeFile } = await import("node:fs/promises");
      const place = await folder();
      const other = path.join(place.path, "site");
      await cp(pages.path, other, { recursive: true });
      await writeFile(path.join(other, "_pages/build"), "another");
      const apart = await db.start({ assets: other, vars: VARS });
      try {
        // Its fingerprint is not asked for: the page is rendered, from the author, their links and posts, and who had the handle.
      assert.equal((await get(`/users/${post.handle}`, {}, apart)).statements, 4);
      } finally {
        await apart.stop();
        await place.remove();
      }
    });

    test("with a KV namespace, pages are cached there", async () => {
      const apart = await db.start({ assets: pages.path, kv: "PAGES", vars: VARS });
      try {
        await query(`UPDATE posts SET title = 'Kept in KV' WHERE id = '${post.id}'`);
        const first = await get(post.path, {}, apart);
        assert.deepEqual([first.status, first.statements], [200, 5]);
        assert.equal((await cached(post.path, apart)).text, first.text);
      } finally {
        await apart.stop();
      }
    });

    test("without the database, readers get the last good page with a notice; withdrawn pages stay away", async () => {
      const [gone, other] = [...files.keys()].filter((page) => page.startsWith("/posts/") && page !== post.path);
      await query(`UPDATE posts SET status = 'archived' WHERE slug = '${gone.slice("/posts/".length)}'`);
      assert.equal((await get(gone)).status, 410);
      await cached(post.path);
      await new Promise((resolve) => setTimeout(resolve, 300));
      for (const sql of db.breakDatabase) await query(sql);

      const edited = await get(post.path);
      assert.equal(edited.status, 200);
      assert.match(edited.text, /Kept in KV/, "the page as it was cached last");
      for (const page of [post.path, other]) {
        const last = await get(page);
        assert.equal(last.status, 200, page);
        assert.equal(last.headers.get("cache-control"), "no-store");
        assert.equal(last.headers.get("x-stale"), "the database does not answer");
        assert.match(last.text, /<p class="stale" role="status">/);
        assert.equal(last.headers.get("etag"), null);
      }
      assert.equal((await get(gone)).status, 503, "a withdrawn post is not shown");
      assert.equal((await get(`${post.path}?not=prerendered`)).status, 503);
      // Lists do not read the table that is away.
      for (const page of ["/", "/posts", "/users"]) assert.equal((await get(page)).status, 200, page);
    });
  });
}
