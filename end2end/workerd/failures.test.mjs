// What becomes of a request when its database misbehaves: the right status, a sentence, nothing done twice, and never a hang.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { asked, increment, isUnavailable } from "./asking.mjs";
import { start } from "./harness.mjs";
import { database, standIn } from "./servers.mjs";

describe("settings", () => {
  const url = "postgres://someone:a-password-nobody-sees@127.0.0.1:1/site";
  const cases = [
    ["an unknown driver", { DB_DRIVER: "oracle" }, /DB_DRIVER is `oracle`/],
    ["no URL", { DB_DRIVER: "postgres" }, /secret DATABASE_URL is missing/],
    ["another engine's URL", { DB_DRIVER: "mysql", DATABASE_URL: url }, /DATABASE_URL is one of postgres/],
    ["no URL at all", { DB_DRIVER: "postgres", DATABASE_URL: "127.0.0.1/site" }, /DATABASE_URL cannot be used/],
    ["a bad mode", { DB_DRIVER: "postgres", DATABASE_URL: `${url}?sslmode=prefer` }, /sslmode is `prefer`/],
    ["no binding", { DB_DRIVER: "hyperdrive" }, /HYPERDRIVE_CACHED nor HYPERDRIVE_DIRECT/],
    ["nobody there", { DB_DRIVER: "postgres", DATABASE_URL: `${url}?sslmode=disable` }, /connection to the database/],
  ];
  for (const [name, vars, why] of cases) {
    test(`${name} is a 503 that names it; what needs no database is served`, async () => {
      const site = await start({ vars });
      const html = { headers: { accept: "text/html" } };
      isUnavailable(await asked(site.url, "/posts", html), why);
      isUnavailable(await asked(site.url, "/api/v1/posts"), why);
      assert.equal((await asked(site.url, "/about")).status, 200);
      assert.ok(!site.lines.join("\n").includes("a-password-nobody-sees"));
      await site.stop();
    });
  }
});

for (const engine of ["postgres", "mysql"]) {
  describe(engine, () => {
    let db, site;

    before(async () => {
      db = await database(engine, "failures");
      site = await start({ vars: { DB_DRIVER: engine, DATABASE_URL: db.plain } });
    });

    after(async () => {
      await site?.stop();
      await db?.remove();
    });

    /** The Worker for one test, with another address of the database. */
    const at = async (t, change, vars = {}) => {
      const url = new URL(db.plain);
      change(url);
      const other = await start({ vars: { DB_DRIVER: engine, DATABASE_URL: url.href, ...vars } });
      t.after(other.stop);
      return other;
    };

    test("a wrong password", async (t) => {
      const other = await at(t, (url) => (url.password = "not-this-one-at-all"));
      const answer = await asked(other.url, "/posts");
      isUnavailable(answer, /refuse[sd].* the user/);
      assert.ok(!answer.text.includes("not-this-one"));
      assert.ok(!other.lines.join("\n").includes("not-this-one"));
    });

    test("a database that does not exist", async (t) => {
      const other = await at(t, (url) => (url.pathname = "/nowhere"));
      isUnavailable(await asked(other.url, "/posts"), /no (such )?database|refused the user/);
    });

    test("a server whose certificate nobody signed that we trust", async () => {
      // The authority that is trusted is read when a process begins: this one has none.
      const script = `
        import { start } from ${JSON.stringify(new URL("./harness.mjs", import.meta.url).href)};
        const site = await start({ vars: { DB_DRIVER: "${engine}", DATABASE_URL: "${db.secure}" } });
        const response = await fetch(new URL("/posts", site.url));
        console.log(response.status, (await response.text()).includes("connection"));
        await site.stop();`;
      const { NODE_EXTRA_CA_CERTS, ...env } = process.env;
      assert.ok(NODE_EXTRA_CA_CERTS, "the others trust the tests' own authority");
      const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env });
      assert.equal(stdout.trim(), "503 true");
    });

    test("a server without TLS, where it was not said that none is needed", async (t) => {
      const plain = await standIn(db.plain);
      t.after(plain.stop);
      const other = await at(t, (url) => Object.assign(url, { host: new URL(plain.url).host, search: "" }));
      isUnavailable(await asked(other.url, "/posts"), /TLS/);
    });

    test("a database without tables says what to run", async () => {
      await db.ask("ALTER TABLE posts RENAME TO away");
      const answer = await asked(site.url, "/posts");
      await db.ask("ALTER TABLE away RENAME TO posts");
      isUnavailable(answer, /cargo x db migrate/);
      assert.equal((await asked(site.url, "/posts")).status, 200);
    });

    test("a table that another holds is a 503 in good time", async (t) => {
      const holder = hold(engine, db);
      t.after(() => holder.kill());
      await new Promise((resolve) => setTimeout(resolve, 700));
      const started = Date.now();
      isUnavailable(await asked(site.url, "/posts"), /in time/);
      assert.ok(Date.now() - started < 15_000);
      holder.kill();
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.equal((await asked(site.url, "/posts")).status, 200);
    });

    test("statements are logged without their values when asked for", async (t) => {
      const talks = await at(t, () => {}, { LOG_SQL: "1" });
      await asked(talks.url, "/posts?q=night");
      await new Promise((resolve) => setTimeout(resolve, 100));
      const lines = talks.lines.join("\n");
      assert.match(lines, /sql SELECT .*text of \d+ bytes.* rows/s);
      assert.ok(!lines.includes("night"));
      assert.ok(!site.lines.join("\n").includes("SELECT"));
    });
  });
}

/** Somebody who holds the table of posts for a while. */
function hold(engine, db) {
  const url = new URL(db.plain.split("?")[0]);
  if (engine === "postgres") {
    return spawn("psql", [url.href, "-Xqc", "BEGIN; LOCK TABLE posts IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(12)"]);
  }
  const args = [`-h${url.hostname}`, `-P${url.port}`, `-u${url.username}`, url.pathname.slice(1)];
  const env = { ...process.env, MYSQL_PWD: decodeURIComponent(url.password) };
  return spawn("mariadb", [...args, "-e", "LOCK TABLES posts WRITE; SELECT SLEEP(12)"], { env });
}

test("a read-only PostgreSQL gives pages and takes no writes", async (t) => {
  const db = await database("postgres", "read_only");
  t.after(db.remove);
  const site = await start({ vars: { DB_DRIVER: "postgres", DATABASE_URL: db.plain } });
  t.after(site.stop);
  await db.ask(`ALTER DATABASE ${db.name} SET default_transaction_read_only = on`);
  assert.equal((await asked(site.url, "/posts")).status, 200);
  isUnavailable(await increment(site.url), /read-only/);
});

test("a PostgreSQL that has no connection left is a 503", async (t) => {
  const db = await database("postgres", "full");
  t.after(db.remove);
  await db.ask(`ALTER DATABASE ${db.name} CONNECTION LIMIT 1`);
  const url = new URL(db.plain.split("?")[0]);
  const holder = spawn("psql", [url.href, "-Xqc", "SELECT pg_sleep(20)"]);
  t.after(() => holder.kill());
  await new Promise((resolve) => setTimeout(resolve, 700));
  const site = await start({ vars: { DB_DRIVER: "postgres", DATABASE_URL: db.plain } });
  t.after(site.stop);
  isUnavailable(await asked(site.url, "/posts"), /connection to the database/);
  assert.match(site.lines.join("\n"), /too many connections/);
});
