// `cargo x bench sign-in`: the time and the CPU of a sign-in by each way, in a release Worker in bare workerd, and how far apart the
// answers to a wrong password are for people with an account and without one.
// Absent: pages; see bench.mjs.

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { Authenticator } from "./lib/authenticator.mjs";
import { startBare, stopBare } from "./lib/bare.mjs";
import { cpuMicros } from "./lib/cpu.mjs";
import { run as runMain } from "./lib/main.mjs";
import { ensureRelease } from "./lib/release.mjs";
import { heading, print, step, table } from "./lib/report.mjs";
import { createDatabase } from "./lib/state.mjs";
import { built } from "./lib/workerd.mjs";

const HELP = `Measures sign-ins in a release Worker in bare workerd: by password, right and wrong, for people with an account and without
one, by a code, and by a passkey. D1 is answered by another process; limits allow everything; mail goes nowhere.

Usage: cargo x bench sign-in -- [options]

  --count N        sign-ins by each way (default: 200)
  --worker FOLDER  folder of the built Worker (default: server/build)
  --database FILE  a SQLite file with the example site, which is copied (default: a new one)
  --help           print help`;

const ROOT = join(import.meta.dirname, "../..");
/** The site as browsers see it. */
const ORIGIN = "https://site.example";
const PASSWORD = "plum lantern gravel";
const ADA = { handle: "bench-ada", name: "Ada", email: "bench-ada@example.com", password: PASSWORD };
/** A Worker around the site's: its limits allow everything, and its mail can be read. */
const WRAPPER = `import site from "./entry.js";
// The names by which bindings are told.
class Ratelimit { limit = async () => ({ success: true }); }
const mails = [];
class SendEmail { send = async (mail) => void mails.push(mail.text); }
const [limit, MAIL] = [new Ratelimit(), new SendEmail()];
export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/bench/mail") return new Response(mails.pop());
    return site.fetch(request, { ...env, MAIL, SIGN_IN_LIMIT: limit, SIGN_UP_LIMIT: limit, CODE_LIMIT: limit, WRITE_LIMIT: limit }, ctx);
  },
};`;

const { values: options } = parseArgs({
  options: {
    count: { type: "string", default: "200" },
    worker: { type: "string", default: join(ROOT, "server/build") },
    database: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const COUNT = Number(options.count);

/** Sends a form as a browser does; each from a network of its own. */
let networks = 0;
const send = async (url, path, fields, cookie = "") => {
  const response = await fetch(url + path, {
    method: "POST",
    redirect: "manual",
    headers: { "sec-fetch-site": "same-origin", "cf-connecting-ip": `192.0.2.${networks++ % 250}`, cookie },
    body: new URLSearchParams(fields),
  });
  response.page = await response.text();
  return response;
};
const cookies = (response) => response.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");

/** The CPU in ms, and the median and the spread of the time in ms, of `COUNT` runs of `attempt`, which checks its own answer. */
async function measure(site, attempt, prepare = async () => undefined) {
  for (let n = 0; n < 10; n += 1) await attempt(await prepare());
  const prepared = [];
  for (let n = 0; n < COUNT; n += 1) prepared.push(await prepare());
  const times = [];
  const before = cpuMicros(site.pid);
  for (const one of prepared) {
    const begin = performance.now();
    await attempt(one);
    times.push(performance.now() - begin);
  }
  const cpu = (cpuMicros(site.pid) - before) / COUNT / 1000;
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor((times.length - 1) * share)];
  return { cpu, p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}

function expectStatus(response, status, path) {
  if (response.status === status) return;
  const why = /role="alert".*?<\/div>/s.exec(response.page)?.[0].replaceAll(/<[^>]+>/g, " ") ?? "";
  throw new Error(`${path} answered ${response.status} instead of ${status}. ${why}`);
}

async function main() {
  if (options.help) return print(HELP);
  ensureRelease(options.worker);
  const folder = mkdtempSync(join(tmpdir(), "bench-sign-in-"));
  const database = join(folder, "site.sqlite");
  try {
    copyFileSync(options.database ?? (await step("example site", () => createDatabase({ root: ROOT, file: join(folder, "example.sqlite") }))), database);
    const modules = { "wrapper.js": { type: "esm", contents: WRAPPER }, ...built(options.worker) };
    const text = { ENVIRONMENT: "production", REGISTRATION: "open", SITE_URL: ORIGIN, SESSION_SECRET: "x".repeat(32), MAIL_FROM: "site@example.com" };
    const site = await startBare({ modules, text, database });
    const url = `http://127.0.0.1:${site.port}`;
    expectStatus(await send(url, "/signup", ADA), 303, "/signup");
    const ways = await waysOf(url);
    const figures = [];
    for (const [name, { attempt, prepare }] of Object.entries(ways)) {
      figures.push([name, await step(name, () => measure(site, attempt, prepare))]);
    }
    heading(`CPU of workerd in ms a request; time in ms of ${COUNT} requests, one after another: 10 %, median, 90 %`);
    table(
      ["way", "CPU", "p10", "p50", "p90"],
      figures.map(([name, { cpu, p10, p50, p90 }]) => [name, ...[cpu, p10, p50, p90].map((value) => value.toFixed(2))]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function waysOf(url) {
  const password = (login, typed, status) => async () => expectStatus(await send(url, "/login", { login, password: typed }), status, "/login");
  return {
    "the page /login": { attempt: async () => expectStatus(await fetch(`${url}/login`), 200, "/login") },
    "right password": { attempt: password(ADA.handle, PASSWORD, 303) },
    "wrong password": { attempt: password(ADA.handle, "a wrong password", 422) },
    "no such account": { attempt: password("bench-nobody", "a wrong password", 422) },
    ...byCode(url),
    ...(await byPasskey(url)),
  };
}

/** A passkey of ES256, which Ada adds first. Getting the challenge is not counted. */
async function byPasskey(url) {
  const authenticator = new Authenticator(ORIGIN);
  const signedIn = cookies(await send(url, "/login", { login: ADA.handle, password: PASSWORD }));
  const ask = async (purpose, cookie = "") => {
    const headers = { "sec-fetch-site": "same-origin", accept: "application/json", cookie };
    const response = await fetch(`${url}/fn/passkey-options`, { method: "POST", headers, body: new URLSearchParams({ purpose }) });
    expectStatus(response, 200, "/fn/passkey-options");
    return { options: await response.json(), cookie: `${cookie}; ${cookies(response)}` };
  };
  const { options, cookie } = await ask("add", signedIn);
  expectStatus(await send(url, "/settings/passkeys", authenticator.created(options), cookie), 303, "/settings/passkeys");
  const prepare = async () => {
    const asked = await ask("sign_in");
    return { cookie: asked.cookie, fields: authenticator.used(asked.options) };
  };
  const attempt = async ({ cookie, fields }) => expectStatus(await send(url, "/login/passkey", fields, cookie), 303, "/login/passkey");
  return { "a passkey": { attempt, prepare } };
}

/** A code is sent to an address eight times an hour: each sign-in by a code is of another account. */
function byCode(url) {
  let people = 0;
  const prepare = async () => {
    const email = `bench-${people++}@example.com`;
    const account = { ...ADA, handle: email.split("@")[0], email };
    expectStatus(await send(url, "/signup", account), 303, "/signup");
    const page = await fetch(`${url}/login/code`);
    await page.arrayBuffer();
    const cookie = cookies(page);
    expectStatus(await send(url, "/login/code/send", { email }, cookie), 303, "/login/code/send");
    const mail = await (await fetch(`${url}/bench/mail`)).text();
    const code = /\b(\d{4}) ?(\d{4})\b/.exec(mail).slice(1).join("");
    return { cookie, fields: { email, code } };
  };
  const attempt = async ({ cookie, fields }) => expectStatus(await send(url, "/login/code", fields, cookie), 303, "/login/code");
  return { "a code": { attempt, prepare } };
}

await runMain(main, stopBare);
