// `cargo x bench drivers`: the cost of one site on every engine. Results go to target/bench/drivers.json.
// Absent: starting and measuring; see lib/.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startDelayProxy } from "./lib/delay.mjs";
import { ENGINES, createDatabases, startOn } from "./lib/engines.mjs";
import { load } from "./lib/load.mjs";
import { users } from "./lib/login.mjs";
import { stopNative } from "./lib/native.mjs";
import { body, interleaved } from "./lib/pages.mjs";
import { databaseAlone, difference } from "./lib/baseline.mjs";
import { hasNames, profile } from "./lib/profile.mjs";
import { ensureRelease } from "./lib/release.mjs";
import { run as runMain } from "./lib/main.mjs";
import { heading, print, step, table } from "./lib/report.mjs";
import { MODES, TARGET_MICROS, loginCpu } from "./lib/scram.mjs";
import { copyState, createState, databaseFile } from "./lib/state.mjs";
import { built, start, stopAll } from "./lib/workerd.mjs";

const HELP = `Measures the release build on every engine: the Worker in bare workerd on D1, Hyperdrive, PostgreSQL and MySQL,
and the native server, all with the example site.

Usage: cargo x bench drivers -- [options]

  --quick          send fewer requests, for a rough result
  --engine NAME    measure only this engine and d1; repeatable
  --part PART      run only this part: cpu, login, scram or delay; repeatable
  --profile PATH   only write CPU profiles of this page in the Worker, to target/bench/<engine>.cpuprofile
  --worker FOLDER  folder of the built Worker (default: server/build)
  --site FOLDER    folder of its assets (default: target/site)
  --native FILE    built native server; without it, only the Worker is measured
  --test-worker FOLDER   folder of a Worker built with test_routes; without it, the part scram is skipped
  --help           print help

CPU is user and system time of the serving process: workerd, which includes D1's local simulation, or the native server,
which includes SQLite. PostgreSQL and MariaDB run in other processes, which are not measured. A proxy between site and
database server adds the network delay; there is none for D1. Results are meaningful only on an otherwise idle machine.`;

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "target/bench");
const POST = "/posts/everything-markdown-can-do-here";
/** Pages with and without data, and the smallest response of each kind. */
const PAGES = ["/posts", POST, "/about", "/api/health", "/robots.txt"];
const DELAYED = ["/posts", POST];
const DELAYS = [0, 10, 50];
const PARTS = ["cpu", "login", "scram", "delay"];

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    engine: { type: "string", multiple: true },
    part: { type: "string", multiple: true, default: PARTS },
    profile: { type: "string" },
    worker: { type: "string", default: join(ROOT, "server/build") },
    site: { type: "string", default: join(ROOT, "target/site") },
    native: { type: "string" },
    "test-worker": { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const LOAD = options.quick ? { rounds: 3, count: 300, warmUp: 300 } : { rounds: 5, count: 600, warmUp: 600 };
/** Requests per median with a delay, and connections: few, so that no request waits for another. */
const DELAYED_LOAD = { count: options.quick ? 20 : 60, connections: 2 };

/** The engines to measure. The others are compared with d1. */
function selectedEngines() {
  const unknown = options.engine?.find((name) => !(name in ENGINES));
  if (unknown) throw new Error(`unknown engine “${unknown}”; known are ${Object.keys(ENGINES).join("; ")}`);
  return Object.keys(ENGINES).filter(
    (name) =>
      (name === "d1" || !options.engine || options.engine.includes(name)) && (options.native || !ENGINES[name].isNative),
  );
}

async function cpu(names, setup) {
  const servers = {};
  for (const name of names) servers[name] = await startOn(name, setup);
  const { modules, text } = databaseAlone({ root: ROOT });
  const state = copyState(setup.state, join(FOLDER, "drivers-alone"));
  servers["D1 alone"] = await start({ modules, text, state });
  // With a D1 session, like the site.
  const session = copyState(setup.state, join(FOLDER, "drivers-session"));
  servers["D1 session"] = await start({ modules, text: { ...text, SESSION: "first-unconstrained" }, state: session });
  const figures = {};
  const differs = [];
  for (const path of PAGES) {
    if (path === POST || path === "/posts") {
      const first = await body(servers.d1, path);
      for (const name of names) {
        const why = difference(first, await body(servers[name], path));
        if (why) differs.push(`${path} on ${name} differs from d1: ${why}`);
      }
    }
    figures[path] = await step(`CPU of ${path}`, () => interleaved(servers, path, LOAD));
  }
  await stopEverything();
  return { figures, differs };
}

/** Writes a CPU profile of `path` on each engine. */
async function profiles(names, path, setup) {
  for (const name of names.filter((name) => !ENGINES[name].isNative)) {
    const site = await startOn(name, { ...setup, inspector: true });
    const file = join(FOLDER, `${name.replace(/\W+/g, "-")}.cpuprofile`);
    const { count, warmUp } = LOAD;
    const times = await step(`profile of ${path} on ${name}`, () => profile(site, { path, count, warmUp, file }));
    await site.stop();
    heading(`${path} on ${name}: own time of functions, µs per request (sampled)`);
    table(["function", "µs"], times.slice(0, 40).map(({ name, micros }) => [name.slice(0, 100), micros.toFixed(1)]));
  }
  if (!hasNames(readFileSync(join(options.worker, "index_bg.wasm")))) {
    print("! The release build's wasm has no function names: see `cargo x bench -- --profile`.");
  }
}

async function login(setup) {
  const all = await users(setup.databases.postgres);
  cleanups.push(all.remove);
  const servers = {};
  for (const [name, url] of Object.entries(all.urls)) {
    const text = { ENVIRONMENT: "production", DB_DRIVER: "postgres", DATABASE_URL: url };
    servers[name] = await start({ modules: built(options.worker), text });
  }
  const figures = await step("login by SCRAM, by MD5 and without a password", () => interleaved(servers, "/api/health", LOAD));
  await stopEverything();
  return Object.fromEntries(Object.entries(figures).map(([name, { cpu }]) => [name, cpu]));
}

/** Measures the CPU of a login in the test build of the Worker. */
async function scram() {
  const server = await start({ modules: built(options["test-worker"]), text: { ENVIRONMENT: "production" } });
  const amount = options.quick ? { rounds: 3, part: 0.3 } : { rounds: 9 };
  const figures = await step("login by SCRAM without the network", () => loginCpu(server, amount));
  await stopEverything();
  return figures;
}

/** Reads a page's connections, round trips and statements from its Server-Timing header. */
async function countQueries(server, path) {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  await response.arrayBuffer();
  const match = /"(\d+) connections, (\d+) round trips, (\d+) statements/.exec(response.headers.get("server-timing"));
  const [connections, roundTrips, statements] = match.slice(1).map(Number);
  return { connections, roundTrips, statements };
}

/** Measures p50 in ms of each page on one engine with one delay, and the connections per request. */
async function measureDelayed(name, roundTrip, setup) {
  const { server, isNear } = ENGINES[name];
  const proxy = server && (await startDelayProxy({ port: setup.databases.port(server) }, { roundTrip, isNear }));
  const site = await startOn(name, { ...setup, environment: "development", port: proxy?.port });
  const figures = {};
  for (const path of DELAYED) {
    // Warm-up: compiles code, connects and derives the login key.
    await load({ port: site.port, path, count: roundTrip ? 10 : 300, connections: DELAYED_LOAD.connections });
    const before = proxy?.connections();
    const { p50 } = await load({ port: site.port, path, ...DELAYED_LOAD });
    const opened = proxy && (proxy.connections() - before) / DELAYED_LOAD.count;
    figures[path] = { p50, opened, ...(await countQueries(site, path)) };
  }
  await site.stop();
  await proxy?.stop();
  return figures;
}

async function delays(names, setup) {
  const figures = Object.fromEntries(names.map((name) => [name, {}]));
  for (const roundTrip of DELAYS) {
    await step(`a round trip of ${roundTrip} ms`, async (progress) => {
      for (const name of names) {
        // An embedded database has no network that could be delayed.
        if (roundTrip && !ENGINES[name].server) continue;
        progress(name);
        figures[name][roundTrip] = await measureDelayed(name, roundTrip, setup);
      }
    });
  }
  return figures;
}

function showCpu({ figures, differs }, names) {
  heading("CPU µs of the serving process per request; × is relative to d1");
  const of = (path, name) => figures[path][name].cpu;
  const both = (path, name) => [of(path, name).toFixed(0), (of(path, name) / of(path, "d1")).toFixed(2)];
  table(
    ["engine", "/posts", "×", "a post", "×", "/about", "/api/health", "connect and query"],
    names.map((name) => [
      name,
      ...both("/posts", name),
      ...both(POST, name),
      of("/about", name).toFixed(0),
      of("/api/health", name).toFixed(0),
      (of("/api/health", name) - of("/robots.txt", name)).toFixed(0),
    ]),
  );
  for (const path of ["/posts", POST]) {
    const [simulation, without] = ["D1 session", "D1 alone"].map((name) => of(path, name));
    print(
      `  ${path}: ${simulation.toFixed(0)} µs of d1 are its local simulation, which runs elsewhere on Cloudflare; ` +
        `${(simulation - without).toFixed(0)} of these are its session`,
    );
  }
  print("  “connect and query” is /api/health minus /robots.txt");
  for (const one of differs) print(`! ${one}`);
}

function showLogin(figures) {
  heading("CPU µs of /api/health on PostgreSQL, by authentication method");
  table(Object.keys(figures), [Object.values(figures).map((cpu) => cpu.toFixed(0))]);
  print(`  SCRAM, including its two round trips, costs ${(figures["scram-sha-256"] - figures.trust).toFixed(0)} µs per connection`);
}

function showScram(figures) {
  heading(`CPU µs of a login by SCRAM-SHA-256 on the client, without the network`);
  table(
    ["", "µs", "min", "max", `at most ${TARGET_MICROS}`],
    Object.entries(MODES).map(([mode, { title }]) => {
      const { cpu, gross, cpuOfEachRound: all } = figures[mode];
      const rest = gross - cpu;
      const micros = [cpu, Math.min(...all) - rest, Math.max(...all) - rest].map((micros) => micros.toFixed(1));
      return [title, ...micros, cpu <= TARGET_MICROS ? "yes" : "no"];
    }),
  );
  const { peer } = figures;
  print(`  measured as many logins in one request, minus a request with none, minus the server's side, which the same request`);
  print(`  computes: ${peer.cpu.toFixed(1)} µs; “min” and “max” are over the rounds`);
}

function showDelays(figures) {
  const [near, , far] = DELAYS;
  for (const path of DELAYED) {
    heading(`${path}: p50 in ms with a round trip of 0, 10 and 50 ms to the database`);
    table(
      ["engine", ...DELAYS.map((delay) => `${delay} ms`), "round trips in total", "of queries", "statements", "connections"],
      Object.entries(figures).map(([name, all]) => {
        const own = all[near][path];
        const felt = all[far] ? ((all[far][path].p50 - own.p50) / (far - near)).toFixed(1) : "–";
        return [
          name,
          ...DELAYS.map((delay) => all[delay]?.[path].p50.toFixed(1) ?? "–"),
          felt,
          String(own.roundTrips),
          String(own.statements),
          own.opened === undefined ? "–" : own.opened.toFixed(2),
        ];
      }),
    );
  }
  print("  “round trips in total” is the added time divided by the delay: it includes connecting and logging in");
}

/** Creates the example site on every engine; returns the options of `startOn`. */
async function prepare() {
  mkdirSync(FOLDER, { recursive: true });
  const state = join(FOLDER, "drivers-example");
  rmSync(state, { recursive: true, force: true });
  await step("example site in D1", () => createState({ root: ROOT, folder: state }));
  const databases = await step("example site in PostgreSQL and MariaDB", createDatabases);
  cleanups.push(databases.remove);
  databases.file = databaseFile(copyState(state, join(FOLDER, "drivers-native")));
  const { worker, site, native } = options;
  return { databases, state, copies: join(FOLDER, "drivers-d1"), worker, site, native };
}

const isSelected = (part) => options.part.includes(part);

async function measure() {
  const names = selectedEngines();
  // The part scram needs no site.
  const needsSite = options.profile || PARTS.some((part) => part !== "scram" && isSelected(part));
  if (needsSite) ensureRelease(options.worker);
  if (options["test-worker"]) ensureRelease(options["test-worker"]);
  const setup = needsSite && (await prepare());
  if (options.profile) return profiles(names, options.profile, setup);
  const result = { at: new Date().toISOString(), cpus: cpus().length, load: loadavg()[0], amount: LOAD };
  if (isSelected("cpu")) result.cpu = await cpu(names, setup);
  if (isSelected("login")) result.login = await login(setup);
  if (isSelected("scram") && options["test-worker"]) result.scram = await scram();
  if (isSelected("delay")) result.delays = await delays(names, setup);

  if (result.cpu) showCpu(result.cpu, names);
  if (result.login) showLogin(result.login);
  if (result.scram) showScram(result.scram);
  if (result.delays) showDelays(result.delays);
  if (result.load > 0.5) {
    print(`! The load average was ${result.load.toFixed(1)} at the start: results are unreliable.`);
  }
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "drivers.json"), `${JSON.stringify(result, null, 2)}\n`);
  print("\nwritten to target/bench/drivers.json");
}

/** Functions that undo changes to the database servers, to be run at the end. */
const cleanups = [];

async function stopEverything() {
  await stopAll();
  await stopNative();
}

async function end() {
  await stopEverything();
  while (cleanups.length > 0) await cleanups.pop()();
}

async function main() {
  if (options.help) return print(HELP);
  const unknown = options.part.find((part) => !PARTS.includes(part));
  if (unknown) throw new Error(`unknown part “${unknown}”; known are ${PARTS.join(", ")}`);
  if (isSelected("scram") && !options["test-worker"]) print("! Without --test-worker, the part scram is skipped.");
  await measure();
}

await runMain(main, end);
