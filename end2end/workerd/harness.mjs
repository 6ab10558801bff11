// The built Worker in a real workerd, with a real D1 that `db-cli` has migrated and seeded.
import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createState } from "../bench/lib/state.mjs";
import { built, start as startModules } from "../bench/lib/workerd.mjs";

/** Root folder of the repository. */
export const root = path.resolve(import.meta.dirname, "../..");

export const modules = () => built(process.env.WORKER_DIR ?? path.join(root, "server/build"));

/** Session secret for tests, of the required length. */
export const SECRET = "0123456789abcdef0123456789abcdef";

/** Starts the Worker. Without `state` or `hyperdrive`, its database is the one in `vars`, if any. `lines` collects its log. */
export async function start({ state, hyperdrive, limits, assets, kv, mail, vars = {} } = {}) {
  const lines = [];
  const site = await startModules({
    modules: modules(),
    state,
    hyperdrive,
    limits,
    assets,
    kv,
    mail,
    text: { ENVIRONMENT: "development", SESSION_SECRET: SECRET, ...vars },
    onLog: (line) => lines.push(line),
  });
  return { ...site, lines, url: `http://127.0.0.1:${site.port}` };
}

/** Creates a temporary folder. */
export async function folder() {
  const made = await mkdtemp(path.join(tmpdir(), "site-d1-"));
  return { path: made, remove: () => rm(made, { recursive: true, force: true }) };
}

/** Creates a local D1 with the example site. */
export async function seeded() {
  const place = await folder();
  const state = await createState({ root, folder: path.join(place.path, "state") });
  return { state, remove: place.remove };
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** Signs in `count` users, each in their own session; returns their handles and cookies. */
export async function sessions(site, count) {
  const database = await site.database();
  const { results } = await database
    .prepare("SELECT id, handle FROM users WHERE deleted_at IS NULL ORDER BY handle LIMIT ?")
    .bind(count)
    .all();
  const all = results.map(({ id, handle }) => ({ id, handle, token: `token-of-${handle}` }));
  const now = Date.now();
  await database.batch(
    all.map(({ id, token }) =>
      database
        .prepare(
          `INSERT INTO sessions (id, user_id, created_at, expires_at, user_agent, public_id, last_seen_at)
           VALUES (?, ?, 0, ?, '', ?, ?)`,
        )
        .bind(sha256(token), id, now + 3_600_000, randomUUID(), now),
    ),
  );
  return all.map(({ handle, token }) => ({ handle, cookie: `__Host-session=${token}` }));
}

/** Signs in `count` users by SQL on a database server; returns their handles and cookies. */
export async function sessionsBySql(query, count) {
  const rows = await query(`SELECT id, handle FROM users WHERE deleted_at IS NULL ORDER BY handle LIMIT ${count}`);
  const users = rows.split("\n").map((row) => row.split(/[|\t]/));
  const now = new Date().toISOString().slice(0, 19).replace("T", " ");
  const values = users.map(([id, handle]) => {
    const times = `'2000-01-01 00:00:00', '2100-01-01 00:00:00'`;
    return `('${sha256(`token-of-${handle}`)}', '${id}', ${times}, '', '${randomUUID()}', '${now}')`;
  });
  const columns = "id, user_id, created_at, expires_at, user_agent, public_id, last_seen_at";
  await query(`INSERT INTO sessions (${columns}) VALUES ${values.join(", ")}`);
  return users.map(([, handle]) => ({ handle, cookie: `__Host-session=token-of-${handle}` }));
}
