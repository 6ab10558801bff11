// `cargo x bench lighthouse`: Lighthouse's four categories on the main pages, as on a phone and on a desktop. Each must be
// 100; if one is not, the audits that cost it are named and the exit status is 1.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";
import { ensureRelease } from "./lib/release.mjs";
import { heading, say, step, table } from "./lib/say.mjs";
import { serve } from "./lib/site.mjs";

const HELP = `Runs Lighthouse on the release build, served by wrangler with the example site.

Usage: cargo x bench lighthouse -- [options]

  --page PATH      only this page; may be given several times
  --runs N         how often a page is run, at most, while its performance is under 100 (3); the median counts
  --worker FOLDER  the built Worker (server/build)
  --site FOLDER    its assets (target/site)
  --help           this text

The browser is CHROMIUM, or chromium. Reports go to target/lighthouse/.`;

const ROOT = join(import.meta.dirname, "../..");
const REPORTS = join(ROOT, "target/lighthouse");
const PAGES = ["/", "/posts", "/posts/everything-markdown-can-do-here", "/users"];
const FORMS = { phone: undefined, desktop: desktopConfig };
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

/** One page in one form: the run whose performance is the median, of as many as it takes. */
async function judge(url, form, port) {
  const runs = [];
  do {
    const { lhr } = await lighthouse(url, { port, output: "json", logLevel: "silent" }, FORMS[form]);
    if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
    runs.push(lhr);
    if (percent(lhr.categories.performance) === 100) return lhr;
  } while (runs.length < Number(options.runs));
  runs.sort((a, b) => a.categories.performance.score - b.categories.performance.score);
  return runs[Math.floor(runs.length / 2)];
}

/** What costs a page points: audits with weight that are not perfect, in categories that are not. */
function failures(lhr) {
  return CATEGORIES.filter((category) => percent(lhr.categories[category]) < 100).flatMap((category) =>
    lhr.categories[category].auditRefs
      .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
      .map(({ id }) => ({ category, ...lhr.audits[id] })),
  );
}

/** The first places that an audit complains about. */
function places({ details }) {
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
      say(`✗ ${name}: ${failure.category}: ${failure.id}: ${failure.title}${value}`);
      for (const place of places(failure)) say(`    ${place}`);
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
      for (const form of Object.keys(FORMS)) {
        const name = `${path} ${form}`;
        const lhr = await step(name, () => judge(site.origin + path, form, chrome.port));
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
  say(HELP);
} else {
  try {
    if (!(await main())) process.exitCode = 1;
  } catch (error) {
    say(`\n${error.stack}`);
    process.exitCode = 1;
  }
}
