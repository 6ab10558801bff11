// Local D1 databases for measurements, each in its own folder, migrated and seeded natively.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { script, start } from "./workerd.mjs";

const OBJECTS = "d1/miniflare-D1DatabaseObject";
const EMPTY_WORKER = script("export default { fetch() { return new Response(); } };");

/** Hash of the migrations, to detect whether a cached database has the current schema. */
export function schemaHash(root) {
  const folder = join(root, "migrations/sqlite");
  const hash = createHash("sha256");
  for (const name of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, name)));
  return hash.digest("hex").slice(0, 10);
}

/** Creates `folder`, unless it exists, with a local D1: the example site, or bulk data of `posts` posts by `users` users. */
export async function createState({ root, folder, users, posts }) {
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const worker = await start({ modules: EMPTY_WORKER, state: fresh });
  await (await worker.database()).prepare("SELECT 1").run();
  await worker.stop();
  const file = databaseFile(fresh);
  // Miniflare leaves an empty database and its log; `db-cli` creates the file again.
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
  dbCli(root, ["migrate", "--database", file]);
  const amount = posts ? ["--users", String(users), "--posts", String(posts)] : [];
  dbCli(root, ["seed", "--database", file, ...amount]);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return folder;
}

/** Creates `file` anew: a SQLite database with the example site. */
export function createDatabase({ root, file }) {
  mkdirSync(dirname(file), { recursive: true });
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
  dbCli(root, ["migrate", "--database", file]);
  dbCli(root, ["seed", "--database", file]);
  return file;
}

/** Copies a state folder for exclusive use by one workerd. */
export function copyState(folder, to) {
  rmSync(to, { recursive: true, force: true });
  cpSync(folder, to, { recursive: true });
  return to;
}

/** Finds the database file in a state folder. */
export function databaseFile(folder) {
  const objects = join(folder, OBJECTS);
  const name = readdirSync(objects).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  if (!name) throw new Error(`no database in ${objects}`);
  return join(objects, name);
}

/** A native program with these arguments: the one that a variable names, or as cargo builds it in `profile`. */
export function program(root, variable, name, args, profile = "dev") {
  const built = process.env[variable];
  if (built && profile === "dev") return [built, args];
  return [process.env.CARGO ?? "cargo", ["run", "--quiet", "-p", name, "--profile", profile, "--", ...args]];
}

/** Runs `db-cli`, which migrates and seeds databases. It is optimised, which takes minutes, for bulk data alone. */
export function dbCli(root, args) {
  const profile = args.includes("--posts") ? "shipped" : "dev";
  execFileSync(...program(root, "DB_CLI", "db-cli", args, profile), {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
}
