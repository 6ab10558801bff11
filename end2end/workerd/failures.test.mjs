// Requests while the database fails: the right status and message, no write applied twice, and no hang.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { assertUnavailable, increment, request } from "./requests.mjs";
import { start } from "./harness.mjs";
import { database, standIn } from "./servers.mjs";

describe("configuration errors", () => {
  const url = "postgres://someone:a-password-nobody-sees@127.0.0.1:1/site";
  const cases = [
    ["an unknown driver", { DB_DRIVER: "oracle" }, /DB_DRIVER is `oracle`/],
    ["a missing URL", { DB_DRIVER: "postgres" }, /secret DATABASE_URL is missing/],
    ["another engine's URL", { DB_DRIVER: "mysql", DATABASE_URL: url }, /DATABASE_URL is one of postgres/],
    ["an invalid URL", { DB_DRIVER: "postgres", DATABASE_URL: "127.0.0.1/site" }, /DATABASE_URL cannot be used/],
    ["an unsupported sslmode", { DB_DRIVER: "postgres", DATABASE_URL: `${url}?sslmode=prefer` }, /sslmode is `prefer`/],
    ["a missing binding", { DB_DRIVER: "hyperdrive" }, /HYPERDRIVE_CACHED nor HYPERDRIVE_DIRECT/],
    ["an unreachable server", { DB_DRIVER: "postgres", DATABASE_URL: `${url}?sslmode=disable` }, /connection to the database/],
  ];
  for (const [name, vars, reason] of cases) {
    test(`${name} is a 503 that names it; pages without data are served`, async () => {
      const site = await start({ vars });
      const html = { headers: { accept: "text/html" } };
      assertUnavailable(await request(site.url, "/posts", html), reason);
      assertUnavailable(await request(site.url, "/api/v1/posts"), reason);
      assert.equal((await request(site.url, "/about")).status, 200);
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

    /** Starts a Worker for one test, with a changed database URL. */
    const startWith = async (t, change, vars = {}) => {
      const url = new URL(db.plain);
      change(url);
      const other = await start({ vars: { DB_DRIVER: engine, DATABASE_URL: url.href, ...vars } });
      t.after(other.stop);
      return other;
    };

    test("a wrong password", async (t) => {
      const other = await startWith(t, (url) => (url.password = "not-this-one-at-all"));
      const response = await request(other.url, "/posts");
      assertUnavailable(response, /refuse[sd].* the user/);
      assert.ok(!response.text.includes("not-this-one"));
      assert.ok(!other.lines.join("\n").includes("not-this-one"));
    });

    test("a database that does not exist", async (t) => {
      const other = await startWith(t, (url) => (url.pathname = "/nowhere"));
      assertUnavailable(await request(other.url, "/posts"), /no (such )?database|refused the user/);
    });

    test("a server with an untrusted certificate", async () => {
      // Trusted authorities are read when a process starts: this one has none.
      const script = `
        import { start } from ${JSON.stringify(new URL("./harness.mjs", import.meta.url).href)};
        const site = await start({ vars: { DB_DRIVER: "${engine}", DATABASE_URL: "${db.secure}" } });
        const response = await fetch(new URL("/posts", site.url));
        console.log(response.status, (await response.text()).includes("connection"));
        await site.stop();`;
      const { NODE_EXTRA_CA_CERTS, ...env } = process.env;
      assert.ok(NODE_EXTRA_CA_CERTS, "the other tests trust the tests' own authority");
      const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env });
      assert.equal(stdout.trim(), "503 true");
    });

    test("a server without TLS, unless sslmode=disable allows it", async (t) => {
      const plain = await standIn(db.plain);
      t.after(plain.stop);
      const other = await startWith(t, (url) => Object.assign(url, { host: new URL(plain.url).host, search: "" }));
      assertUnavailable(await request(other.url, "/posts"), /TLS/);
    });

    test("a database without tables is a 503 that names the command to run", async () => {
      await db.query("ALTER TABLE posts RENAME TO away");
      const response = await request(site.url, "/posts");
      await db.query("ALTER TABLE away RENAME TO posts");
      assertUnavailable(response, /cargo x db migrate/);
      assert.equal((await request(site.url, "/posts")).status, 200);
    });

    test("a locked table is a 503 within the time limit", async (t) => {
      const holder = hold(engine, db);
      t.after(() => holder.kill());
      await new Promise((resolve) => setTimeout(resolve, 700));
      const started = Date.now();
      assertUnavailable(await request(site.url, "/posts"), /in time/);
      assert.ok(Date.now() - started < 15_000);
      holder.kill();
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.equal((await request(site.url, "/posts")).status, 200);
    });

    test("statements are logged without their values when logging is enabled", async (t) => {
      const logging = await startWith(t, () => {}, { LOG_SQL: "1" });
      await request(logging.url, "/posts?q=night");
      await new Promise((resolve) => setTimeout(resolve, 100));
      const lines = logging.lines.join("\n");
      assert.match(lines, /sql SELECT .*text of \d+ bytes.* rows/s);
      assert.ok(!lines.includes("night"));
      assert.ok(!site.lines.join("\n").includes("SELECT"));
    });
  });
}

/** Starts a client that locks the posts table for a while. */
function hold(engine, db) {
  const url = new URL(db.plain.split("?")[0]);
  if (engine === "postgres") {
    return spawn("psql", [url.href, "-Xqc", "BEGIN; LOCK TABLE posts IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(12)"]);
  }
  const args = [`-h${url.hostname}`, `-P${url.port}`, `-u${url.username}`, url.pathname.slice(1)];
  const env = { ...process.env, MYSQL_PWD: decodeURIComponent(url.password) };
  return spawn("mariadb", [...args, "-e", "LOCK TABLES posts WRITE; SELECT SLEEP(12)"], { env });
}

test("a read-only PostgreSQL serves pages and rejects writes", async (t) => {
  const db = await database("postgres", "read_only");
  t.after(db.remove);
  const site = await start({ vars: { DB_DRIVER: "postgres", DATABASE_URL: db.plain } });
  t.after(site.stop);
  await db.query(`ALTER DATABASE ${db.name} SET default_transaction_read_only = on`);
  assert.equal((await request(site.url, "/posts")).status, 200);
  assertUnavailable(await increment(site.url), /read-only/);
});

test("a PostgreSQL without free connections is a 503", async (t) => {
  const db = await database("postgres", "full");
  t.after(db.remove);
  await db.query(`ALTER DATABASE ${db.name} CONNECTION LIMIT 1`);
  const url = new URL(db.plain.split("?")[0]);
  const holder = spawn("psql", [url.href, "-Xqc", "SELECT pg_sleep(20)"]);
  t.after(() => holder.kill());
  await new Promise((resolve) => setTimeout(resolve, 700));
  const site = await start({ vars: { DB_DRIVER: "postgres", DATABASE_URL: db.plain } });
  t.after(site.stop);
  assertUnavailable(await request(site.url, "/posts"), /connection to the database/);
  assert.match(site.lines.join("\n"), /too many connections/);
});
