// The commands as people run them, on a site in a folder of its own (see xtask/src/test/node.rs).
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";

/** Where the site is, with what is made beside it. */
export const folder = process.env.COMMANDS_DIR;
export const site = path.join(folder, "site");
/** A migrated and seeded database. */
export const database = process.env.COMMANDS_DATABASE;

/** Neither an account nor a database is known from outside: whoever runs the tests has nothing to lose. */
const outside = ["CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "DATABASE_URL", "SITE_URL"];

/** Starts `cargo x` with these arguments, in `cwd` and with these variables; `done` is how it ended and its output, `output` what there
 * is of it so far. */
export function start(args, { cwd, env: given } = {}) {
  const env = { ...process.env };
  for (const name of outside) delete env[name];
  Object.assign(env, given);
  const child = spawn(process.env.XTASK, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (text += data));
  const done = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, text }));
  });
  return { child, done, output: () => text };
}

/** The files below a folder, relative to it, each with what it holds, shortened. */
export function tree(from) {
  const files = {};
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files[path.relative(from, file)] = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16);
  }
  return files;
}

/** The folders in which sites are being made, or were. */
export const unfinished = () =>
  readdirSync(folder)
    .filter((name) => name.startsWith("site.next-"))
    .map((name) => path.join(folder, name));

/** Waits until something holds; says whether it did in time. */
export async function until(holds, milliseconds) {
  for (const end = Date.now() + milliseconds; Date.now() < end; ) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return holds();
}

/** Whether the folder holds any file yet. */
export const hasFiles = (from) =>
  existsSync(from) && readdirSync(from, { recursive: true, withFileTypes: true }).some((entry) => entry.isFile());
