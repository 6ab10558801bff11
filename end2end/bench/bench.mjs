// `cargo x bench`: what a release build costs, beside Workers written by hand. Figures go to target/bench.json.
// Absent: how each is measured; see lib/.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bytes } from "./lib/bytes.mjs";
import { firstRequests } from "./lib/first.mjs";
import { PAGES, page } from "./lib/pages.mjs";
import { databaseAlone, plain } from "./lib/plain.mjs";
import { ORIGIN, prerender, states } from "./lib/prerendered.mjs";
import { hasNames, profile } from "./lib/profile.mjs";
import { ensureRelease } from "./lib/release.mjs";
import { cpuBySize, rowsRead } from "./lib/rows.mjs";
import { copyState, databaseFile, makeState, schema } from "./lib/state.mjs";
import { heading, number, say, step, table } from "./lib/say.mjs";
import { built, start, stopAll } from "./lib/workerd.mjs";

const HELP = `Measures the release build in bare workerd, beside the same pages written by hand in plain JavaScript.

Usage: cargo x bench -- [options]

  --quick          fewer requests and rounds: the order of magnitude
  --page PATH      only this page's CPU; may be given several times
  --prerendered    only pages that were prerendered: rendered, as they are ready, and 304
  --large          also rows read and CPU with 1,000 and 1,000,000 posts (seeds them once, natively)
  --posts N        the same with N instead of 1,000,000
  --profile PATH   only a CPU profile of this page, to target/<page>.cpuprofile, and where its time goes
  --worker FOLDER  the built Worker to measure (server/build)
  --site FOLDER    its assets (target/site)
  --help           this text

CPU is user and system time of the workerd process, which runs D1's local simulation too: the column "D1" says how much
of each figure that is. Figures mean something only on a machine that does nothing else.`;

const ROOT = join(import.meta.dirname, "../..");
const TARGET = join(ROOT, "target");
const SITE = join(TARGET, "site");
const STATES = join(TARGET, "bench");
const SMALL = 1_000;
const LARGE = 1_000_000;
const USERS = 1_000;
/** A long post with comments, and an author. */
const PRERENDERED = ["/posts/everything-markdown-can-do-here", "/users/abril-sandoval"];

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    page: { type: "string", multiple: true },
    prerendered: { type: "boolean", default: false },
    large: { type: "boolean", default: false },
    posts: { type: "string" },
    profile: { type: "string" },
    worker: { type: "string", default: join(ROOT, "server/build") },
    site: { type: "string", default: SITE },
    help: { type: "boolean", default: false },
  },
});
const AMOUNT = options.quick
  ? { rounds: 3, count: 1_000, warmUp: 500, starts: 3 }
  : { rounds: 5, count: 4_000, warmUp: 1_000, starts: 10 };

/** Our Worker, as it is deployed. */
const ours = (state, more = {}) => ({
  modules: built(options.worker),
  state,
  text: { ENVIRONMENT: "production" },
  ...more,
});
/** What D1's simulation takes for the same questions, by the same kind of session. */
const alone = (state, more = { SESSION: "first-unconstrained" }) => {
  const { modules, text } = databaseAlone({ root: ROOT });
  return { modules, text: { ...text, ...more }, state };
};
const byHand = (state) => ({ ...plain({ root: ROOT, manifest: join(TARGET, "site-manifest.json") }), state });

async function example() {
  const folder = join(STATES, "example");
  rmSync(folder, { recursive: true, force: true });
  return step("example site", () => makeState({ root: ROOT, folder }));
}

async function pages(state) {
  const own = (name) => copyState(state, join(STATES, `state-${name}`));
  const servers = {
    ours: await start(ours(own("ours"))),
    plain: await start(byHand(own("plain"))),
    database: await start(alone(own("database"))),
  };
  const figures = [];
  for (const path of options.page ?? PAGES) {
    figures.push(await step(path, () => page(servers, path, AMOUNT)));
  }
  const loaded = options.page ? [] : [await bytes(servers.ours, "/posts", options.site), await bytes(servers.ours, "/about", options.site)];
  await stopAll();
  return { figures, loaded };
}

async function prerendered(state) {
  const own = (name) => copyState(state, join(STATES, `state-${name}`));
  const assets = join(STATES, "prerendered");
  rmSync(assets, { recursive: true, force: true });
  prerender({ root: ROOT, url: `sqlite:${databaseFile(state)}`, out: assets });
  const text = { ENVIRONMENT: "production", SITE_URL: ORIGIN };
  const servers = {
    rendered: await start(ours(own("rendered"), { text })),
    fresh: await start(ours(own("fresh"), { text, assets })),
    questions: await start(alone(own("questions"))),
    version: await start(alone(own("version"), { SHOWN: "1" })),
  };
  const figures = [];
  for (const path of PRERENDERED) {
    figures.push(await step(`${path}, prerendered`, () => states(servers, path, AMOUNT)));
  }
  await stopAll();
  return figures;
}

async function starts(state) {
  return step(`first request of ${AMOUNT.starts} fresh isolates`, (tell) =>
    firstRequests(
      {
        "/about": { ...ours(state), path: "/about" },
        "/posts": { ...ours(state), path: "/posts" },
        "/posts by hand": { ...byHand(state), path: "/posts" },
      },
      AMOUNT.starts,
      (n) => tell(`${n}`),
    ),
  );
}

async function sizes(large) {
  const servers = {};
  const rows = {};
  for (const posts of [SMALL, large]) {
    const folder = join(STATES, `posts-${posts}-${schema(ROOT)}`);
    await step(`site of ${number(posts)} posts`, () => makeState({ root: ROOT, folder, users: USERS, posts }));
    servers[posts] = await start(ours(folder));
    rows[posts] = await rowsRead(servers[posts], ROOT);
  }
  const cpu = await step("/posts at both sizes", () => cpuBySize(servers, AMOUNT));
  await stopAll();
  return { posts: [SMALL, large], rows, cpu };
}

function showPages(figures) {
  const micros = (value) => value.toFixed(0);
  const times = ({ perSecond, p50, p99 }) => [perSecond.toFixed(0), p50.toFixed(1), p99.toFixed(1)];
  heading("CPU µs of workerd per request; requests a second, p50 and p99 in ms, over 8 connections");
  table(
    ["page", "Waypost", "by hand", "×", "D1", "× without D1", "req/s", "p50", "p99", "by hand: req/s", "p50", "p99"],
    figures.map(({ path, ours, plain, database, ratio, ratioWithoutDatabase }) => [
      path,
      micros(ours.cpu),
      micros(plain.cpu),
      ratio.toFixed(2),
      micros(database.cpu),
      ratioWithoutDatabase.toFixed(2),
      ...times(ours),
      ...times(plain),
    ]),
  );
  for (const { path, differs } of figures.filter((one) => one.differs)) {
    say(`! ${path} is not the same page on both sides: ${differs}`);
  }
}

function showPrerendered(figures) {
  heading("CPU µs of workerd per request of a page that was prerendered; aim: at most half of the rendered one");
  table(
    ["page", "rendered", "of it D1", "ready", "×", "304", "×", "of both D1", "ready, × without D1", "304"],
    figures.map(({ path, rendered, questions, fresh, known, version, freshShare, knownShare }) => [
      path,
      rendered.cpu.toFixed(0),
      questions.cpu.toFixed(0),
      fresh.cpu.toFixed(0),
      freshShare.all.toFixed(2),
      known.cpu.toFixed(0),
      knownShare.all.toFixed(2),
      version.cpu.toFixed(0),
      freshShare.own.toFixed(2),
      knownShare.own.toFixed(2),
    ]),
  );
}

function showStarts(figures) {
  heading(`First request of a fresh isolate, ms over a Worker that does nothing, the quickest of ${AMOUNT.starts}`);
  table(
    ["page", "over", "from starting workerd", "the one that does nothing"],
    Object.entries(figures).map(([name, { over, own, trivial }]) => [name, ...[over, own, trivial].map((ms) => ms.toFixed(1))]),
  );
}

function showBytes(loaded) {
  heading("Bytes of a page, Brotli 4 and 11");
  const both = ({ fast, best }) => [number(fast), number(best)];
  table(
    ["page", "until usable: 4", "11", "with everything: 4", "11"],
    loaded.map(({ path, usable, all }) => [path, ...both(usable), ...both(all)]),
  );
}

function showSizes({ posts, rows, cpu }) {
  heading("As the site grows");
  table(
    ["posts", ...Object.keys(rows[posts[0]]).map((name) => `rows read by ${name}`), "CPU µs of /posts"],
    posts.map((count) => [number(count), ...Object.values(rows[count]).map(number), cpu[count].toFixed(0)]),
  );
}

async function measure() {
  const state = await example();
  const result = { at: new Date().toISOString(), cpus: cpus().length, load: loadavg()[0], amount: AMOUNT };
  if (!options.prerendered) Object.assign(result, await pages(state));
  if (!options.page) result.prerendered = await prerendered(state);
  if (!options.page && !options.prerendered) result.starts = await starts(state);
  if (options.large || options.posts) result.sizes = await sizes(Number(options.posts ?? LARGE));

  if (result.figures) showPages(result.figures);
  if (result.prerendered) showPrerendered(result.prerendered);
  if (result.starts) showStarts(result.starts);
  if (result.loaded?.length > 0) showBytes(result.loaded);
  if (result.sizes) showSizes(result.sizes);
  if (result.load > 0.5) {
    say(`! The load was ${result.load.toFixed(1)} at the start: something else was running, take the figures with care.`);
  }
  writeFileSync(join(TARGET, "bench.json"), `${JSON.stringify(result, null, 2)}\n`);
  say("\nwritten to target/bench.json");
}

async function profileOf(path) {
  const server = await start(ours(await example(), { inspector: true }));
  const name = path.split("/").filter(Boolean).join("-") || "home";
  const file = join(TARGET, `${name}.cpuprofile`);
  const count = AMOUNT.count;
  const times = await step(`profile of ${path}`, () => profile(server, { path, count, warmUp: AMOUNT.warmUp, file }));
  await stopAll();
  heading(`${path}: µs a request that functions took themselves, as sampled`);
  table(["function", "µs"], times.slice(0, 40).map(({ name, micros }) => [name, micros.toFixed(1)]));
  if (!hasNames(readFileSync(join(options.worker, "index_bg.wasm")))) {
    say("! The release build's wasm has no names, so its functions show as numbers: optimise with `wasm-opt -g`, without");
    say("  --strip-debug, and pass that folder as --worker.");
  }
  say(`\nwritten to target/${name}.cpuprofile, which DevTools opens`);
}

async function main() {
  if (options.help) return say(HELP);
  ensureRelease(options.worker);
  mkdirSync(STATES, { recursive: true });
  await (options.profile ? profileOf(options.profile) : measure());
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => void stopAll().finally(() => process.exit(130)));
}
try {
  await main();
} catch (error) {
  say(`\n${error.stack}`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
