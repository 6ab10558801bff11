// Databases that refuse: whatever the reason is, readers get the last good page with a notice, and other pages are a 503 that
// names it. A server without TLS that asks for the password by RSA, and servers that never answer.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { ORIGIN, prerender } from "../bench/lib/prerendered.mjs";
import { folder, root, start } from "./harness.mjs";
import { assertUnavailable, request } from "./requests.mjs";
import { database, standIn } from "./servers.mjs";

/** A message of PostgreSQL's that ends the connection. */
function postgresError(code, message) {
  const fields = [`SFATAL`, `VFATAL`, `C${code}`, `M${message}`].map((field) => `${field}\0`).join("");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(4 + fields.length + 1);
  return Buffer.concat([Buffer.from("E"), length, Buffer.from(`${fields}\0`)]);
}

/** MySQL's error instead of a greeting, which has no SQLSTATE yet. */
function mysqlError(code, message) {
  const payload = Buffer.concat([Buffer.from([0xff, code & 0xff, code >> 8]), Buffer.from(message)]);
  return Buffer.concat([Buffer.from([payload.length, 0, 0, 0]), payload]);
}

/** Errors before the log-in is complete, as the servers send them, and what the page says. */
const REFUSALS = {
  postgres: [
    ["TLS is demanded", postgresError("28000", 'no pg_hba.conf entry for host "127.0.0.1", user "someone", database "site", no encryption'), /encrypted/],
    ["the proxy knows no such tenant", postgresError("XX000", "Tenant or user not found"), /./],
    ["there are too many connections", postgresError("53300", "sorry, too many clients already"), /connection/],
    ["it is starting", postgresError("57P03", "the database system is starting up"), /./],
  ],
  mysql: [
    ["there are too many connections", mysqlError(1040, "Too many connections"), /connection/],
    ["the host is not allowed", mysqlError(1130, "Host '127.0.0.1' is not allowed to connect to this MariaDB server"), /./],
    ["it is shutting down", mysqlError(1053, "Server shutdown in progress"), /./],
  ],
};

/** A server that answers each connection's first bytes, or, with `first`, the connection itself, by `answer()`. */
async function listener(answer, { first = false } = {}) {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    const reply = () => {
      const bytes = answer();
      if (bytes) socket.end(bytes);
    };
    if (first) reply();
    else socket.once("data", reply);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { host: `127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

describe("the last good page", { concurrency: 1 }, () => {
  const dbs = {};
  let place, assets, known;

  before(async () => {
    dbs.postgres = await database("postgres", "outages");
    dbs.mysql = await database("mysql", "outages");
    place = await folder();
    assets = path.join(place.path, "site");
    prerender({ root, url: dbs.postgres.plain, out: assets, limit: 1 });
    const newest = "SELECT slug FROM posts WHERE status = 'published' AND deleted_at IS NULL AND published_at <= now() ORDER BY published_at DESC, id DESC LIMIT 1";
    known = `/posts/${await dbs.postgres.query(newest)}`;
  });

  after(async () => {
    for (const db of Object.values(dbs)) await db.remove();
    await place?.remove();
  });

  const startOn = async (t, engine, url) => {
    const site = await start({ assets, vars: { SITE_URL: ORIGIN, DB_DRIVER: engine, DATABASE_URL: url } });
    t.after(site.stop);
    return site;
  };

  const showsLastGood = async (site, reason, what) => {
    const last = await request(site.url, known);
    assert.equal(last.status, 200, `${what}: ${last.text.slice(-300)}`);
    assert.equal(last.headers.get("x-stale"), "the database does not answer", what);
    assert.equal(last.headers.get("cache-control"), "no-store", what);
    assert.match(last.text, /<p class="stale" role="status">/, what);
    for (const list of ["/", "/posts", "/users"]) {
      const page = await request(site.url, list);
      // Where one table alone is away, a list that does not read it is current.
      assert.equal(page.status, 200, `${what}: ${list}`);
    }
    assert.equal((await request(site.url, "/posts")).headers.get("x-stale"), "the database does not answer", what);
    assertUnavailable(await request(site.url, "/posts?q=train"), reason);
  };

  const showsCurrent = async (site) => {
    const page = await request(site.url, known);
    assert.deepEqual([page.status, page.headers.get("x-stale")], [200, null]);
  };

  for (const [engine, refusals] of Object.entries(REFUSALS)) {
    test(`${engine} refuses before the log-in`, async (t) => {
      let answer;
      const server = await listener(() => answer, { first: engine === "mysql" });
      t.after(server.stop);
      const site = await startOn(t, engine, `${engine}://someone:a-password@${server.host}/site?sslmode=disable`);
      for (const [what, bytes, reason] of refusals) {
        answer = bytes;
        await showsLastGood(site, reason, what);
      }
    });
  }

  test("PostgreSQL: a right is missing, a table is locked, the database is read-only", async (t) => {
    const db = dbs.postgres;
    const role = `reader_${process.pid}`;
    await db.query(`CREATE ROLE ${role} LOGIN PASSWORD 'a-password'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`);
    t.after(() => db.query(`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${role}; DROP ROLE ${role}`));
    const url = Object.assign(new URL(db.plain), { username: role, password: "a-password" });
    const site = await startOn(t, "postgres", url.href);
    await showsCurrent(site);

    await db.query(`REVOKE SELECT ON posts FROM ${role}`);
    await showsLastGood(site, /right SELECT on the table posts|lacks a right/, "no right on the table");
    await db.query(`GRANT SELECT ON posts TO ${role}; REVOKE USAGE ON SCHEMA public FROM PUBLIC`);
    await showsLastGood(site, /right USAGE|lacks a right/, "no right on the schema");
    await db.query("GRANT USAGE ON SCHEMA public TO PUBLIC");
    await showsCurrent(site);

    await db.query(`ALTER ROLE ${role} SET lock_timeout = '200ms'`);
    const holder = spawn("psql", [db.plain.split("?")[0], "-Xqc", "BEGIN; LOCK TABLE posts IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(30)"]);
    t.after(() => holder.kill());
    const locked = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'posts'::regclass";
    while ((await db.query(locked)) === "0");
    await showsLastGood(site, /locks/, "a locked table");
    await db.query("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'posts'::regclass");
    await showsCurrent(site);

    await db.query(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
    await showsCurrent(site);
  });

  test("MySQL: a right is missing", async (t) => {
    const db = dbs.mysql;
    const user = `reader_${process.pid}`;
    await db.query(`CREATE USER ${user} IDENTIFIED BY 'a-password'; GRANT SELECT ON ${db.name}.users TO ${user}`);
    t.after(() => db.query(`DROP USER ${user}`));
    const url = Object.assign(new URL(db.plain), { username: user, password: "a-password" });
    const site = await startOn(t, "mysql", url.href);
    await showsLastGood(site, /right SELECT on|lacks a right/, "no right on the table");
  });
});

test("MySQL: without TLS, the password is sent by RSA", async (t) => {
  const db = await database("mysql", "rsa");
  t.after(db.remove);
  const server = await standIn(db.plain, ["--auth", "caching_sha2"]);
  t.after(server.stop);
  const on = async (change) => {
    const url = new URL(db.plain);
    url.host = new URL(server.url).host;
    change(url);
    const site = await start({ vars: { DB_DRIVER: "mysql", DATABASE_URL: url.href } });
    t.after(site.stop);
    return site;
  };
  const wrong = await on((url) => (url.password = "not-this-one"));
  assertUnavailable(await request(wrong.url, "/posts"), /refuse[sd].* the user/);
  const site = await on(() => {});
  // By RSA at first, by what the server remembers from then on.
  for (let times = 0; times < 2; times += 1) assert.equal((await request(site.url, "/posts")).status, 200);
});

describe("a server that is silent is given up within the time that its URL allows", { concurrency: 4 }, () => {
  for (const [engine, mode] of [["postgres", "disable"], ["postgres", "verify-full"], ["mysql", "disable"], ["mysql", "verify-full"]]) {
    test(`${engine}, sslmode=${mode}`, async (t) => {
      const server = await listener(() => null);
      t.after(server.stop);
      const url = `${engine}://someone:a-password-nobody-sees@${server.host}/site?sslmode=${mode}&connect_timeout=1`;
      const site = await start({ vars: { DB_DRIVER: engine, DATABASE_URL: url } });
      t.after(site.stop);
      assertUnavailable(await request(site.url, "/posts"), /in time/);
      assert.match(site.lines.join("\n"), new RegExp(`${server.host} completed no log-in within 1 s`));
    });
  }
});
