// What a log-in to PostgreSQL costs: the same Worker as users whom the server asks for less and less.

import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);
const WAYS = ["scram-sha-256", "md5", "trust"];
const user = (way) => `bench_${way.replaceAll("-", "_")}`;

/**
 * Users of the private server `db` is on who log in by `WAYS`; gives their URLs by those names, and `remove()`, which
 * makes the server as it was.
 */
export async function users(db) {
  const admin = new URL(db.plain);
  const password = decodeURIComponent(admin.password);
  // The private server's own superuser, who has the same password: the rules of log-in are his.
  admin.username = "postgres";
  const ask = async (sql) => (await run("psql", [admin.href, "-XAtqv", "ON_ERROR_STOP=1", "-c", sql])).stdout.trim();
  const rules = await ask("SHOW hba_file");
  const before = readFileSync(rules);
  const drop = async () => {
    for (const way of WAYS) await ask(`DROP ROLE IF EXISTS ${user(way)}`);
  };
  await drop();
  for (const way of WAYS) {
    const kept = way === "md5" ? "md5" : "scram-sha-256";
    await ask(`SET password_encryption = '${kept}'; CREATE ROLE ${user(way)} LOGIN PASSWORD '${password}' IN ROLE waypost`);
  }
  const own = WAYS.map((way) => `host all ${user(way)} 127.0.0.1/32 ${way}\n`).join("");
  writeFileSync(rules, own + before);
  await ask("SELECT pg_reload_conf()");
  return {
    urls: Object.fromEntries(
      WAYS.map((way) => {
        const one = new URL(db.plain);
        one.username = user(way);
        return [way, one.href];
      }),
    ),
    remove: async () => {
      writeFileSync(rules, before);
      await ask("SELECT pg_reload_conf()");
      await drop();
    },
  };
}
