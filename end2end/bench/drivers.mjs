// `cargo x bench drivers`: what the same site costs on every engine. Figures go to target/bench/drivers.json.
// Absent: how each is started and measured; see lib/.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { delayed } from "./lib/delay.mjs";
import { ENGINES, makeDatabases, startOn } from "./lib/engines.mjs";
import { load } from "./lib/load.mjs";
import { users } from "./lib/login.mjs";
import { stopNative } from "./lib/native.mjs";
import { body, interleaved } from "./lib/pages.mjs";
import { databaseAlone, difference } from "./lib/plain.mjs";
import { hasNames, profile } from "./lib/profile.mjs";
import { ensureRelease } from "./lib/release.mjs";
import { heading, say, step, table } from "./lib/say.mjs";
import { AIM, computing, WAYS } from "./lib/scram.mjs";
import { copyState, databaseFile, makeState } from "./lib/state.mjs";
import { built, start, stopAll } from "./lib/workerd.mjs";

const HELP = `Measures the release build on every engine: the Worker in bare workerd on D1, Hyperdrive, PostgreSQL and MySQL,
and the native server, all with the example site.

Usage: cargo x bench drivers -- [options]

  --quick          fewer requests and rounds: the order of magnitude
  --engine NAME    only this engine beside d1; may be given several times
  --part PART      only this part: cpu, login, scram or delay; may be given several times
  --profile PATH   only where this page's CPU goes in the Worker, to target/bench/<engine>.cpuprofile
  --worker FOLDER  the built Worker to measure (server/build)
  --site FOLDER    its assets (target/site)
  --native FILE    the built native server; without it, only the Worker is measured
  --test-worker FOLDER   the Worker built with test_routes; without it, the part scram is left out
  --help           this text

CPU is user and system time of the process that serves: workerd, which runs D1's local simulation too, or the native
server, which runs SQLite. PostgreSQL and MariaDB are processes of their own, and in no figure. The network's delay is
that of a proxy between site and server; D1 has none that could be delayed. Figures mean something only on a machine that
does nothing else.`;

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "target/bench");
const POST = "/posts/everything-markdown-can-do-here";
/** With data, without, and the least that each of both can be. */
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
const AMOUNT = options.quick ? { rounds: 3, count: 300, warmUp: 300 } : { rounds: 5, count: 600, warmUp: 600 };
/** How many delayed requests make a median, and over how many connections: so few that none waits for another. */
const LATE = { count: options.quick ? 20 : 60, connections: 2 };

/** The engines to be measured; d1 is what the others are compared with. */
function chosen() {
  const unknown = options.engine?.find((name) => !(name in ENGINES));
  if (unknown) throw new Error(`no engine is called “${unknown}”; there are ${Object.keys(ENGINES).join("; ")}`);
  return Object.keys(ENGINES).filter(
    (name) =>
      (name === "d1" || !options.engine || options.engine.includes(name)) && (options.native || !ENGINES[name].isNative),
  );
}

async function cpu(names, place) {
  const servers = {};
  for (const name of names) servers[name] = await startOn(name, place);
  const { modules, text } = databaseAlone({ root: ROOT });
  const state = copyState(place.state, join(FOLDER, "drivers-alone"));
  servers["D1 alone"] = await start({ modules, text, state });
  // As the site asks.
  const session = copyState(place.state, join(FOLDER, "drivers-session"));
  servers["D1 session"] = await start({ modules, text: { ...text, SESSION: "first-unconstrained" }, state: session });
  const figures = {};
  const differs = [];
  for (const path of PAGES) {
    if (path === POST || path === "/posts") {
      const first = await body(servers.d1, path);
      for (const name of names) {
        const why = difference(first, await body(servers[name], path));
        if (why) differs.push(`${path} on ${name} is not d1's: ${why}`);
      }
    }
    figures[path] = await step(`CPU of ${path}`, () => interleaved(servers, path, AMOUNT));
  }
  await stopEverything();
  return { figures, differs };
}

/** Where the CPU of `path` goes, engine by engine. */
async function profiles(names, path, place) {
  for (const name of names.filter((name) => !ENGINES[name].isNative)) {
    const site = await startOn(name, { ...place, inspector: true });
    const file = join(FOLDER, `${name.replace(/\W+/g, "-")}.cpuprofile`);
    const { count, warmUp } = AMOUNT;
    const times = await step(`profile of ${path} on ${name}`, () => profile(site, { path, count, warmUp, file }));
    await site.stop();
    heading(`${path} on ${name}: µs a request that functions took themselves, as sampled`);
    table(["function", "µs"], times.slice(0, 40).map(({ name, micros }) => [name.slice(0, 100), micros.toFixed(1)]));
  }
  if (!hasNames(readFileSync(join(options.worker, "index_bg.wasm")))) {
    say("! The release build's wasm has no names, so its functions show as numbers: see `cargo x bench -- --profile`.");
  }
}

async function login(place) {
  const all = await users(place.databases.postgres);
  undone.push(all.remove);
  const servers = {};
  for (const [name, url] of Object.entries(all.urls)) {
    const text = { ENVIRONMENT: "production", DB_DRIVER: "postgres", DATABASE_URL: url };
    servers[name] = await start({ modules: built(options.worker), text });
  }
  const figures = await step("log-in by SCRAM, by MD5 and without", () => interleaved(servers, "/api/health", AMOUNT));
  await stopEverything();
  return Object.fromEntries(Object.entries(figures).map(([name, { cpu }]) => [name, cpu]));
}

/** A log-in's computing, in the test build of the Worker. */
async function scram() {
  const server = await start({ modules: built(options["test-worker"]), text: { ENVIRONMENT: "production" } });
  const amount = options.quick ? { rounds: 3, part: 0.3 } : { rounds: 9 };
  const figures = await step("log-in by SCRAM without the network", () => computing(server, amount));
  await stopEverything();
  return figures;
}

/** What the site itself says about a page's questions to the database. */
async function counted(server, path) {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  await response.arrayBuffer();
  const words = /"(\d+) connections, (\d+) round trips, (\d+) statements/.exec(response.headers.get("server-timing"));
  const [connections, roundTrips, statements] = words.slice(1).map(Number);
  return { connections, roundTrips, statements };
}

/** p50 in ms of one page on one engine at one distance, and how many connections a request made. */
async function late(name, roundTrip, place) {
  const { server, isNear } = ENGINES[name];
  const way = server && (await delayed({ port: place.databases.port(server) }, { roundTrip, isNear }));
  const site = await startOn(name, { ...place, environment: "development", port: way?.port });
  const figures = {};
  for (const path of DELAYED) {
    // The first ones compile, connect and make the log-in's key.
    await load({ port: site.port, path, count: roundTrip ? 10 : 300, connections: LATE.connections });
    const before = way?.connections();
    const { p50 } = await load({ port: site.port, path, ...LATE });
    const opened = way && (way.connections() - before) / LATE.count;
    figures[path] = { p50, opened, ...(await counted(site, path)) };
  }
  await site.stop();
  await way?.stop();
  return figures;
}

async function delays(names, place) {
  const figures = Object.fromEntries(names.map((name) => [name, {}]));
  for (const roundTrip of DELAYS) {
    await step(`a round trip of ${roundTrip} ms`, async (tell) => {
      for (const name of names) {
        // Nothing is between a site and the database that it has inside.
        if (roundTrip && !ENGINES[name].server) continue;
        tell(name);
        figures[name][roundTrip] = await late(name, roundTrip, place);
      }
    });
  }
  return figures;
}

function showCpu({ figures, differs }, names) {
  heading("CPU µs of the process that serves, a request; × is d1's");
  const of = (path, name) => figures[path][name].cpu;
  const both = (path, name) => [of(path, name).toFixed(0), (of(path, name) / of(path, "d1")).toFixed(2)];
  table(
    ["engine", "/posts", "×", "a post", "×", "/about", "/api/health", "connection and question"],
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
    say(
      `  ${path}: ${simulation.toFixed(0)} µs of d1's are its simulation's, which Cloudflare has elsewhere; ` +
        `${(simulation - without).toFixed(0)} of these its session's`,
    );
  }
  say("  “connection and question” is /api/health without /robots.txt");
  for (const one of differs) say(`! ${one}`);
}

function showLogin(figures) {
  heading("CPU µs of /api/health on PostgreSQL, by how the server lets the user in");
  table(Object.keys(figures), [Object.values(figures).map((cpu) => cpu.toFixed(0))]);
  say(`  SCRAM, its two round trips included, costs ${(figures["scram-sha-256"] - figures.trust).toFixed(0)} µs a connection`);
}

function showScram(figures) {
  heading(`CPU µs of a log-in by SCRAM-SHA-256 without the network: the client's computing alone`);
  table(
    ["", "µs", "least", "most", `at most ${AIM}`],
    Object.entries(WAYS).map(([way, { title }]) => {
      const { cpu, gross, cpuOfEachRound: all } = figures[way];
      const rest = gross - cpu;
      const micros = [cpu, Math.min(...all) - rest, Math.max(...all) - rest].map((micros) => micros.toFixed(1));
      return [title, ...micros, cpu <= AIM ? "yes" : "no"];
    }),
  );
  const { peer } = figures;
  say(`  each is CPU of many log-ins in one request, without that of a request with none, and without the server's side,`);
  say(`  which the same request computes: ${peer.cpu.toFixed(1)} µs; “least” and “most” are those of the rounds`);
}

function showDelays(figures) {
  const [near, , far] = DELAYS;
  for (const path of DELAYED) {
    heading(`${path}: p50 in ms with a round trip of 0, 10 and 50 ms to the database`);
    table(
      ["engine", ...DELAYS.map((delay) => `${delay} ms`), "round trips in all", "of questions", "statements", "connections"],
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
  say("  “round trips in all” is what the delay costs, in delays: connecting and logging in included");
}

/** The example site everywhere, and where. */
async function makePlace() {
  mkdirSync(FOLDER, { recursive: true });
  const state = join(FOLDER, "drivers-example");
  rmSync(state, { recursive: true, force: true });
  await step("example site in D1", () => makeState({ root: ROOT, folder: state }));
  const databases = await step("example site in PostgreSQL and MariaDB", makeDatabases);
  undone.push(databases.remove);
  databases.file = databaseFile(copyState(state, join(FOLDER, "drivers-native")));
  const { worker, site, native } = options;
  return { databases, state, copies: join(FOLDER, "drivers-d1"), worker, site, native };
}

const wants = (part) => options.part.includes(part);

async function measure() {
  const names = chosen();
  // What a log-in computes needs no site.
  const needsSite = options.profile || PARTS.some((part) => part !== "scram" && wants(part));
  if (needsSite) ensureRelease(options.worker);
  if (options["test-worker"]) ensureRelease(options["test-worker"]);
  const place = needsSite && (await makePlace());
  if (options.profile) return profiles(names, options.profile, place);
  const result = { at: new Date().toISOString(), cpus: cpus().length, load: loadavg()[0], amount: AMOUNT };
  if (wants("cpu")) result.cpu = await cpu(names, place);
  if (wants("login")) result.login = await login(place);
  if (wants("scram") && options["test-worker"]) result.scram = await scram();
  if (wants("delay")) result.delays = await delays(names, place);

  if (result.cpu) showCpu(result.cpu, names);
  if (result.login) showLogin(result.login);
  if (result.scram) showScram(result.scram);
  if (result.delays) showDelays(result.delays);
  if (result.load > 0.5) {
    say(`! The load was ${result.load.toFixed(1)} at the start: something else was running, take the figures with care.`);
  }
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "drivers.json"), `${JSON.stringify(result, null, 2)}\n`);
  say("\nwritten to target/bench/drivers.json");
}

/** What was changed at the database servers, to be undone in the end. */
const undone = [];

async function stopEverything() {
  await stopAll();
  await stopNative();
}

async function end() {
  await stopEverything();
  while (undone.length > 0) await undone.pop()();
}

async function main() {
  if (options.help) return say(HELP);
  const unknown = options.part.find((part) => !PARTS.includes(part));
  if (unknown) throw new Error(`no part is called “${unknown}”; there are ${PARTS.join(", ")}`);
  if (wants("scram") && !options["test-worker"]) say("! Without --test-worker, the part scram is left out.");
  await measure();
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => void end().finally(() => process.exit(130)));
}
try {
  await main();
} catch (error) {
  say(`\n${error.stack}`);
  process.exitCode = 1;
} finally {
  await end();
}
