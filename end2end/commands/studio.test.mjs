// `cargo x db studio`, on databases of every engine: who is let in, what is shown, and that nothing is changed without --write.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { chromium, expect } from "@playwright/test";
import { database, folder, start, until } from "./command.mjs";

const ROOT = path.join(import.meta.dirname, "../..");
const { CHROMIUM, TEST_CA_CERT, TEST_MYSQL_URL, TEST_POSTGRES_URL } = process.env;
/** The longest that the first start may take, which installs the page. */
const START_TIMEOUT = 300_000;

const own = path.join(folder, "studio.sqlite");
new DatabaseSync(own).close();

/** A table, statements that change it in ways of their own, and what must not be told apart from reading by the first word. */
const ENGINES = {
  sqlite: {
    url: `sqlite:${own}`,
    type: "BLOB",
    bytes: "X'00ff'",
    hidden: ["WITH one AS (SELECT 1) DELETE FROM studio_rows", "PRAGMA user_version = 7"],
    refused: ["VACUUM INTO 'copy.sqlite'", "ATTACH 'other.sqlite' AS other", "SELECT 1; DELETE FROM studio_rows"],
  },
  postgres: {
    url: `${TEST_POSTGRES_URL}?sslrootcert=${TEST_CA_CERT}`,
    type: "bytea",
    bytes: "'\\x00ff'",
    hidden: [
      "WITH gone AS (DELETE FROM studio_rows RETURNING *) SELECT * FROM gone",
      "EXPLAIN ANALYZE DELETE FROM studio_rows",
      "SELECT * FROM studio_rows FOR UPDATE",
    ],
    refused: [
      "SELECT set_config('transaction_read_only', 'off', false)",
      "COMMIT",
      "SELECT 1; COMMIT; DELETE FROM studio_rows",
      "DO $$ BEGIN DELETE FROM studio_rows; END $$",
      "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    ],
  },
  mysql: {
    url: `${TEST_MYSQL_URL}?ssl-ca=${TEST_CA_CERT}`,
    type: "VARBINARY(10)",
    bytes: "X'00ff'",
    before: "CREATE FUNCTION studio_delete() RETURNS INT BEGIN DELETE FROM studio_rows; RETURN 1; END",
    hidden: ["SELECT studio_delete()"],
    refused: [
      "COMMIT",
      "SELECT 1; DELETE FROM studio_rows",
      "/*! DELETE FROM studio_rows */",
      "/*M! DELETE FROM studio_rows */",
      "BEGIN NOT ATOMIC COMMIT; SET SESSION TRANSACTION READ WRITE; DELETE FROM studio_rows; END",
      "/*! BEGIN NOT ATOMIC COMMIT; SET SESSION TRANSACTION READ WRITE; DELETE FROM studio_rows; */ SELECT 1; /*! END */",
      "SET STATEMENT tx_read_only = 0 FOR DELETE FROM studio_rows",
    ],
  },
};
/** Refused on every engine. */
const CHANGES = [
  "INSERT INTO studio_rows (id, name) VALUES (3, 'c')",
  "UPDATE studio_rows SET name = 'x'",
  "DELETE FROM studio_rows",
  "CREATE TABLE studio_more (id INT)",
  "DROP TABLE studio_rows",
  "-- SELECT\nDELETE FROM studio_rows",
  "/* SELECT */ DELETE FROM studio_rows",
];
const ROWS = "SELECT id, name FROM studio_rows ORDER BY id";

const running = [];
after(() => Promise.all(running.map((studio) => studio.end())));

/** Starts a studio, and waits until it serves. */
async function open(args, options) {
  const { child, done, output } = start(["db", "studio", "--json", ...args], options);
  let hasEnded = false;
  done.then(() => (hasEnded = true));
  const line = () => /^\{"url".*\}$/m.exec(output())?.[0];
  assert.ok((await until(() => hasEnded || line(), START_TIMEOUT)) && line(), output());
  const printed = JSON.parse(line());
  const url = new URL(printed.url);
  const studio = {
    child,
    done,
    output,
    printed,
    url,
    request: (options) => request(url.port, options),
    end: async () => {
      child.kill("SIGINT");
      return done;
    },
  };
  running.push(studio);
  return studio;
}

/** One request; `host` and `origin` are those of the studio unless they are given. */
function request(port, { method = "GET", path: at = "/", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: "127.0.0.1", port, method, path: at, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    sent.on("error", reject).end(body);
  });
}

/** Lets a client in; returns its headers. */
async function enter(studio) {
  const { status, headers } = await studio.request({ path: studio.url.pathname + studio.url.search });
  assert.equal(status, 200);
  const [cookie, ...attributes] = headers["set-cookie"][0].split("; ");
  assert.deepEqual(attributes, ["Path=/", "HttpOnly", "SameSite=Strict"]);
  return { cookie, origin: studio.url.origin, "content-type": "application/json" };
}

/** Runs a statement as the page does; returns rows or the message of an error. */
async function run(studio, headers, sql, parameters = []) {
  const body = JSON.stringify({ procedure: "query", query: { sql, parameters } });
  const { status, text } = await studio.request({ method: "POST", path: "/query", headers, body });
  assert.equal(status, 200, text);
  const [error, rows] = JSON.parse(text);
  return error ? error.message : rows;
}

async function runs(studio, headers, ...statements) {
  for (const sql of statements) {
    const rows = await run(studio, headers, sql);
    assert.ok(Array.isArray(rows), `${sql}: ${rows}`);
  }
}

test("the printed address lets one browser in, once, and nobody comes in without it", async () => {
  const studio = await open(["--database-url", database]);
  const at = studio.url.search;
  assert.match(at, /^\?token=[\w-]{43}$/);
  assert.equal(studio.url.hostname, "127.0.0.1");
  for (const address of ["/", "/page.js", "/nothing"]) {
    const { status, text } = await studio.request({ path: address });
    assert.equal(status, 401, address);
    assert.match(text, /open the address that `cargo x db studio` printed/);
  }
  const wrong = await studio.request({ path: `/?token=${"A".repeat(43)}` });
  assert.deepEqual([wrong.status, wrong.headers["set-cookie"]], [403, undefined]);
  // Neither what only looks ahead nor what is no opening uses it up.
  assert.equal((await studio.request({ path: `/${at}`, headers: { "sec-purpose": "prefetch;prerender" } })).status, 403);
  assert.equal((await studio.request({ path: `/${at}`, method: "HEAD" })).status, 405);
  const headers = await enter(studio);
  assert.equal((await studio.request({ headers })).status, 200);
  const again = await studio.request({ path: `/${at}` });
  assert.equal(again.status, 403);
  assert.match(again.text, /used already/);
  const forged = headers.cookie.replace(/.{4}$/, "AAAA");
  assert.equal((await studio.request({ headers: { cookie: forged } })).status, 401);
});

test("under another name, and for other sites, there is nothing", async () => {
  const studio = await open(["--database-url", database]);
  const at = studio.url.search;
  const port = studio.url.port;
  for (const host of ["evil.example", `evil.example:${port}`, `localhost:${port}`, `127.0.0.1:${port}.evil.example`]) {
    assert.equal((await studio.request({ path: `/${at}`, headers: { host } })).status, 403, host);
  }
  const headers = await enter(studio);
  const body = JSON.stringify({ procedure: "query", query: { sql: "SELECT handle FROM users", parameters: [] } });
  const post = (others) =>
    studio.request({ method: "POST", path: "/query", headers: { ...headers, ...others }, body });
  assert.equal((await post({})).status, 200);
  for (const others of [
    { host: `localhost:${port}` },
    { origin: "http://evil.example" },
    { origin: `http://127.0.0.1:${Number(port) + 1}` },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ]) {
    const { status, text } = await post(others);
    assert.equal(status, 403, `${JSON.stringify(others)}: ${text}`);
    assert.doesNotMatch(text, /handle/);
  }
  const { origin: _, ...without } = headers;
  const silent = await studio.request({ method: "POST", path: "/query", headers: without, body });
  assert.equal(silent.status, 403);
  // A form of another site cannot say what it sends.
  assert.equal((await post({ "content-type": "text/plain" })).status, 415);
  assert.equal((await studio.request({ headers: { ...headers, origin: "http://evil.example" } })).status, 403);
  const { headers: answered } = await studio.request({ headers });
  assert.match(answered["content-security-policy"], /default-src 'none'.*connect-src 'self'.*frame-ancestors 'none'/);
  assert.equal(answered["access-control-allow-origin"], undefined);
});

for (const [engine, { url, type, bytes, before, hidden, refused }] of Object.entries(ENGINES)) {
  test(`${engine}: rows are shown, and changed with --write alone`, async () => {
    const writing = await open(["--write", "--database-url", url]);
    assert.deepEqual([writing.printed.engine, writing.printed.write], [engine, true]);
    const writer = await enter(writing);
    await run(writing, writer, "DROP FUNCTION IF EXISTS studio_delete");
    await runs(
      writing,
      writer,
      "DROP TABLE IF EXISTS studio_rows",
      `CREATE TABLE studio_rows (id INT PRIMARY KEY, name VARCHAR(200), large BIGINT, stored ${type})`,
      `INSERT INTO studio_rows VALUES (1, 'ä 漢 🎉', 9007199254740993, ${bytes})`,
      "INSERT INTO studio_rows (id, name) VALUES (2, 'b')",
      ...(before ? [before] : []),
    );
    const [first] = await run(writing, writer, "SELECT * FROM studio_rows WHERE id = 1");
    assert.deepEqual([first.name, first.large, first.stored], ["ä 漢 🎉", "9007199254740993", "\\x00ff"]);

    const reading = await open(["--database-url", url]);
    assert.equal(reading.printed.write, false);
    const reader = await enter(reading);
    const rows = [{ id: 1, name: "ä 漢 🎉" }, { id: 2, name: "b" }];
    assert.deepEqual(await run(reading, reader, `-- all\n${ROWS}`), rows);
    for (const sql of [...CHANGES, ...hidden]) {
      assert.equal(await run(reading, reader, sql), "this studio only reads: start it with --write to change something", sql);
    }
    for (const sql of refused) assert.equal(typeof (await run(reading, reader, sql)), "string", sql);
    const body = JSON.stringify({ procedure: "transaction", queries: [{ sql: CHANGES[1], parameters: [] }] });
    const { text } = await reading.request({ method: "POST", path: "/query", headers: reader, body });
    assert.match(text, /only reads/);
    assert.deepEqual(await run(reading, reader, ROWS), rows);

    // More rows than anybody looks at.
    const many = (count) =>
      `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 101)
       SELECT 'x' AS x FROM numbers AS a, numbers AS b LIMIT ${count}`;
    assert.equal((await run(reading, reader, many(10_000))).length, 10_000);
    assert.match(String(await run(reading, reader, many(10_001))), /^more than 10,000 rows came back/);
    assert.deepEqual(await run(reading, reader, ROWS), rows);

    // Together means all or none.
    const queries = [
      { sql: "UPDATE studio_rows SET name = 'x' WHERE id = 2", parameters: [] },
      { sql: "INSERT INTO studio_rows (id) VALUES (1)", parameters: [] },
    ];
    const transaction = async () => {
      const body = JSON.stringify({ procedure: "transaction", queries });
      return JSON.parse((await writing.request({ method: "POST", path: "/query", headers: writer, body })).text);
    };
    assert.ok((await transaction())[0]);
    assert.deepEqual(await run(writing, writer, ROWS), rows);
    queries[1].sql = "INSERT INTO studio_rows (id) VALUES (3)";
    assert.equal((await transaction())[0], null);
    assert.deepEqual((await run(reading, reader, ROWS)).map((row) => row.name), ["ä 漢 🎉", "x", null]);

    await run(writing, writer, "DROP FUNCTION IF EXISTS studio_delete");
    await runs(writing, writer, "DROP TABLE studio_rows");
  });
}

test("a password is in no output, no argument and no answer", async () => {
  for (const { url } of [ENGINES.postgres, ENGINES.mysql]) {
    const { password } = new URL(url);
    assert.ok(password.length > 8);
    const studio = await open(["--database-url", url]);
    const headers = await enter(studio);
    const page = await studio.request({ headers });
    const failed = await run(studio, headers, "SELECT * FROM no_such_table");
    // The command itself was given it by this test; its programs must not be.
    const all = execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" }).split("\n");
    const others = all.filter((line) => !line.includes("--database-url"));
    for (const text of [studio.output(), page.text, JSON.stringify(failed), ...others]) {
      assert.ok(!text.includes(password), text.replaceAll(password, "[the password]"));
    }
  }
});

test("the local D1 is opened by the name that wrangler knows it by", async () => {
  const site = path.join(folder, "studio-d1");
  mkdirSync(site);
  for (const name of ["node_modules", "package.json", "package-lock.json", "xtask"]) {
    symlinkSync(path.join(ROOT, name), path.join(site, name));
  }
  cpSync(path.join(ROOT, "wrangler.jsonc"), path.join(site, "wrangler.jsonc"));
  const missing = await start(["db", "studio"], { cwd: site }).done;
  assert.equal(missing.code, 1);
  assert.match(missing.text, /the local D1 \S+ is not made yet: run `cargo x db migrate`/);
  const command = "CREATE TABLE shown (name TEXT); INSERT INTO shown VALUES ('in D1')";
  const wrangler = path.join(ROOT, "node_modules/.bin/wrangler");
  const PATH = [path.dirname(wrangler), process.env.PATH].join(path.delimiter);
  const env = { ...process.env, PATH, CI: "1", WRANGLER_SEND_METRICS: "false" };
  execFileSync(wrangler, ["d1", "execute", "DB", "--local", "--command", command], { cwd: site, env, stdio: "pipe" });

  const reading = await open([], { cwd: site });
  const reader = await enter(reading);
  assert.deepEqual(await run(reading, reader, "SELECT name FROM shown"), [{ name: "in D1" }]);
  assert.match(await run(reading, reader, "DELETE FROM shown"), /only reads/);
  const writing = await open(["--write"], { cwd: site });
  await runs(writing, await enter(writing), "UPDATE shown SET name = 'changed'");
  const told = execFileSync(wrangler, ["d1", "execute", "DB", "--local", "--json", "--command", "SELECT name FROM shown"], {
    cwd: site,
    env,
    encoding: "utf8",
  });
  assert.match(told, /"changed"/);
});

// A command that opens what it should refuse goes on until it is ended.
test("what cannot be opened is refused by name, and production is changed only when its name is typed", { timeout: START_TIMEOUT }, async (t) => {
  const bare = path.join(folder, "studio-production");
  mkdirSync(path.join(bare, "xtask"), { recursive: true });
  writeFileSync(path.join(bare, "wrangler.jsonc"), JSON.stringify({ env: { production: { vars: { DB_DRIVER: "postgres" } } } }));
  const env = { DATABASE_URL: "postgres://writer:hidden@127.0.0.1:1/site" };
  const asked = await start(["db", "studio", "--env", "production", "--write"], { cwd: bare, env }).done;
  assert.equal(asked.code, 1);
  assert.match(asked.text, /^production database: PostgreSQL at 127\.0\.0\.1:1, database site, as writer$/m);
  assert.match(asked.text, /typed at a terminal, or with --yes-production: nothing was changed$/m);
  for (const [url, sentence] of [
    ["d1:account/database", /Cloudflare's dashboard/],
    ["sqlite:memory", /nothing to look at/],
    [`sqlite:${own}.none`, /there is no file/],
    [`sqlite:${import.meta.filename}`, /it cannot be opened: file is not a database/],
    ["postgres://reader:hidden@127.0.0.1:1/site", /it cannot be opened: .*ECONNREFUSED/],
    ["mysql://reader:hidden@127.0.0.1:1/site", /it cannot be opened: .*ECONNREFUSED/],
    [TEST_POSTGRES_URL.replace(/:[^:@]+@/, ":hidden@"), /it cannot be opened: .*(SSL|certificate)/],
    [`${TEST_POSTGRES_URL.replace(/:[^:@]+@/, ":hidden@")}?sslmode=disable`, /it cannot be opened: .*authentication failed/],
    [`${TEST_MYSQL_URL.replace(/:[^:@]+@/, ":hidden@")}?ssl-ca=${TEST_CA_CERT}`, /it cannot be opened: Access denied/],
  ]) {
    const { child, done } = start(["db", "studio", "--database-url", url]);
    t.signal.addEventListener("abort", () => child.kill("SIGINT"));
    const { code, text } = await done;
    assert.equal(code, 1, text);
    assert.match(text, sentence);
    assert.doesNotMatch(text, /hidden|http:/);
  }
});

/** Runs `work` with a page in Chromium. */
async function withPage(work) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage();
    await work(page);
  } finally {
    await browser.close();
  }
}

for (const [engine, { url }] of Object.entries(ENGINES)) {
  test(`${engine}: in a browser, a cell that is edited is saved with --write alone`, async () => {
    const writing = await open(["--write", "--database-url", url]);
    const writer = await enter(writing);
    await runs(
      writing,
      writer,
      "DROP TABLE IF EXISTS studio_cells",
      "CREATE TABLE studio_cells (id INT PRIMARY KEY, name VARCHAR(200), changed_at TIMESTAMP NULL)",
      "INSERT INTO studio_cells VALUES (1, 'as it was', '2026-03-01 07:30:00')",
    );
    const cells = async () => (await run(writing, writer, "SELECT name FROM studio_cells"))[0].name;
    for (const [args, mode, expected] of [
      [[], "read-only", "as it was"],
      [["--write"], "changes are written", "as it should be"],
    ]) {
      const studio = await open([...args, "--database-url", url]);
      await withPage(async (page) => {
        const answers = [];
        const read = (response) => response.text().then((text) => answers.push(text), () => {});
        page.on("response", (response) => response.url().endsWith("/query") && read(response));
        await page.goto(studio.url.href);
        await page.getByText(mode, { exact: true }).waitFor();
        await page.getByText("studio_cells", { exact: true }).first().click();
        await page.getByText("as it was", { exact: true }).first().dblclick();
        // The cell becomes a field, which has the text and the focus before it takes another one.
        const field = page.locator("input:focus");
        await expect(field).toHaveValue("as it was");
        await field.fill("as it should be");
        await expect(field).toHaveValue("as it should be");
        await field.press("Control+Enter");
        await page.getByRole("button", { name: "Save 1 row" }).click();
        await page.getByRole("button", { name: "yes, write to db" }).click();
        const isRefused = args.length === 0;
        await (isRefused ? page.getByText('"update" operation failed').waitFor() : expect.poll(cells).toBe(expected));
        await expect.poll(() => answers.some((text) => /this studio only reads/.test(text))).toBe(isRefused);
      });
      assert.equal(await cells(), expected);
    }
    await runs(writing, writer, "DROP TABLE studio_cells");
  });
}

test("in a browser, the page shows rows, asks nobody else, and says when it only reads", async () => {
  const studio = await open(["--database-url", database]);
  await withPage(async (page) => {
    const origins = [];
    const messages = [];
    page.on("request", (request) => /^data:/.test(request.url()) || origins.push(new URL(request.url()).origin));
    page.on("console", (message) => messages.push(message.text()));
    page.on("pageerror", (error) => messages.push(String(error)));
    await page.goto(studio.url.href);
    await page.waitForURL((url) => url.search === "");
    await page.getByText("read-only", { exact: true }).waitFor();
    // Columns that are out of sight are not drawn.
    await page.setViewportSize({ width: 4000, height: 900 });
    await page.getByText("users", { exact: true }).first().click();
    await page.getByText("handle", { exact: true }).first().waitFor();
    const [{ handle }] = new DatabaseSync(database.slice("sqlite:".length), { readOnly: true })
      .prepare("SELECT handle FROM users ORDER BY search_id LIMIT 1")
      .all();
    await page.getByText(handle, { exact: true }).first().waitFor();
    assert.deepEqual([...new Set(origins)], [studio.url.origin]);
    assert.deepEqual(messages, []);
    assert.equal(await page.evaluate(() => document.cookie), "");
  });
});

/** The processes that a process started. */
const children = (pid) =>
  execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child);
const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

for (const [signal, how] of [
  ["SIGINT", "is interrupted"],
  ["SIGKILL", "is killed"],
]) {
  test(`when the command ${how}, nothing goes on`, async () => {
    const studio = await open(["--database-url", database]);
    const started = children(studio.child.pid);
    assert.equal(started.length, 1);
    studio.child.kill(signal);
    const ended = await studio.done;
    if (signal === "SIGINT") assert.equal(ended.code, 130);
    assert.ok(await until(() => !started.some(isAlive), 10_000), `${started} goes on`);
    await assert.rejects(studio.request(), { code: "ECONNREFUSED" });
  });
}
