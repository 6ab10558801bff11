// The engines: databases with equal rows, and the configuration of a Worker or native server for each.
// Absent: the measurements; see ../drivers.mjs.

import { database } from "../../workerd/servers.mjs";
import { startNative } from "./native.mjs";
import { copyState } from "./state.mjs";
import { built, start } from "./workerd.mjs";

const url = (text, port) => {
  const own = new URL(text);
  if (port) own.port = port;
  return own.href;
};
const byUrl = (driver, address) => ({ text: { DB_DRIVER: driver, DATABASE_URL: address } });
const byHyperdrive = (address) => ({
  text: { DB_DRIVER: "hyperdrive" },
  hyperdrive: { HYPERDRIVE_CACHED: address, HYPERDRIVE_DIRECT: address },
});

/** In table order. `config(databases, port)` returns the configuration; `server` is the server whose port can be replaced. */
export const ENGINES = {
  d1: { config: () => ({ text: { DB_DRIVER: "d1" } }), hasState: true },
  hyperdrive: { server: "postgres", isNear: true, config: (all, port) => byHyperdrive(url(all.postgres.plain, port)) },
  postgres: { server: "postgres", config: (all, port) => byUrl("postgres", url(all.postgres.plain, port)) },
  "postgres, TLS": { server: "postgres", config: (all, port) => byUrl("postgres", url(all.postgres.secure, port)) },
  mysql: { server: "mysql", config: (all, port) => byUrl("mysql", url(all.mysql.plain, port)) },
  "mysql, TLS": { server: "mysql", config: (all, port) => byUrl("mysql", url(all.mysql.secure, port)) },
  "native, sqlite": { isNative: true, config: (all) => `sqlite:${all.file}` },
  "native, postgres": { isNative: true, server: "postgres", config: (all, port) => url(all.postgres.plain, port) },
  "native, mysql": { isNative: true, server: "mysql", config: (all, port) => url(all.mysql.plain, port) },
};

/** Creates the example site on both servers; `remove()` deletes it. */
export async function createDatabases() {
  const postgres = await database("postgres", "bench");
  await postgres.query("ANALYZE");
  const mysql = await database("mysql", "bench");
  return {
    postgres,
    mysql,
    port: (server) => Number(new URL({ postgres, mysql }[server].plain).port),
    remove: () => Promise.all([postgres.remove(), mysql.remove()]),
  };
}

/** Starts the site on the named engine. `port` replaces the server's port; with `inspector` it can be profiled. */
export function startOn(name, options) {
  const { databases, state, copies, worker, native, site, environment = "production", port, inspector } = options;
  const engine = ENGINES[name];
  const config = engine.config(databases, port);
  if (engine.isNative) return startNative({ program: native, url: config, site, environment });
  const { text, ...more } = config;
  return start({
    modules: built(worker),
    ...(engine.hasState ? { state: copyState(state, `${copies}-${environment}`) } : {}),
    text: { ENVIRONMENT: environment, ...text },
    inspector,
    ...more,
  });
}
