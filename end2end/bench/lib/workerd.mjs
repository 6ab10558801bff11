// Workers in bare workerd: Miniflare writes the configuration and starts the process. Requests go directly to the Worker's
// socket, so that Miniflare's proxy is not measured.
// Absent: load and CPU time; see load.mjs and cpu.mjs.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Miniflare } from "miniflare";

const HOST = "127.0.0.1";
/** Name of the database in every state folder. */
const DATABASE = "bench";
/** As in wrangler.jsonc, where the reasons are. */
export const COMPATIBILITY = {
  compatibilityDate: "2026-11-01",
  compatibilityFlags: ["no_nodejs_compat", "no_nodejs_compat_v2", "enable_request_signal"],
};

const running = new Set();

/** Stops all Workers that still run. */
export async function stopAll() {
  await Promise.allSettled([...running].map((miniflare) => miniflare.dispose()));
  running.clear();
}

/** Reads the modules of the built Worker in `folder`. */
export function built(folder) {
  return {
    "entry.js": { type: "esm", contents: readFileSync(join(folder, "entry.js"), "utf8") },
    "index.js": { type: "esm", contents: readFileSync(join(folder, "index.js"), "utf8") },
    "index_bg.wasm": { type: "wasm", contents: readFileSync(join(folder, "index_bg.wasm")) },
  };
}

/** Returns the modules of a Worker that is a single script. */
export function script(text) {
  return { "index.js": { type: "esm", contents: text } };
}

/**
 * Starts `modules` (see `built`, `script`) with text bindings, the D1 database of the folder `state`, and Hyperdrive bindings
 * by name with the URL of their server, and rate limits by name with their number of attempts a minute, and bindings that
 * send mail by name with what they allow. `assets` is the folder of the binding `ASSETS`, `kv` the name of a KV namespace. With
 * `inspector`, workerd can be profiled; `onLog` receives each line that the Worker logs. The caller ends it with `stop()`.
 */
export async function start({ modules, state, text = {}, hyperdrive = {}, limits = {}, mail = {}, assets, kv, inspector = false, onLog }) {
  const before = new Set(children());
  const env = Object.fromEntries(Object.entries(text).map(([name, value]) => [name, { type: "text", value }]));
  if (state) env.DB = { type: "d1", id: DATABASE };
  if (assets) env.ASSETS = { type: "disk", path: assets };
  if (kv) env[kv] = { type: "kv", id: kv.toLowerCase() };
  for (const [name, connectionString] of Object.entries(hyperdrive)) {
    env[name] = { type: "hyperdrive", id: name.toLowerCase(), dev: { connectionString } };
  }
  for (const [name, limit] of Object.entries(limits)) env[name] = { type: "rate-limit", namespace: name, simple: { limit, period: 60 } };
  for (const [name, allowed] of Object.entries(mail)) env[name] = { type: "send-email", ...allowed };
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
      inspector: inspector ? new URL("/core:user:site", await miniflare.getInspectorURL()) : null,
      database: () => miniflare.getD1Database("DB", "site"),
      /** Runs the Worker's schedule, as the platform does. */
      scheduled: async () => (await miniflare.getWorker("site")).scheduled({ cron: "17 * * * *" }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Process ids of the workerd processes that this process started. */
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
        return false; // The process ended meanwhile.
      }
    })
    .map(Number);
}
