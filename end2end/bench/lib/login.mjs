// The cost of PostgreSQL logins: one Worker, with users of different authentication methods.

import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);
const METHODS = ["scram-sha-256", "md5", "trust"];
const user = (method) => `bench_${method.replaceAll("-", "_")}`;

/**
 * Creates a user for each of `METHODS` on the private server of `db`. Returns their URLs by method, and `remove()`, which
 * restores the server.
 */
export async function users(db) {
  const admin = new URL(db.plain);
  const password = decodeURIComponent(admin.password);
  // The private server's superuser has the same password, and may change the authentication rules.
  admin.username = "postgres";
  const query = async (sql) => (await run("psql", [admin.href, "-XAtqv", "ON_ERROR_STOP=1", "-c", sql])).stdout.trim();
  const hbaFile = await query("SHOW hba_file");
  const before = readFileSync(hbaFile);
  const drop = async () => {
    for (const method of METHODS) await query(`DROP ROLE IF EXISTS ${user(method)}`);
  };
  await drop();
  for (const method of METHODS) {
    const encryption = method === "md5" ? "md5" : "scram-sha-256";
    await query(`SET password_encryption = '${encryption}'; CREATE ROLE ${user(method)} LOGIN PASSWORD '${password}' IN ROLE site_user`);
  }
  const rules = METHODS.map((method) => `host all ${user(method)} 127.0.0.1/32 ${method}\n`).join("");
  writeFileSync(hbaFile, rules + before);
  await query("SELECT pg_reload_conf()");
  return {
    urls: Object.fromEntries(
      METHODS.map((method) => {
        const url = new URL(db.plain);
        url.username = user(method);
        return [method, url.href];
      }),
    ),
    remove: async () => {
      writeFileSync(hbaFile, before);
      await query("SELECT pg_reload_conf()");
      await drop();
    },
  };
}
