// The built Worker in a real workerd, with a real D1 that the native tools migrated and seeded.
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeState } from "../bench/lib/state.mjs";
import { built, start as startModules } from "../bench/lib/workerd.mjs";

/** The repository. */
export const root = path.resolve(import.meta.dirname, "../..");

/** The Worker's modules. */
export const modules = () => built(process.env.WORKER_DIR ?? path.join(root, "server/build"));

/** A secret for tests; long enough to be one. */
export const SECRET = "0123456789abcdef0123456789abcdef";

/** Starts the Worker; without `state` or `hyperdrive` it has no database but what `vars` name. `lines` collects what it logs. */
export async function start({ state, hyperdrive, assets, kv, vars = {} } = {}) {
  const lines = [];
  const site = await startModules({
    modules: modules(),
    state,
    hyperdrive,
    assets,
    kv,
    text: { ENVIRONMENT: "development", SESSION_SECRET: SECRET, ...vars },
    onLog: (line) => lines.push(line),
  });
  return { ...site, lines, url: `http://127.0.0.1:${site.port}` };
}

/** A folder for a database that goes away with the tests. */
export async function folder() {
  const made = await mkdtemp(path.join(tmpdir(), "waypost-d1-"));
  return { path: made, remove: () => rm(made, { recursive: true, force: true }) };
}

/** A database that is migrated and seeded with the example site. */
export async function seeded() {
  const place = await folder();
  const state = await makeState({ root, folder: path.join(place.path, "state") });
  return { state, remove: place.remove };
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** Signs in so many of the site's users, each in a session of his own; gives the cookies and handles. */
export async function sessions(site, count) {
  const database = await site.database();
  const { results } = await database
    .prepare("SELECT id, handle FROM users WHERE deleted_at IS NULL ORDER BY handle LIMIT ?")
    .bind(count)
    .all();
  const all = results.map(({ id, handle }) => ({ id, handle, token: `token-of-${handle}` }));
  await database.batch(
    all.map(({ id, token }) =>
      database
        .prepare("INSERT INTO sessions (id, user_id, created_at, expires_at, user_agent) VALUES (?, ?, 0, ?, '')")
        .bind(sha256(token), id, Date.now() + 3_600_000),
    ),
  );
  return all.map(({ handle, token }) => ({ handle, cookie: `__Host-session=${token}` }));
}

/** The same on a database server, by its own SQL. */
export async function sessionsBy(ask, count) {
  const rows = await ask(`SELECT id, handle FROM users WHERE deleted_at IS NULL ORDER BY handle LIMIT ${count}`);
  const people = rows.split("\n").map((row) => row.split(/[|\t]/));
  const values = people.map(
    ([id, handle]) => `('${sha256(`token-of-${handle}`)}', '${id}', '2000-01-01 00:00:00', '2100-01-01 00:00:00', '')`,
  );
  await ask(`INSERT INTO sessions (id, user_id, created_at, expires_at, user_agent) VALUES ${values.join(", ")}`);
  return people.map(([, handle]) => ({ handle, cookie: `__Host-session=token-of-${handle}` }));
}
