// A Worker in bare workerd, without Miniflare: its process runs the Worker and nothing else. D1 is answered by another
// process (d1-server.mjs), through workerd's own D1 client.
// Absent: other bindings; see workerd.mjs.

import { fork, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { COMPATIBILITY } from "./workerd.mjs";

const { resolve } = createRequire(import.meta.url);
/** Miniflare's workerd, the program itself: the script that stands for it after an install without scripts passes no pipe on. */
const WORKERD = createRequire(resolve("miniflare"))("workerd").default;
const running = new Set();

/** Stops all Workers that still run. */
export async function stopBare() {
  await Promise.all([...running].map((stop) => stop()));
}

/**
 * Starts `modules` (see workerd.mjs) with text bindings, the SQLite file `database` as its D1, or a D1 that answers at `d1Port`
 * already, and the folder `assets` as the binding `ASSETS`. Returns the process id of workerd, the port, the address of the inspector if there is to be one, and `stop()`.
 */
export async function startBare({ modules, text = {}, database, d1Port, assets, inspector = false }) {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const d1 = database && (await startDatabase(database));
  const config = join(folder, "config.capnp");
  writeModules(folder, modules);
  writeFileSync(config, configuration({ modules, text, d1Port: d1?.port ?? d1Port, assets }));
  const inspected = inspector ? ["--inspector-addr=127.0.0.1:0"] : [];
  const child = spawn(WORKERD, ["serve", "--experimental", "--control-fd=3", ...inspected, config], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    running.delete(stop);
    child.kill("SIGKILL");
    d1?.stop();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  running.add(stop);
  const ports = await Promise.race([
    listening(child.stdio[3], inspector ? ["listen", "listen-inspector"] : ["listen"]),
    ended.then((code) => Promise.reject(new Error(`workerd ended with ${code} before it listened`))),
  ]);
  return {
    pid: child.pid,
    port: ports.listen,
    inspector: inspector ? `ws://127.0.0.1:${ports["listen-inspector"]}/site` : null,
    stop,
  };
}

/** Reads workerd's control messages until each of `events` has named its port. */
async function listening(pipe, events) {
  const ports = {};
  for await (const line of createInterface({ input: pipe })) {
    const { event, port } = JSON.parse(line);
    ports[event] = port;
    if (events.every((name) => ports[name])) return ports;
  }
  return new Promise(() => {});
}

/** Starts the process of a D1 on the SQLite file `file`. Returns its port and `stop()`. */
export async function startDatabase(file) {
  const child = fork(join(import.meta.dirname, "d1-server.mjs"), [file], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const [line] = await new Promise((resolve, reject) => {
    child.stdout.once("data", (data) => resolve(String(data).split("\n")));
    child.once("exit", () => reject(new Error("the database's process ended")));
  });
  return { port: Number(line), stop: () => child.kill("SIGKILL") };
}

function writeModules(folder, modules) {
  for (const [name, { contents }] of Object.entries(modules)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
}

/** workerd's configuration, in Cap'n Proto's text format. Its strings are written like JSON's. */
function configuration({ modules, text, d1Port, assets }) {
  const kinds = { esm: "esModule", wasm: "wasm" };
  const list = (items) => `[${items.join(", ")}]`;
  const files = Object.entries(modules).map(
    ([name, { type }]) => `(name = ${quoted(name)}, ${kinds[type]} = embed ${quoted(name)})`,
  );
  const bindings = Object.entries(text).map(([name, value]) => `(name = ${quoted(name)}, text = ${quoted(value)})`);
  const services = [`(name = "site", worker = .site)`];
  if (d1Port) {
    bindings.push(
      `(name = "DB", wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = "d1")]))`,
    );
    services.push(`(name = "d1", external = (address = "127.0.0.1:${d1Port}", http = ()))`);
  }
  if (assets) {
    bindings.push(`(name = "ASSETS", service = "assets")`);
    services.push(`(name = "assets", disk = (path = ${quoted(assets)}))`);
  }
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = ${list(services)},
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "site")],
);
const site :Workerd.Worker = (
  modules = ${list(files)},
  compatibilityDate = ${quoted(COMPATIBILITY.compatibilityDate)},
  compatibilityFlags = ${list(COMPATIBILITY.compatibilityFlags.map(quoted))},
  bindings = ${list(bindings)},
);
`;
}

/** A string of Cap'n Proto's text format: ASCII, everything else in octal. */
function quoted(text) {
  const bytes = [...Buffer.from(text)].map((byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\${byte.toString(8).padStart(3, "0")}`
      : String.fromCharCode(byte),
  );
  return `"${bytes.join("")}"`;
}
