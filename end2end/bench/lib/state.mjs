// Databases to measure with: local D1s in folders of their own, migrated and seeded natively.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { script, start } from "./workerd.mjs";

const OBJECTS = "d1/miniflare-D1DatabaseObject";
const NOTHING = script("export default { fetch() { return new Response(); } };");

/** What tells whether a database that is kept has the present schema. */
export function schema(root) {
  const folder = join(root, "migrations/sqlite");
  const hash = createHash("sha256");
  for (const name of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, name)));
  return hash.digest("hex").slice(0, 10);
}

/** Makes `folder`, unless it exists, with the local D1 of a site: the example one, or one of `posts` posts by `users`. */
export async function makeState({ root, folder, users, posts }) {
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const worker = await start({ modules: NOTHING, state: fresh });
  await (await worker.database()).prepare("SELECT 1").run();
  await worker.stop();
  const file = databaseFile(fresh);
  // What Miniflare left is an empty database with a log beside it; the tool makes the file anew.
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
  dbCli(root, ["migrate", "--database", file]);
  const amount = posts ? ["--users", String(users), "--posts", String(posts)] : [];
  dbCli(root, ["seed", "--database", file, ...amount]);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return folder;
}

/** A copy that one workerd has for itself. */
export function copyState(folder, to) {
  rmSync(to, { recursive: true, force: true });
  cpSync(folder, to, { recursive: true });
  return to;
}

/** The file of the database in `folder`. */
export function databaseFile(folder) {
  const objects = join(folder, OBJECTS);
  const name = readdirSync(objects).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  if (!name) throw new Error(`no database in ${objects}`);
  return join(objects, name);
}

/** Runs the native tool that migrates and seeds. */
export function dbCli(root, args) {
  const cargo = process.env.CARGO ?? "cargo";
  execFileSync(cargo, ["run", "--quiet", "-p", "db-cli", "--profile", "native", "--", ...args], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
}
