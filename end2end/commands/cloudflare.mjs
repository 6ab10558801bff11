// A stand-in for Cloudflare's API, as far as a deployment asks it: D1 over HTTP, on SQLite, and what wrangler uploads.
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
/** The id of the account's only database. */
export const DATABASE = "12345678-0000-4000-8000-000000000001";
/** The bookmark of its database, at any time. */
export const BOOKMARK = "00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683";
const TOKEN = "a-token-that-nobody-may-read";
const BASE = `/client/v4/accounts/${ACCOUNT}`;

/** The answer to a statement, as D1 gives it. */
function run(database, { sql, params = [] }) {
  const total = () => database.prepare("SELECT total_changes() AS total").get().total;
  const before = total();
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  const columns = statement.columns().map(({ name }) => name);
  const values = params.map((value) => (typeof value === "boolean" ? Number(value) : Array.isArray(value) ? Uint8Array.from(value) : value));
  const found = columns.length ? statement.all(...values) : void statement.run(...values);
  const rows = (found ?? []).map((row) => row.map((cell) => (cell instanceof Uint8Array ? [...cell] : cell)));
  return { success: true, meta: { changes: total() - before, duration: 0.1 }, results: { columns, rows } };
}

/** All statements, or none. */
function batch(database, statements) {
  database.exec("BEGIN");
  try {
    const results = statements.map((one) => run(database, one));
    database.exec("COMMIT");
    return results;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** The fields of a body of `multipart/form-data`, by their names. */
function fields(body, contentType) {
  const boundary = /boundary=(.*)$/.exec(contentType)[1];
  const parts = body.toString("latin1").split(`--${boundary}`).slice(1, -1);
  return Object.fromEntries(
    parts.map((part) => {
      const [head, ...rest] = part.split("\r\n\r\n");
      return [/name="([^"]*)"/.exec(head)[1], rest.join("\r\n\r\n").slice(0, -2)];
    }),
  );
}

/** Starts the stand-in, with an empty database. */
export async function serve() {
  const database = new DatabaseSync(":memory:");
  const calls = [];
  const wanted = new Set();
  let worker;
  let refused;

  const answers = [
    [/\/raw$/, ({ body }) => {
      const asked = JSON.parse(body);
      const statements = asked.batch ?? [asked];
      calls.push(`${calls.pop()} ${statements.map(({ sql }) => sql).join("; ").slice(0, 200)}`);
      return batch(database, statements);
    }],
    [/\/time_travel\/bookmark$/, () => ({ bookmark: BOOKMARK })],
    // A Worker that was never deployed.
    [/\/workers\/services\/[^/]+$|\/(secrets|deployments|versions)$/, () => undefined],
    [/\/workers\/workers\/[^/]+$/, () => ({ id: "worker", subdomain: { enabled: true, previews_enabled: true } })],
    [/\/workers\/subdomain$/, () => ({ subdomain: "example" })],
    [/\/assets-upload-session$/, ({ body }) => {
      for (const { hash } of Object.values(JSON.parse(body).manifest)) wanted.add(hash);
      return { jwt: "a.b.c", buckets: [[...wanted]] };
    }],
    [/\/assets\/upload$/, ({ body, contentType }) => {
      for (const name of Object.keys(fields(body, contentType))) wanted.delete(name);
      return { jwt: "a.b.d" };
    }],
    [/\/scripts\/[^/]+$/, ({ body, contentType }) => {
      worker = JSON.parse(fields(body, contentType).metadata);
      return { id: "worker", startup_time_ms: 1, deployment_id: "deployment", etag: "etag" };
    }],
  ];

  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const path = new URL(request.url, "http://api").pathname;
    const body = Buffer.concat(parts);
    calls.push(`${request.method} ${path.replace(BASE, "")}`);
    const give = (status, result, errors = []) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ success: status < 300, errors, messages: [], result }));
    };
    const isUpload = path.endsWith("/assets/upload");
    if (!isUpload && request.headers.authorization !== `Bearer ${TOKEN}`) return give(401, null, [{ code: 10000, message: "Authentication error" }]);
    if (refused && refused.method === request.method && refused.path.test(path)) return give(400, null, [{ code: 10021, message: "refused by the test" }]);
    try {
      const answer = answers.find(([pattern]) => pattern.test(path))?.[1];
      const result = answer ? answer({ body, contentType: request.headers["content-type"] ?? "" }) : {};
      if (result === undefined) return give(404, null, [{ code: 10007, message: "not found" }]);
      give(isUpload ? 201 : 200, result);
    } catch (error) {
      give(400, null, [{ code: 7500, message: `${error.message}: SQLITE_ERROR` }]);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    /** The settings of a machine whose Cloudflare this is. */
    env: {
      CI: "1",
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${server.address().port}/client/v4`,
    },
    /** Every request so far: method, path, and for D1 the beginning of its SQL. */
    calls: () => [...calls],
    /** Refuses such requests from now on; without arguments, none. */
    refuse: (method, path) => (refused = method && { method, path }),
    tables: () => database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all().map(({ name }) => name),
    /** The hashes of files that were announced and never sent. */
    missingFiles: () => [...wanted],
    /** The metadata of the Worker that was sent last. */
    worker: () => worker,
    end: () => server.close(),
  };
}
