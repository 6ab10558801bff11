// One site on every engine that it runs on: the same rows, and how a Worker or the native server is told of them.
// Absent: what is measured; see ../drivers.mjs.

import { database } from "../../workerd/servers.mjs";
import { startNative } from "./native.mjs";
import { copyState } from "./state.mjs";
import { built, start } from "./workerd.mjs";

const url = (text, port) => {
  const own = new URL(text);
  if (port) own.port = port;
  return own.href;
};
const direct = (driver, address) => ({ text: { DB_DRIVER: driver, DATABASE_URL: address } });
const bindings = (address) => ({
  text: { DB_DRIVER: "hyperdrive" },
  hyperdrive: { HYPERDRIVE_CACHED: address, HYPERDRIVE_DIRECT: address },
});

/** In the order of the tables. `at(databases, port)` is how it is told; `server` is whose port may be another. */
export const ENGINES = {
  d1: { at: () => ({ text: { DB_DRIVER: "d1" } }), hasState: true },
  hyperdrive: { server: "postgres", isNear: true, at: (all, port) => bindings(url(all.postgres.plain, port)) },
  postgres: { server: "postgres", at: (all, port) => direct("postgres", url(all.postgres.plain, port)) },
  "postgres, TLS": { server: "postgres", at: (all, port) => direct("postgres", url(all.postgres.secure, port)) },
  mysql: { server: "mysql", at: (all, port) => direct("mysql", url(all.mysql.plain, port)) },
  "mysql, TLS": { server: "mysql", at: (all, port) => direct("mysql", url(all.mysql.secure, port)) },
  "native, sqlite": { isNative: true, at: (all) => `sqlite:${all.file}` },
  "native, postgres": { isNative: true, server: "postgres", at: (all, port) => url(all.postgres.plain, port) },
  "native, mysql": { isNative: true, server: "mysql", at: (all, port) => url(all.mysql.plain, port) },
};

/** The example site on both servers; `remove()` ends that. */
export async function makeDatabases() {
  const postgres = await database("postgres", "bench");
  await postgres.ask("ANALYZE");
  const mysql = await database("mysql", "bench");
  return {
    postgres,
    mysql,
    port: (server) => Number(new URL({ postgres, mysql }[server].plain).port),
    remove: () => Promise.all([postgres.remove(), mysql.remove()]),
  };
}

/** Starts the site on the engine of this name; `port` is another way to its server, and with `inspector` it can be profiled. */
export function startOn(name, place) {
  const { databases, state, copies, worker, native, site, environment = "production", port, inspector } = place;
  const engine = ENGINES[name];
  const told = engine.at(databases, port);
  if (engine.isNative) return startNative({ program: native, url: told, site, environment });
  const { text, ...more } = told;
  return start({
    modules: built(worker),
    ...(engine.hasState ? { state: copyState(state, `${copies}-${environment}`) } : {}),
    text: { ENVIRONMENT: environment, ...text },
    inspector,
    ...more,
  });
}
