// `cargo x bench lighthouse`: Lighthouse's four categories on the main pages, on phone and desktop. Each score must be 100;
// otherwise the failed audits are printed and the exit status is 1.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";
import { ensureRelease } from "./lib/release.mjs";
import { heading, print, step, table } from "./lib/report.mjs";
import { serve } from "./lib/wrangler.mjs";

const HELP = `Runs Lighthouse on the release build, served by wrangler with the example site.

Usage: cargo x bench lighthouse -- [options]

  --page PATH      test only this page; repeatable
  --runs N         maximum runs of a page while its performance is below 100 (default: 3); the median counts
  --worker FOLDER  folder of the built Worker (default: server/build)
  --site FOLDER    folder of its assets (default: target/site)
  --help           print help

The environment variable CHROMIUM names the browser (default: /usr/bin/chromium). Reports go to target/lighthouse/.`;

const ROOT = join(import.meta.dirname, "../..");
const REPORTS = join(ROOT, "target/lighthouse");
const PAGES = ["/", "/posts", "/posts/everything-markdown-can-do-here", "/users"];
const FORM_FACTORS = { phone: undefined, desktop: desktopConfig };
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const { values: options } = parseArgs({
  options: {
    page: { type: "string", multiple: true, default: PAGES },
    worker: { type: "string", default: join(ROOT, "server/build") },
    site: { type: "string", default: join(ROOT, "target/site") },
    runs: { type: "string", default: "3" },
    help: { type: "boolean", default: false },
  },
});

const percent = (category) => Math.round(category.score * 100);

/** Runs one page in one form factor until its performance is 100; otherwise returns the run with the median performance. */
async function runPage(url, form, port) {
  const runs = [];
  do {
    const { lhr } = await lighthouse(url, { port, output: "json", logLevel: "silent" }, FORM_FACTORS[form]);
    if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
    runs.push(lhr);
    if (percent(lhr.categories.performance) === 100) return lhr;
  } while (runs.length < Number(options.runs));
  runs.sort((a, b) => a.categories.performance.score - b.categories.performance.score);
  return runs[Math.floor(runs.length / 2)];
}

/** Returns weighted audits below 100 %, in categories below 100. */
function failures(lhr) {
  return CATEGORIES.filter((category) => percent(lhr.categories[category]) < 100).flatMap((category) =>
    lhr.categories[category].auditRefs
      .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
      .map(({ id }) => ({ category, ...lhr.audits[id] })),
  );
}

/** Returns the first elements or URLs that an audit reports. */
function findings({ details }) {
  return (details?.items ?? [])
    .slice(0, 3)
    .map((item) => item.node?.snippet ?? item.url ?? item.description ?? item.source ?? "")
    .filter(Boolean);
}

function show(results) {
  heading("Lighthouse");
  table(
    ["page", ...CATEGORIES, "LCP ms", "TBT ms", "CLS"],
    results.map(({ name, lhr }) => [
      name,
      ...CATEGORIES.map((category) => String(percent(lhr.categories[category]))),
      lhr.audits["largest-contentful-paint"].numericValue.toFixed(0),
      lhr.audits["total-blocking-time"].numericValue.toFixed(0),
      lhr.audits["cumulative-layout-shift"].numericValue.toFixed(3),
    ]),
  );
  for (const { name, lhr } of results) {
    for (const failure of failures(lhr)) {
      const value = failure.displayValue ? ` (${failure.displayValue})` : "";
      print(`✗ ${name}: ${failure.category}: ${failure.id}: ${failure.title}${value}`);
      for (const finding of findings(failure)) print(`    ${finding}`);
    }
  }
}

async function main() {
  ensureRelease(options.worker);
  mkdirSync(REPORTS, { recursive: true });
  const site = await step("serving", () =>
    serve({ root: ROOT, worker: options.worker, site: options.site, state: join(ROOT, "target/bench/lighthouse") }),
  );
  let chrome;
  const end = async () => {
    chrome?.kill();
    await site.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => void end().finally(() => process.exit(130)));
  }
  try {
    chrome = await launch({ chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium", chromeFlags: FLAGS });
    const results = [];
    for (const path of options.page) {
      for (const form of Object.keys(FORM_FACTORS)) {
        const name = `${path} ${form}`;
        const lhr = await step(name, () => runPage(site.origin + path, form, chrome.port));
        const file = `${path.split("/").filter(Boolean).join("-") || "home"}-${form}.json`;
        writeFileSync(join(REPORTS, file), JSON.stringify(lhr));
        results.push({ name, lhr });
      }
    }
    show(results);
    return results.every(({ lhr }) => CATEGORIES.every((category) => percent(lhr.categories[category]) === 100));
  } finally {
    await end();
  }
}

if (options.help) {
  print(HELP);
} else {
  try {
    if (!(await main())) process.exitCode = 1;
  } catch (error) {
    print(`\n${error.stack}`);
    process.exitCode = 1;
  }
}
