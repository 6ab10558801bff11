// A D1 database in a process of its own: it answers the requests that workerd's D1 client sends, from a SQLite file named as
// the argument. On Cloudflare, too, D1 runs outside the Worker, and its CPU is not the Worker's.
// Absent: sessions on replicas (there is one copy, which is always current), and D1's limits. Prints its port.

import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";

const BOOKMARK = "x-cf-d1-session-commit-token";

const database = new DatabaseSync(process.argv[2]);
database.exec("PRAGMA foreign_keys = ON");
const prepared = new Map();

function prepare(sql) {
  let statement = prepared.get(sql);
  if (!statement) {
    statement = database.prepare(sql);
    statement.setReturnArrays(true);
    prepared.set(sql, statement);
  }
  return statement;
}

const counted = database.prepare("SELECT total_changes() AS total, changes() AS last");

const value = (one) => (one instanceof Uint8Array ? Array.from(one) : one);
const parameter = (one) => (Array.isArray(one) ? Uint8Array.from(one) : one);

function run({ sql, params }) {
  const statement = prepare(sql);
  const before = counted.get().total;
  const begin = performance.now();
  const rows = statement.all(...(params ?? []).map(parameter)).map((row) => row.map(value));
  const duration = performance.now() - begin;
  const { total, last } = counted.get();
  const meta = {
    served_by: "bench",
    served_by_primary: true,
    duration,
    changes: total > before ? last : 0,
    last_row_id: 0,
    changed_db: total > before,
    size_after: 0,
    rows_read: rows.length,
    rows_written: total - before,
  };
  return { success: true, results: { columns: statement.columns().map(({ name }) => name), rows }, meta };
}

function answer(body) {
  const queries = JSON.parse(body);
  if (!Array.isArray(queries)) return [run(queries)];
  database.exec("BEGIN");
  try {
    const results = queries.map(run);
    database.exec("COMMIT");
    return results;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    let result;
    try {
      result = answer(Buffer.concat(chunks).toString());
    } catch (error) {
      result = { success: false, error: error.message };
    }
    response.setHeader("content-type", "application/json");
    response.setHeader(BOOKMARK, "00000000-00000000-00000000-00000000000000000000000000000000");
    response.end(JSON.stringify(result));
  });
});
// workerd keeps its connections open between requests; Node ends them while they are idle.
server.keepAliveTimeout = 10_000;
server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
process.on("disconnect", () => process.exit());
