// A D1 that fails, and clients that go away, in bare workerd: what passes is asked again, and what nobody waits for is dropped.
import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import { startBare } from "../bench/lib/bare.mjs";
import { ORIGIN, prerender } from "../bench/lib/prerendered.mjs";
import { createDatabase } from "../bench/lib/state.mjs";
import { failingD1 } from "./d1.mjs";
import { SECRET, folder, modules, root } from "./harness.mjs";
import { assertUnavailable, increment, request } from "./requests.mjs";

/** D1's failures that pass (developers.cloudflare.com/d1/observability/debug-d1/#error-list), and a connection that breaks. */
const PASSING = [
  "D1 DB reset because its code was updated.",
  "Internal error while starting up D1 DB storage caused object to be reset.",
  "Internal error in D1 DB storage caused object to be reset.",
  "Network connection lost.",
  "Cannot resolve D1 DB due to transient issue on remote node.",
  "D1 DB is overloaded. Requests queued for too long.",
  "D1 DB is overloaded. Too many requests queued.",
  null,
];
/** Failures that last, and what the page says. */
const LASTING = [
  ["Exceeded maximum DB size", /space/],
  ["D1 DB exceeded its CPU time limit and was reset.", /in time/],
  ["Currently processing a long-running export.", /busy|export/],
  ["Too many API requests by single worker invocation.", /limit/],
];
/** A read and its two retries. */
const ATTEMPTS = 3;

let place, database, d1, site, url;

before(async () => {
  place = await folder();
  database = createDatabase({ root, file: path.join(place.path, "d1.sqlite") });
  d1 = await failingD1(database);
  site = await startBare({ modules: modules(), text: { ENVIRONMENT: "development", SESSION_SECRET: SECRET }, d1Port: d1.port });
  url = `http://127.0.0.1:${site.port}`;
});

after(async () => {
  await site?.stop();
  d1?.stop();
  await place?.remove();
});

afterEach(() => d1.fail(null, 0));

test("a failure that passes is asked again, and is a 503 when it lasts", async () => {
  for (const failure of PASSING) {
    d1.fail(failure, ATTEMPTS - 1);
    assert.equal((await request(url, "/posts")).status, 200, failure);
    assert.equal(d1.requests(), ATTEMPTS, failure);
    d1.fail(failure, Infinity);
    assertUnavailable(await request(url, "/api/v1/posts"), /connection to the database/);
    assert.equal(d1.requests(), ATTEMPTS, failure);
  }
});

test("every kind of page is asked again", async () => {
  for (const address of ["/", "/users?q=a", "/posts/one-hundred-loaves", "/feed.xml", "/api/health", "/fn/list_posts?query=&cursor="]) {
    d1.fail(PASSING[0], 1);
    assert.equal((await request(url, address)).status, 200, address);
    assert.equal(d1.requests(), 2, address);
  }
});

test("a write is never asked again", async () => {
  for (const failure of PASSING) {
    d1.fail(failure, 1);
    assertUnavailable(await increment(url), /connection to the database/);
    assert.equal(d1.requests(), 1, failure);
  }
  assert.equal((await increment(url)).status, 200);
});

test("what lasts is a 503 that says why, and is not asked again", async () => {
  for (const [failure, reason] of LASTING) {
    d1.fail(failure, Infinity);
    assertUnavailable(await request(url, "/posts"), reason);
    assert.equal(d1.requests(), 1, failure);
  }
});

test("readers get the last good page, whatever D1 answers", async () => {
  const out = path.join(place.path, "site");
  prerender({ root, url: `sqlite:${database}`, out, limit: 1 });
  // A page's file is named by its path and its version.
  const known = readdirSync(path.join(out, "_pages/posts"))[0].split(".")[0];
  const text = { ENVIRONMENT: "development", SESSION_SECRET: SECRET, SITE_URL: ORIGIN };
  const apart = await startBare({ modules: modules(), text, d1Port: d1.port, assets: out });
  const page = () => request(`http://127.0.0.1:${apart.port}`, `/posts/${known}`);
  try {
    const current = await page();
    assert.deepEqual([current.status, current.headers.get("x-stale")], [200, null]);
    for (const failure of [...PASSING, ...LASTING.map(([failure]) => failure)]) {
      d1.fail(failure, Infinity);
      const last = await page();
      assert.deepEqual([last.status, last.headers.get("x-stale")], [200, "the database does not answer"], failure);
      assert.equal(last.headers.get("cache-control"), "no-store", failure);
      assert.match(last.text, /<p class="stale" role="status">/, failure);
    }
    d1.fail(null, 0);
    assert.deepEqual((await page()).headers.get("x-stale"), null);
  } finally {
    await apart.stop();
  }
});

/** Opens a connection and sends one request on it. */
function send(address) {
  const socket = connect(site.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`GET ${address} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
  return socket;
}

async function until(holds, what) {
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(what);
}

/** Open sockets of workerd. */
function sockets() {
  const descriptors = `/proc/${site.pid}/fd`;
  return readdirSync(descriptors).filter((name) => {
    try {
      return readlinkSync(path.join(descriptors, name)).startsWith("socket:");
    } catch {
      return false; // It was closed meanwhile.
    }
  }).length;
}

test("what clients gave up is not continued, and nothing of it is left", async () => {
  const clients = 304;
  assert.equal((await request(url, "/posts", { headers: { connection: "close" } })).status, 200);
  const before = sockets();
  const release = d1.hold();
  // One query after the other: the first of each is under way.
  const sent = Array.from({ length: clients }, () => send("/test/context"));
  await until(() => d1.requests() === clients, `${d1.requests()} queries`);
  for (const socket of sent) socket.resetAndDestroy();
  await until(() => sockets() <= before + 1, `${sockets()} sockets`);
  release();
  assert.equal((await request(url, "/posts")).status, 200);
  assert.equal(d1.requests(), clients + 1, "only the next request has asked anything more");
});

test("a client that only has no more to send is answered", async () => {
  const socket = send("/posts");
  socket.end();
  const answer = Buffer.concat(await Array.fromAsync(socket)).toString();
  assert.match(answer, /^HTTP\/1.1 200/);
  assert.match(answer, /<\/html>/);
});
