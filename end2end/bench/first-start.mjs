// `cargo x bench first-start`: the time that a newcomer waits for the first page. A fresh clone in a temporary folder, with a
// home and caches that are empty, runs `cargo x dev`. Results go to target/bench-first-start.json.
// Absent: what is a prerequisite and stays as it is on this machine: Rust's toolchain, Node, git, a C compiler.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { run as runMain } from "./lib/main.mjs";
import { freePort } from "./lib/port.mjs";
import { heading, print, table } from "./lib/report.mjs";
import { CpuOfTree } from "./lib/tree.mjs";

const HELP = `Measures the time from a fresh clone with empty caches to the first page of \`cargo x dev\`: wall time and CPU, by step.
What is committed is measured. It downloads every dependency, and takes minutes.

Usage: cargo x bench first-start -- [options]

  --folder FOLDER  an empty or missing folder for the clone, the home and the caches (default: a temporary one)
  --keep           leave the folder behind
  --help           print help`;

const ROOT = join(import.meta.dirname, "../..");
/** Milliseconds without a line of output after which the start is given up. */
const MAX_SILENCE = 15 * 60_000;
/** The line that ends `cargo x dev`'s start. */
const READY = /ready in /;
/** A step's line, whole: `▸ client … done in 3.1 s (36 KB)`, with or without signs of life between. */
const STEP = /^▸ (.+?) … (?:.* … )?(done in|failed after) (?:(\d+) m )?([\d.]+) s(?: \((.*)\))?$/;
/** Where caches are, and cargo's own settings: nothing of them may come from this machine. */
const FOREIGN = /^(CARGO|RUSTC|RUSTFLAGS|RUSTDOCFLAGS|SITE_|XDG_|npm_|NPM_|NODE_|SCCACHE|CCACHE)/;

let folder;
let site;

const { values: options } = parseArgs({
  options: {
    folder: { type: "string" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const git = (...args) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();

function prepare() {
  if (options.folder) {
    mkdirSync(options.folder, { recursive: true });
    if (readdirSync(options.folder).length > 0) throw new Error(`${options.folder} is not empty: name another folder`);
  }
  folder = options.folder ? resolve(options.folder) : mkdtempSync(join(tmpdir(), "first-start-"));
  const home = join(folder, "home");
  mkdirSync(home);
  // By a URL, git copies what a clone from elsewhere would bring, and no more.
  git("clone", "--quiet", `file://${ROOT}`, join(folder, "site"));
  const toolchains = execFileSync("rustup", ["show", "home"], { encoding: "utf8" }).trim();
  const kept = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  // `cargo x bench` puts the tools of this checkout first.
  const path = process.env.PATH.split(":").filter((part) => !part.startsWith(join(ROOT, "node_modules")));
  return { ...Object.fromEntries(kept), PATH: path.join(":"), HOME: home, RUSTUP_HOME: toolchains };
}

/** Asks for the first page until it is whole. */
async function firstPage(port) {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    const text = await response?.text();
    if (response?.status === 200 && text.includes("</html>")) return;
    await sleep(50);
  }
}

/** Starts the site; returns its steps and the totals. */
async function start(env) {
  const port = await freePort();
  const began = performance.now();
  site = spawn("cargo", ["x", "dev", "--port", String(port)], {
    cwd: join(folder, "site"),
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((done) => site.once("exit", done));
  const cpu = new CpuOfTree(site.pid);
  const steps = [];
  let last = { at: 0, cpu: 0 };
  const note = (name, detail) => {
    const now = { at: performance.now() - began, cpu: cpu.seconds() };
    steps.push({ name, seconds: (now.at - last.at) / 1000, cpu: now.cpu - last.cpu, detail });
    last = now;
    const times = `${(now.at / 1000).toFixed(0).padStart(4)} s, CPU ${now.cpu.toFixed(0).padStart(4)} s`;
    print(`  ${times}  ${name}${detail ? ` (${detail})` : ""}`);
  };
  let pending = "";
  let heard = performance.now();
  const ready = new Promise((done, fail) => {
    site.stdout.setEncoding("utf8");
    site.stdout.on("data", (text) => {
      heard = performance.now();
      if (steps.length === 0) note("the commands themselves, compiled by `cargo x`");
      const lines = (pending + text).split("\n");
      pending = lines.pop();
      for (const line of lines) {
        const step = STEP.exec(line);
        if (step) note(step[1], step[2] === "done in" ? step[5] : "FAILED");
        else if (line.trim()) print(line);
        if (READY.test(line)) done();
      }
    });
    ended.then((code) => fail(new Error(`\`cargo x dev\` ended with ${code}`)));
    const watch = setInterval(() => {
      if (performance.now() - heard > MAX_SILENCE) fail(new Error("`cargo x dev` is silent"));
    }, 1000);
    watch.unref();
  });
  await ready;
  await firstPage(port);
  note("the first page");
  const total = { seconds: last.at / 1000, cpu: last.cpu };
  await stopSite();
  await ended;
  const isFree = await new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => done(false, socket.destroy())).once("error", () => done(true));
  });
  if (!isFree) throw new Error(`something still listens on port ${port} after \`cargo x dev\` ended`);
  return { steps, total };
}

async function stopSite() {
  if (site && site.exitCode === null && site.signalCode === null) {
    const ended = new Promise((done) => site.once("exit", done));
    site.kill("SIGINT");
    await ended;
  }
}

async function stop() {
  await stopSite();
  if (folder && !options.keep) rmSync(folder, { recursive: true, force: true });
}

async function main() {
  if (options.help) return print(HELP);
  if (git("status", "--porcelain")) print("not committed, and so not measured: see `git status`");
  const env = prepare();
  const commit = git("rev-parse", "--short", "HEAD");
  print(`${commit} in ${folder}, ${cpus().length} cores`);
  const { steps, total } = await start(env);
  const dirt = execFileSync("git", ["status", "--porcelain"], { cwd: join(folder, "site"), encoding: "utf8" });
  heading("From the clone to the first page");
  const row = ({ seconds, cpu }) => [seconds.toFixed(1), cpu.toFixed(1)];
  table(
    ["step", "seconds", "CPU seconds"],
    [...steps.map((step) => [step.name, ...row(step)]), ["in all", ...row(total)]],
  );
  print("\n  A step's times are those since the line before it: of two that ran beside each other, the second has what was left.");
  print(dirt ? `\nthe clone is not clean any more:\n${dirt}` : "\nthe clone is clean: git sees no change");
  mkdirSync(join(ROOT, "target"), { recursive: true });
  const result = { commit, cores: cpus().length, load: readFileSync("/proc/loadavg", "utf8").split(" ")[0], steps, total };
  writeFileSync(join(ROOT, "target/bench-first-start.json"), `${JSON.stringify(result, null, 2)}\n`);
  print("written to target/bench-first-start.json");
  if (dirt) process.exitCode = 1;
}

await runMain(main, stop);
