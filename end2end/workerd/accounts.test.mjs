// Accounts in workerd, on D1: forms as browsers send them, the rate limits of wrangler.jsonc's kind, and a writer's own view.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { seeded, start } from "./harness.mjs";

const PASSWORD = "plum lantern gravel";
const LIMITS = { SIGN_IN_LIMIT: 6, SIGN_UP_LIMIT: 3, CODE_LIMIT: 3, TOKEN_LIMIT: 3, WRITE_LIMIT: 30 };
let place;
const sites = [];

before(async () => {
  place = await seeded();
});
after(async () => {
  await Promise.all(sites.map((site) => site.stop()));
  await place.remove();
});

async function open(options) {
  const site = await start({ state: place.state, vars: { REGISTRATION: "open" }, limits: LIMITS, ...options });
  sites.push(site);
  return site;
}

/** Sends a form, as a browser on the site does. */
const send = (site, path, fields, headers = {}) =>
  fetch(site.url + path, {
    method: "POST",
    redirect: "manual",
    headers: { "sec-fetch-site": "same-origin", "user-agent": "Browser/1", "cf-connecting-ip": "192.0.2.1", ...headers },
    body: new URLSearchParams(fields),
  });

const cookies = (response) => response.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");

test("somebody signs up, sees their account at once, signs out and in again", async () => {
  const site = await open();
  const account = { handle: "ada", name: "Ada Lovelace", email: "ada@example.com", password: PASSWORD };
  const up = await send(site, "/signup", account);
  assert.equal(up.status, 303, await up.text());
  assert.equal(up.headers.get("location"), "/settings");
  const [session] = up.headers.getSetCookie().filter((one) => one.startsWith("__Host-session="));
  assert.match(session, /^__Host-session=\w{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=15552000$/);
  const settings = await fetch(`${site.url}/settings`, { headers: { cookie: cookies(up) } });
  const text = await settings.text();
  assert.equal(settings.status, 200, text);
  assert.match(text, /Ada Lovelace/);
  assert.match(text, /Browser\/1/);
  assert.equal(settings.headers.get("cache-control"), "private, no-store");

  assert.equal((await send(site, "/logout", {}, { cookie: cookies(up) })).status, 303);
  const gone = await fetch(`${site.url}/settings`, { redirect: "manual", headers: { cookie: cookies(up) } });
  assert.deepEqual([gone.status, gone.headers.get("location")], [303, "/login?next=%2Fsettings"]);
  const again = await send(site, "/login", { login: "ada@example.com", password: PASSWORD, next: "/posts" });
  assert.deepEqual([again.status, again.headers.get("location")], [303, "/posts"]);

  // Seeded people have no password that anybody knows.
  const wrong = await send(site, "/login", { login: "tomasz-wrona", password: PASSWORD });
  assert.equal(wrong.status, 422);
});

test("attempts are limited, and a limit that is not bound lets nobody try", async () => {
  const site = await open();
  const wrong = { login: "ines-carvalho", password: "a wrong password" };
  // Miniflare counts by the minute of the clock, which must not end meanwhile.
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 15_000) await new Promise((resolve) => setTimeout(resolve, left));
  const statuses = [];
  for (let n = 0; n < 8; n++) {
    // The account is limited from wherever it is tried.
    const response = await send(site, "/login", wrong, { "cf-connecting-ip": `192.0.2.${100 + n}` });
    statuses.push(response.status);
    if (response.status === 429) assert.equal(response.headers.get("retry-after"), "60");
    await response.body.cancel();
  }
  assert.deepEqual(statuses, [422, 422, 422, 422, 422, 422, 429, 429]);

  const unbound = await open({ limits: {} });
  const refused = await send(unbound, "/login", wrong);
  assert.equal(refused.status, 503);
  assert.match(await refused.text(), /value="ines-carvalho"/);
  assert.match(unbound.lines.join("\n"), /SIGN_IN_LIMIT cannot be asked/);
});

test("somebody takes their data and leaves; the schedule erases the account when its time has come", async () => {
  const site = await open();
  const account = { handle: "leaving", name: "Lea Leaving", email: "leaving@example.com", password: PASSWORD };
  const headers = { "cf-connecting-ip": "192.0.2.40" };
  const up = await send(site, "/signup", account, headers);
  assert.equal(up.status, 303, await up.text());
  const cookie = cookies(up);
  const archive = await send(site, "/settings/data", {}, { ...headers, cookie });
  assert.equal(archive.headers.get("content-type"), "application/zip");
  const bytes = Buffer.from(await archive.arrayBuffer());
  assert.equal(bytes.readUInt32LE(0), 0x04034b50);
  assert.ok(bytes.includes('"email": "leaving@example.com"'));

  const left = await send(site, "/settings/delete", { what: "everything", handle: "leaving" }, { ...headers, cookie });
  assert.deepEqual([left.status, left.headers.get("location")], [303, "/settings/keep"]);
  const database = await site.database();
  const rows = async () => {
    const { results } = await database.prepare("SELECT id FROM users WHERE handle = 'leaving'").all();
    return results.length;
  };
  assert.equal((await site.scheduled()).outcome, "ok");
  assert.equal(await rows(), 1);
  await database.prepare("UPDATE users SET erase_at = 1 WHERE handle = 'leaving'").run();
  assert.equal((await site.scheduled()).outcome, "ok");
  assert.equal(await rows(), 0);
  assert.match(site.lines.join("\n"), /accounts erased: 1; /);
});

test("another site's form does nothing", async () => {
  const site = await open();
  for (const headers of [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "", origin: "https://evil.example" },
    { "sec-fetch-site": "", origin: "null" },
  ]) {
    for (const path of ["/signup", "/login", "/login/code", "/login/code/send", "/logout", "/reset", "/reset/code", "/settings/sessions/end", "/settings/data", "/settings/delete", "/settings/keep", "/verify", "/verify/send"]) {
      const response = await send(site, path, { login: "tomasz-wrona", password: PASSWORD }, headers);
      assert.equal(response.status, 403, `${path} ${JSON.stringify(headers)}`);
      assert.deepEqual(response.headers.getSetCookie(), []);
    }
  }
});

test("a program uses the API by a token, and sees at once what it has written", async () => {
  const site = await open();
  const from = { "cf-connecting-ip": "192.0.2.77" };
  const account = { handle: "grace", name: "Grace Hopper", email: "grace@example.com", password: PASSWORD };
  const up = await send(site, "/signup", account, from);
  const form = { name: "laptop", scope: "admin", days: "7", until: "" };
  const made = await send(site, "/settings/tokens", form, { ...from, cookie: cookies(up) });
  const [, token] = (await made.text()).match(/<code[^>]*>(wpt_\w{49})<\/code>/);
  const ask = (method, path, body, headers) =>
    fetch(site.url + path, {
      method,
      headers: { ...from, authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      body: body && JSON.stringify(body),
    });
  const me = await ask("GET", "/api/v1/me");
  assert.equal(me.status, 200);
  assert.equal(me.headers.get("cache-control"), "private, no-store");
  assert.equal((await me.json()).email, "grace@example.com");
  assert.equal((await ask("PATCH", "/api/v1/me", { bio: "Sails." })).status, 428);
  const changed = await ask("PATCH", "/api/v1/me", { bio: "Sails." }, { "if-match": me.headers.get("etag") });
  assert.equal(changed.status, 200);
  assert.deepEqual(await (await ask("GET", "/api/v1/me")).json(), await changed.json());

  const other = { handle: "joan", name: "Joan Clarke", email: "joan@example.com", password: PASSWORD };
  const key = { "idempotency-key": "019a0000-0000-7000-8000-000000000001" };
  const [first, again] = [await ask("POST", "/api/v1/users", other, key), await ask("POST", "/api/v1/users", other, key)];
  assert.deepEqual([first.status, again.status], [201, 201]);
  assert.deepEqual(await again.json(), await first.json());

  // Miniflare counts by the minute of the clock, which must not end meanwhile.
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 10_000) await new Promise((resolve) => setTimeout(resolve, left));
  const statuses = [];
  for (let n = 0; n < 5; n++) {
    const response = await ask("GET", "/api/v1/posts", undefined, { authorization: "Bearer wpt_wrong" });
    statuses.push(response.status);
    await response.body.cancel();
  }
  assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
  assert.equal((await ask("DELETE", "/api/v1/me", { keep_posts: false })).status, 202);
  assert.equal((await ask("GET", "/api/v1/me")).status, 429);
});
