// `cargo x bench memory`: a release Worker over tens of thousands of requests, complete and aborted. Its memory, its open
// sockets, and the time of the next answer. Results go to target/bench-memory.json.
// Absent: CPU and bytes; see bench.mjs.

import { readFileSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startBare, stopBare } from "./lib/bare.mjs";
import { load } from "./lib/load.mjs";
import { ensureRelease } from "./lib/release.mjs";
import { run as runMain } from "./lib/main.mjs";
import { heading, print, step, table } from "./lib/report.mjs";
import { createDatabase } from "./lib/state.mjs";
import { built } from "./lib/workerd.mjs";

const HELP = `Measures a release Worker in bare workerd over many requests: memory, open sockets, and the answer after a burst of
aborted requests. D1 is answered by another process.

Usage: cargo x bench memory -- [options]

  --complete N     requests that are answered (default: 50000)
  --aborted N      requests whose client goes away before the answer (default: 20000)
  --worker FOLDER  folder of the built Worker (default: server/build)
  --database FILE  a SQLite file with the example site (default: a new one)
  --help           print help`;

const ROOT = join(import.meta.dirname, "../..");
/** Pages of every kind. */
const PATHS = [
  "/",
  "/posts",
  "/posts/everything-markdown-can-do-here",
  "/posts?q=train",
  "/users",
  "/users/abril-sandoval",
  "/about",
  "/feed.xml",
  "/api/v1/posts",
  "/sitemap.xml",
];
const STEPS = 10;
/** Milliseconds, longer than idle connections to the database are kept. */
const PAUSE = 15_000;

const { values: options } = parseArgs({
  options: {
    complete: { type: "string", default: "50000" },
    aborted: { type: "string", default: "20000" },
    worker: { type: "string", default: join(ROOT, "server/build") },
    database: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

/** Memory of a process in MB, as Linux counts it. */
function resident(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(kilobytes) / 1024;
}

/** Open sockets of a process. */
function sockets(pid) {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((fd) => {
    try {
      return readlinkSync(join(folder, fd)).startsWith("socket:");
    } catch {
      return false; // It was closed meanwhile.
    }
  }).length;
}

/**
 * Sends a request and goes away: at once, or when the first bytes of the answer are there. The connection is reset: who only
 * closes it may still wait for the answer, and gets it made.
 */
function abort(port, path, waits) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const leave = () => socket.resetAndDestroy();
    socket.on("error", leave);
    socket.on("close", resolve);
    socket.on("connect", () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`, () => {
        if (waits) socket.once("data", leave);
        else setTimeout(leave, 1);
      });
    });
  });
}

async function abortMany(port, count, connections) {
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      await abort(port, PATHS[left % PATHS.length], left % 3 === 0);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
}

/** Milliseconds until a page is there. */
async function answer(port) {
  const begin = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/posts`);
  await response.text();
  return performance.now() - begin;
}

async function measure() {
  const database = options.database ?? createDatabase({ root: ROOT, file: join(ROOT, "target/bench/memory.sqlite") });
  const server = await startBare({ modules: built(options.worker), text: { ENVIRONMENT: "production" }, database });
  const rows = [];
  const note = async (what) => {
    // Connections that a client has closed are closed here, too, by then.
    await sleep(500);
    rows.push({ what, megabytes: resident(server.pid), sockets: sockets(server.pid), milliseconds: await answer(server.port) });
  };
  await note("start");
  const complete = Number(options.complete) / STEPS;
  for (let n = 1; n <= STEPS; n += 1) {
    for (const path of PATHS) await load({ port: server.port, path, count: Math.ceil(complete / PATHS.length), connections: 8 });
    await note(`${n * complete} complete`);
  }
  const aborted = Number(options.aborted) / STEPS;
  for (let n = 1; n <= STEPS; n += 1) {
    await abortMany(server.port, aborted, 32);
    await note(`${n * aborted} aborted`);
  }
  await sleep(PAUSE);
  await note(`${PAUSE / 1000} s without a request`);
  await stopBare();
  return rows;
}

async function main() {
  if (options.help) return print(HELP);
  ensureRelease(options.worker);
  const rows = await step("requests", measure);
  heading("Memory of workerd, its open sockets, and the time of the next answer");
  table(
    ["after", "MB", "sockets", "ms"],
    rows.map((row) => [row.what, row.megabytes.toFixed(0), String(row.sockets), row.milliseconds.toFixed(1)]),
  );
  writeFileSync(join(ROOT, "target/bench-memory.json"), `${JSON.stringify(rows, null, 2)}\n`);
  print("\nwritten to target/bench-memory.json");
}

await runMain(main, stopBare);
