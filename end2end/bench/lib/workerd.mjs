// Workers in bare workerd: Miniflare writes the configuration and starts the process; requests go to the Worker's own
// socket, so that Miniflare's entry proxy is in no figure.
// Absent: load and figures; see load.mjs and cpu.mjs.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Miniflare } from "miniflare";

const HOST = "127.0.0.1";
/** The name that a database has in every state folder made here. */
const DATABASE = "bench";
/** As in wrangler.jsonc, where the reasons are. */
const COMPATIBILITY = {
  compatibilityDate: "2026-11-01",
  compatibilityFlags: ["no_nodejs_compat", "no_nodejs_compat_v2"],
};

const running = new Set();

/** Ends whatever was started here and still runs. */
export async function stopAll() {
  await Promise.allSettled([...running].map((miniflare) => miniflare.dispose()));
  running.clear();
}

/** The modules of the built Worker in `folder`. */
export function built(folder) {
  return {
    "entry.js": { type: "esm", contents: readFileSync(join(folder, "entry.js"), "utf8") },
    "index.js": { type: "esm", contents: readFileSync(join(folder, "index.js"), "utf8") },
    "index_bg.wasm": { type: "wasm", contents: readFileSync(join(folder, "index_bg.wasm")) },
  };
}

/** The modules of a Worker that is one script. */
export function script(text) {
  return { "index.js": { type: "esm", contents: text } };
}

/**
 * Starts `modules` (see `built`, `script`) with the database of the folder `state`, if one is given, text bindings, and
 * Hyperdrive bindings by name, each with the address of the server behind it. `assets` is the folder behind the binding `ASSETS`, `kv` the
 * name of a KV namespace. With `inspector`, workerd can be profiled; `onLog` gets each line that the Worker logs. The caller ends it with `stop()`.
 */
export async function start({ modules, state, text = {}, hyperdrive = {}, assets, kv, inspector = false, onLog }) {
  const before = new Set(children());
  const env = Object.fromEntries(Object.entries(text).map(([name, value]) => [name, { type: "text", value }]));
  if (state) env.DB = { type: "d1", id: DATABASE };
  if (assets) env.ASSETS = { type: "disk", path: assets };
  if (kv) env[kv] = { type: "kv", id: kv.toLowerCase() };
  for (const [name, connectionString] of Object.entries(hyperdrive)) {
    env[name] = { type: "hyperdrive", id: name.toLowerCase(), dev: { connectionString } };
  }
  const miniflare = new Miniflare({
    host: HOST,
    port: 0,
    cf: false,
    logRequests: false,
    unsafeLocalExplorer: false,
    ...(onLog ? { handleStructuredLogs: ({ message }) => onLog(message) } : {}),
    ...(inspector ? { inspectorPort: 0 } : {}),
    ...(state ? { resourcePersistencePath: state } : {}),
    workers: [
      {
        config: {
          name: "site",
          ...COMPATIBILITY,
          manifest: { mainModule: Object.keys(modules)[0], modulesRoot: "/", modules },
          env,
        },
        dev: { unsafeDirectSockets: [{ host: HOST, port: 0 }] },
      },
    ],
  });
  running.add(miniflare);
  const stop = async () => {
    running.delete(miniflare);
    await miniflare.dispose();
  };
  try {
    const url = await miniflare.unsafeGetDirectURL("site");
    const pid = children().find((child) => !before.has(child));
    if (!pid) throw new Error("workerd was not found among this process's children");
    return {
      pid,
      port: Number(url.port),
      inspector: inspector ? await miniflare.getInspectorURL() : null,
      database: () => miniflare.getD1Database("DB", "site"),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The workerd processes that this process started. */
function children() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const end = stat.lastIndexOf(")");
        const parent = Number(stat.slice(end + 2).split(" ")[1]);
        return parent === process.pid && stat.slice(0, end).endsWith("workerd");
      } catch {
        return false; // It ended while we looked.
      }
    })
    .map(Number);
}
