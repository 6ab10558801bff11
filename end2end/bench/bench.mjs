// `cargo x bench`: the cost of a release build, compared with pages written by hand and with Hono. Results go to
// target/bench.json.
// Absent: the measurements; see lib/.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startBare, stopBare } from "./lib/bare.mjs";
import { bytes } from "./lib/bytes.mjs";
import { coldStarts } from "./lib/cold-start.mjs";
import { hono } from "./lib/hono.mjs";
import { PAGES, page } from "./lib/pages.mjs";
import { baseline } from "./lib/baseline.mjs";
import { ORIGIN, measureStates, prerender } from "./lib/prerendered.mjs";
import { hasNames, profile } from "./lib/profile.mjs";
import { ensureRelease } from "./lib/release.mjs";
import { cpuBySize, rowsRead } from "./lib/rows.mjs";
import { createDatabase, createState, databaseFile, schemaHash } from "./lib/state.mjs";
import { run as runMain } from "./lib/main.mjs";
import { formatNumber, heading, print, step, table } from "./lib/report.mjs";
import { SITE_NAME } from "../site-identity.mjs";
import { built, start, stopAll } from "./lib/workerd.mjs";

const HELP = `Measures the release build in bare workerd, and compares it with hand-written pages in plain JavaScript, and with lists by
Hono and Drizzle, which are installed into target/bench.

Usage: cargo x bench -- [options]

  --quick          send fewer requests, for a rough result
  --page PATH      measure only the CPU of this page; repeatable
  --prerendered    measure only prerendered pages: rendered, from the file, and as 304
  --large          also measure rows read and CPU with 1,000 and 1,000,000 posts (seeded once)
  --posts N        like --large, with N instead of 1,000,000 posts
  --profile PATH   only write a CPU profile of this page to target/<page>.cpuprofile and list its functions
  --database FILE  a SQLite file with the example site (default: a new one)
  --worker FOLDER  folder of the built Worker (default: server/build)
  --site FOLDER    folder of its assets (default: target/site)
  --help           print help

CPU is user and system time of the workerd process. D1 is answered by another process, as it is on Cloudflare.
Results are meaningful only on an otherwise idle machine.`;

const ROOT = join(import.meta.dirname, "../..");
const TARGET = join(ROOT, "target");
const SITE = join(TARGET, "site");
const STATES = join(TARGET, "bench");
const SMALL = 1_000;
const LARGE = 1_000_000;
const USERS = 1_000;
/** Lists, a long post with comments, and an author. */
const PRERENDERED = ["/posts", "/users", "/posts/everything-markdown-can-do-here", "/users/abril-sandoval"];

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    page: { type: "string", multiple: true },
    prerendered: { type: "boolean", default: false },
    large: { type: "boolean", default: false },
    posts: { type: "string" },
    profile: { type: "string" },
    database: { type: "string" },
    worker: { type: "string", default: join(ROOT, "server/build") },
    site: { type: "string", default: SITE },
    help: { type: "boolean", default: false },
  },
});
const LOAD = options.quick
  ? { rounds: 3, count: 1_000, warmUp: 500, starts: 3 }
  : { rounds: 5, count: 4_000, warmUp: 1_000, starts: 10 };

/** The site's Worker as it is deployed. */
const ours = (database, more = {}) => ({
  modules: built(options.worker),
  database,
  text: { ENVIRONMENT: "production" },
  ...more,
});
const baselineWorker = (database) => ({
  ...baseline({ root: ROOT, manifest: join(TARGET, "site-manifest.json") }),
  database,
});

const honoWorker = async (database) => ({ ...(await hono(join(STATES, "hono"))), database });

async function pages(database) {
  const assets = prerenderedAssets(database);
  const text = { ENVIRONMENT: "production", SITE_URL: ORIGIN };
  const servers = {
    ours: await startBare(ours(database)),
    ready: await startBare(ours(database, { text, assets })),
    baseline: await startBare(baselineWorker(database)),
    hono: await startBare(await honoWorker(database)),
  };
  const figures = [];
  for (const path of options.page ?? PAGES) {
    figures.push(await step(path, () => page(servers, path, LOAD)));
  }
  const pageBytes = options.page ? [] : [await bytes(servers.ours, "/posts", options.site), await bytes(servers.ours, "/about", options.site)];
  await stopBare();
  return { figures, pageBytes };
}

/** Prerenders the site into a folder. */
function prerenderedAssets(database) {
  const assets = join(STATES, "prerendered");
  rmSync(assets, { recursive: true, force: true });
  prerender({ root: ROOT, url: `sqlite:${database}`, out: assets });
  return assets;
}

async function prerendered(database) {
  const assets = prerenderedAssets(database);
  const text = { ENVIRONMENT: "production", SITE_URL: ORIGIN };
  const servers = {
    rendered: await startBare(ours(database, { text })),
    fresh: await startBare(ours(database, { text, assets })),
  };
  const figures = [];
  for (const path of PRERENDERED) {
    figures.push(await step(`${path}, prerendered`, () => measureStates(servers, path, LOAD)));
  }
  await stopBare();
  return figures;
}

async function starts(database) {
  const other = await honoWorker(database);
  return step(`first request of ${LOAD.starts} fresh isolates`, (progress) =>
    coldStarts(
      {
        "/about": { ...ours(database), path: "/about" },
        "/posts": { ...ours(database), path: "/posts" },
        "/posts, by hand": { ...baselineWorker(database), path: "/posts" },
        "/posts, Hono and Drizzle": { ...other, path: "/posts" },
      },
      LOAD.starts,
      (n) => progress(`${n}`),
    ),
  );
}

async function sizes(large) {
  const servers = {};
  const rows = {};
  for (const posts of [SMALL, large]) {
    const folder = join(STATES, `posts-${posts}-${schemaHash(ROOT)}`);
    await step(`site of ${formatNumber(posts)} posts`, () => createState({ root: ROOT, folder, users: USERS, posts }));
    // Miniflare's D1 counts rows as D1 does.
    const counting = await start({ ...ours(), state: folder });
    rows[posts] = await rowsRead(counting, ROOT);
    await counting.stop();
    servers[posts] = await startBare(ours(databaseFile(folder)));
  }
  const cpu = await step("/posts at both sizes", () => cpuBySize(servers, LOAD));
  await stopBare();
  return { posts: [SMALL, large], rows, cpu };
}

function showPages(figures) {
  const micros = (value) => value.toFixed(0);
  const times = ({ perSecond, p50, p99 }) => [perSecond.toFixed(0), p50.toFixed(1), p99.toFixed(1)];
  heading("CPU µs of workerd per request; requests per second, p50 and p99 in ms, over 8 connections");
  table(
    ["page", "by hand", SITE_NAME, "×", "prerendered", "×", "Hono", "×", "req/s", "p50", "p99", "by hand: req/s", "p50", "p99"],
    figures.map(({ path, ours, ready, baseline, hono, ratios }) => [
      path,
      micros(baseline.cpu),
      micros(ours.cpu),
      ratios.ours.toFixed(2),
      micros(ready.cpu),
      ratios.ready.toFixed(2),
      hono ? micros(hono.cpu) : "–",
      ratios.hono?.toFixed(2) ?? "–",
      ...times(ours),
      ...times(baseline),
    ]),
  );
  for (const { path, differs } of figures.filter((one) => one.differs)) {
    print(`! ${path} differs between the site and the baseline: ${differs}`);
  }
}

function showPrerendered(figures) {
  heading("CPU µs of workerd per request of a prerendered page; target: at most half of rendering it");
  table(
    ["page", "rendered", "file", "×", "304", "×"],
    figures.map(({ path, rendered, fresh, known, freshShare, knownShare }) => [
      path,
      rendered.cpu.toFixed(0),
      fresh.cpu.toFixed(0),
      freshShare.toFixed(2),
      known.cpu.toFixed(0),
      knownShare.toFixed(2),
    ]),
  );
}

function showStarts(figures) {
  heading(`First request of a fresh isolate: ms more than an empty Worker, fastest of ${LOAD.starts}`);
  table(
    ["page", "difference", "from start of workerd", "empty Worker"],
    Object.entries(figures).map(([name, { over, own, trivial }]) => [name, ...[over, own, trivial].map((ms) => ms.toFixed(1))]),
  );
}

function showBytes(pageBytes) {
  heading("Bytes of a page, Brotli 4 and 11");
  const both = ({ fast, best }) => [formatNumber(fast), formatNumber(best)];
  table(
    ["page", "until usable: 4", "11", "in total: 4", "11"],
    pageBytes.map(({ path, usable, all }) => [path, ...both(usable), ...both(all)]),
  );
}

function showSizes({ posts, rows, cpu }) {
  heading("Growth of the site");
  table(
    ["posts", ...Object.keys(rows[posts[0]]).map((name) => `rows read by ${name}`), "CPU µs of /posts"],
    posts.map((count) => [formatNumber(count), ...Object.values(rows[count]).map(formatNumber), cpu[count].toFixed(0)]),
  );
}

async function measure() {
  const database = await example();
  const result = { at: new Date().toISOString(), cpus: cpus().length, load: loadavg()[0], amount: LOAD };
  if (!options.prerendered) Object.assign(result, await pages(database));
  if (!options.page) result.prerendered = await prerendered(database);
  if (!options.page && !options.prerendered) result.starts = await starts(database);
  if (options.large || options.posts) result.sizes = await sizes(Number(options.posts ?? LARGE));

  if (result.figures) showPages(result.figures);
  if (result.prerendered) showPrerendered(result.prerendered);
  if (result.starts) showStarts(result.starts);
  if (result.pageBytes?.length > 0) showBytes(result.pageBytes);
  if (result.sizes) showSizes(result.sizes);
  if (result.load > 0.5) {
    print(`! The load average was ${result.load.toFixed(1)} at the start: results are unreliable.`);
  }
  writeFileSync(join(TARGET, "bench.json"), `${JSON.stringify(result, null, 2)}\n`);
  print("\nwritten to target/bench.json");
}

async function example() {
  if (options.database) return options.database;
  const file = join(STATES, "example.sqlite");
  return step("example site", () => createDatabase({ root: ROOT, file }));
}

async function profileOf(path) {
  const server = await startBare(ours(await example(), { inspector: true }));
  const name = path.split("/").filter(Boolean).join("-") || "home";
  const file = join(TARGET, `${name}.cpuprofile`);
  const count = LOAD.count;
  const times = await step(`profile of ${path}`, () => profile(server, { path, count, warmUp: LOAD.warmUp, file }));
  await stopBare();
  heading(`${path}: own time of functions, µs per request (sampled)`);
  table(["function", "µs"], times.slice(0, 40).map(({ name, micros }) => [name, micros.toFixed(1)]));
  if (!hasNames(readFileSync(join(options.worker, "index_bg.wasm")))) {
    print("! The release build's wasm has no function names: optimise it with `wasm-opt -g`, without --strip-debug, and pass its");
    print("  folder as --worker.");
  }
  print(`\nwritten to target/${name}.cpuprofile; open it in DevTools`);
}

async function main() {
  if (options.help) return print(HELP);
  ensureRelease(options.worker);
  mkdirSync(STATES, { recursive: true });
  await (options.profile ? profileOf(options.profile) : measure());
}

async function stopEverything() {
  await Promise.all([stopAll(), stopBare()]);
}

await runMain(main, stopEverything);
