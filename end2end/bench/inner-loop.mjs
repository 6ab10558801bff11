// `cargo x bench inner-loop`: the time from a saved edit to the change in an open browser, by `cargo x dev` of this checkout. It
// edits two files, and puts them back. Results go to target/bench-inner-loop.json.

import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { median } from "./lib/pages.mjs";
import { freePort } from "./lib/port.mjs";
import { run as runMain } from "./lib/main.mjs";
import { heading, print, table } from "./lib/report.mjs";

const HELP = `Measures the time from a saved edit to the change in an open browser: of a page, which is compiled, and of a style.

Usage: cargo x bench inner-loop -- [options]

  --rounds N   edits of each kind (default: 5)
  --help       print help

It edits app/src/pages/about.rs and style/base.css, and puts them back. The environment variable CHROMIUM names the browser
(default: /usr/bin/chromium).`;

const ROOT = join(import.meta.dirname, "../..");
/** The longest that one edit may take, in ms. */
const TIMEOUT = 300_000;
const READY = /ready in /;

/** The edits: the file, its text in round `n`, and whether the page shows that. */
const EDITS = {
  "a page": {
    file: "app/src/pages/about.rs",
    edit: (text, n) => text.replace('<h2>"Reading"</h2>', `<h2>"Reading, edit ${n}"</h2>`),
    shows: (n) => document.querySelector("h2")?.textContent === `Reading, edit ${n}`,
  },
  "a style": {
    file: "style/base.css",
    edit: (text, n) => `${text}h1 { outline-offset: ${n}px }\n`,
    shows: (n) => getComputedStyle(document.querySelector("h1")).outlineOffset === `${n}px`,
  },
};

const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, help: { type: "boolean", default: false } },
});

/** The files' texts before they were edited. */
const originals = new Map();
let site;
let browser;

async function startSite(port) {
  site = spawn("cargo", ["x", "dev", "--port", String(port)], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((done, fail) => {
    createInterface({ input: site.stdout }).on("line", (line) => READY.test(line) && done());
    site.once("exit", (code) => fail(new Error(`\`cargo x dev\` ended with ${code}`)));
  });
}

/** Seconds until the open page shows each edit. */
async function measure(page, { file, edit, shows }) {
  const path = join(ROOT, file);
  const original = readFileSync(path, "utf8");
  originals.set(path, original);
  const seconds = [];
  for (let n = 1; n <= Number(options.rounds); n += 1) {
    const edited = edit(original, n);
    if (edited === original) throw new Error(`${file} has no place for the edit any more: change end2end/bench/inner-loop.mjs`);
    const began = performance.now();
    writeFileSync(path, edited);
    await page.waitForFunction(shows, n, { polling: 20, timeout: TIMEOUT });
    seconds.push((performance.now() - began) / 1000);
    print(`  ${file}: ${seconds.at(-1).toFixed(2)} s`);
  }
  return seconds;
}

async function stop() {
  for (const [path, text] of originals) writeFileSync(path, text);
  await browser?.close();
  if (site && site.exitCode === null && site.signalCode === null) {
    const ended = new Promise((done) => site.once("exit", done));
    site.kill("SIGINT");
    await ended;
  }
}

async function main() {
  if (options.help) return print(HELP);
  const files = Object.values(EDITS).map(({ file }) => file);
  const changed = execFileSync("git", ["status", "--porcelain", "--", ...files], { cwd: ROOT, encoding: "utf8" });
  if (changed) throw new Error(`these files would be edited, and have changes that are not committed:\n${changed}`);
  const port = await freePort();
  await startSite(port);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}/about`);
  const results = {};
  for (const [name, edit] of Object.entries(EDITS)) results[name] = await measure(page, edit);
  heading("From a saved edit to the change in the open browser, in seconds");
  const shown = (value) => value.toFixed(2);
  table(
    ["edit of", "median", "fastest", "slowest"],
    Object.entries(results).map(([name, all]) => [name, shown(median(all)), shown(Math.min(...all)), shown(Math.max(...all))]),
  );
  const load = readFileSync("/proc/loadavg", "utf8").split(" ")[0];
  writeFileSync(join(ROOT, "target/bench-inner-loop.json"), `${JSON.stringify({ cores: cpus().length, load, results }, null, 2)}\n`);
  print("\nwritten to target/bench-inner-loop.json");
}

await runMain(main, stop);
