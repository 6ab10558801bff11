// The server of `cargo x db studio`: the page, and the SQL that it sends, run by the engine. xtask/src/database/studio.rs starts it.
// Absent: who may ask (gate.mjs), and what only reading is (reading.mjs and the files of the engines).
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { gate, Refused } from "./gate.mjs";
import { installed } from "./library.mjs";
import { ensureReads } from "./reading.mjs";

/** The longest that a request may be. */
const MAX_BYTES = 10_000_000;
/** The time between two looks at whether the command is still there. */
const PARENT_INTERVAL = 500;

const options = JSON.parse(process.env.STUDIO_OPTIONS);
// Programs that are started from here do not need it.
delete process.env.STUDIO_OPTIONS;
const { database, engine, is_write: isWrite } = options;
const { open } = await import(`./${engine}.mjs`);

const files = new Map([
  ["/page.js", ["text/javascript; charset=utf-8", readFileSync(path.join(installed, "page.js"))]],
  ["/page.css", ["text/css; charset=utf-8", readFileSync(path.join(installed, "page.css"))]],
]);
const escaped = (text) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
const mode = isWrite ? "changes are written" : "read-only";
/** Keeps browsers from asking for one. */
const NO_ICON = `<link rel="icon" href="data:,">`;
const page = `<!doctype html>
<html lang="en" data-engine="${engine}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(options.shown)} (${mode})</title>
${NO_ICON}
<link rel="stylesheet" href="/page.css">
<link rel="stylesheet" href="/frame.css">
<p id="database">${escaped(options.shown)} <strong>${mode}</strong></p>
<div id="studio"></div>
<script type="module" src="/page.js"></script>
</html>
`;
const FRAME = `html, body { height: 100%; margin: 0 }
body { display: flex; flex-direction: column; background: #fff; color: #222; font: 13px/1.5 system-ui, sans-serif }
#database { margin: 0; padding: 4px 12px; border-bottom: 1px solid #ddd }
#database strong { margin-left: 8px; padding: 1px 6px; border-radius: 4px; color: #fff; background: ${isWrite ? "#b42318" : "#175c3a"} }
#studio { flex: 1; min-height: 0; position: relative }
`;
files.set("/frame.css", ["text/css; charset=utf-8", FRAME]);

const HEADERS = {
  "cache-control": "no-store",
  // The page asks nobody but this server: what its component reports to its makers is stopped here.
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

let door;

async function answer(request) {
  const url = new URL(request.url, door.origin);
  const token = url.searchParams.get("token");
  if (url.pathname === "/" && token !== null) {
    const cookie = door.enter(request, token);
    // A page of this site leads on: the cookie is not sent by a redirect from elsewhere.
    const body = `<!doctype html>${NO_ICON}<meta http-equiv="refresh" content="0;url=/"><title>studio</title>`;
    return { type: "text/html; charset=utf-8", body, headers: { "set-cookie": cookie } };
  }
  door.check(request);
  if (request.method === "POST" && url.pathname === "/query") {
    const body = JSON.stringify(await query(JSON.parse(await text(request))), plain);
    return { type: "application/json", body };
  }
  if (request.method !== "GET") throw new Refused(405, "this is not done here");
  if (url.pathname === "/") return { type: "text/html; charset=utf-8", body: page };
  const file = files.get(url.pathname);
  if (!file) throw new Refused(404, "there is nothing at this address");
  return { type: file[0], body: file[1] };
}

async function text(request) {
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) throw new Refused(415, "JSON is expected");
  const parts = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new Refused(413, "this is too long");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Whole numbers that JavaScript cannot hold are texts; bytes are hexadecimal. */
function plain(name, value) {
  const original = this[name];
  if (typeof original === "bigint") {
    return Number.isSafeInteger(Number(original)) ? Number(original) : String(original);
  }
  if (original instanceof Uint8Array) return `\\x${Buffer.from(original).toString("hex")}`;
  return value;
}

const serialised = (error) => ({
  name: "Error",
  message: (error.message || error.errors?.[0]?.message || String(error.code ?? error)).replaceAll(
    database.password || "\0",
    "…",
  ),
});

/** Runs statements one after the other; with `isTogether`, all of them or none. */
function run(queries, { isTogether = false, schema } = {}) {
  return open(database, { isWrite, isTogether, schema }, async (one) => {
    const results = [];
    for (const query of queries) results.push(await checked(one, query));
    return results;
  });
}

async function checked(one, query) {
  if (!isWrite) ensureReads(query.sql);
  return transformed(query, await one(query));
}

/** Runs the second statement if the first succeeds; each has a result of its own. */
function sequence([first, second]) {
  return open(database, { isWrite }, async (one) => {
    const step = (query) =>
      checked(one, query).then(
        (rows) => [null, rows],
        (error) => [serialised(error)],
      );
    const done = await step(first);
    return done[0] ? [done] : [done, await step(second)];
  });
}

/** What the page's component asks for, by its own names (see the README of @prisma/studio-core, "BFF Contract"). */
async function query({ procedure, ...asked }) {
  try {
    switch (procedure) {
      case "query":
        return [null, (await run([asked.query], { schema: asked.schema }))[0]];
      case "transaction":
        return [null, await run(asked.queries, { isTogether: true })];
      case "sequence":
        return await sequence(asked.sequence);
      case "sql-lint":
        // What is wrong is said when it is run.
        return [null, { diagnostics: [] }];
    }
  } catch (error) {
    return procedure === "sequence" ? [[serialised(error)]] : [serialised(error)];
  }
  throw new Refused(400, "this is not done here");
}

/** Columns that hold JSON as text, where the component says so. */
function transformed({ transformations = {} }, rows) {
  for (const name of Object.keys(transformations)) {
    for (const row of rows) if (typeof row[name] === "string") row[name] = JSON.parse(row[name]);
  }
  return rows;
}

const server = createServer((request, response) => {
  const send = (status, { type, body, headers = {} }) =>
    response.writeHead(status, { ...HEADERS, ...headers, "content-type": type }).end(body);
  answer(request).then(
    (answered) => send(200, answered),
    (error) => {
      const { status, message } =
        error instanceof Refused ? error : { status: 400, message: "this request cannot be read" };
      send(status, { type: "text/plain; charset=utf-8", body: `${message}\n` });
    },
  );
});

/** Opens the browser by a file that only this user may read: a program's arguments can be read by everybody. */
function openBrowser(url) {
  const file = path.join(options.folder, `open-${process.pid}.html`);
  mkdirSync(options.folder, { recursive: true });
  writeFileSync(file, `<!doctype html><meta http-equiv="refresh" content="0;url=${url}"><title>studio</title>`, { mode: 0o600 });
  process.on("exit", () => rmSync(file, { force: true }));
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  // In a group of its own, so that the end of this command does not end a browser.
  spawn(program, [file], { detached: true, stdio: "ignore" }).on("error", () => {}).unref();
}

const end = () => process.exit(130);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
const parent = process.ppid;
setInterval(() => process.ppid === parent || end(), PARENT_INTERVAL).unref();

function fail(why) {
  console.log(why);
  process.exit(1);
}

// What is wrong with the database is said at once, and not first in the browser.
const first = engine === "sqlite" ? "SELECT count(*) FROM sqlite_schema" : "SELECT 1";
await run([{ sql: first, parameters: [] }]).catch((error) => fail(`it cannot be opened: ${serialised(error).message}`));

server.on("error", (error) => fail(`cannot listen: ${error.message}`));
server.listen(options.port, "127.0.0.1", () => {
  door = gate(server.address().port);
  if (options.is_json) console.log(JSON.stringify({ url: door.url, engine, database: options.shown, write: isWrite }));
  else console.log(`\n  ${door.url}  (${mode}; for one browser; Ctrl-C ends it)\n`);
  if (options.opens) openBrowser(door.url);
});
