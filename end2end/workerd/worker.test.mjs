// Tests that need the built Worker: isolation between requests, panics, bindings, and the data layer on a real D1.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { folder, modules, root, seeded, sessions, start } from "./harness.mjs";
import { assertRoundTrips } from "./round_trips.mjs";

let d1, site, base;

before(async () => {
  d1 = await seeded();
  site = await start({ state: d1.state });
  base = site.url;
});

after(async () => {
  await site?.stop();
  await d1?.remove();
});

const get = (address, init) => fetch(new URL(address, base), { redirect: "manual", ...init });

/** Runs `work` for every item, `width` at a time. */
async function inParallel(items, width, work) {
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const [n, item] of queue) await work(item, n);
    }),
  );
}

describe("request context", () => {
  test("1,200 interleaved requests each see their own session, one connection and their own count", async () => {
    const users = [...(await sessions(site, 24)), { handle: null, cookie: "" }];
    const requests = Array.from({ length: 1200 }, (_, n) => users[(n * 7) % users.length]);
    const seen = new Map();
    await inParallel(requests, 60, async ({ handle, cookie }, n) => {
      const address = n % 2 ? "/test/context" : "/fn/test_context";
      const response = await get(address, { headers: cookie ? { cookie } : {} });
      assert.equal(response.status, 200, await response.clone().text());
      const found = await response.json();
      // The session is looked up once, and only if there is a cookie.
      assert.deepEqual(found, { handle, connections: 1, statements: handle ? 6 : 5 });
      seen.set(handle, (seen.get(handle) ?? 0) + 1);
    });
    assert.equal(seen.size, users.length);
  });

  test("a page takes one round trip and at most four statements; a page without data takes none", async () => {
    await assertRoundTrips(get);
  });

  test("Server-Timing is sent in development only", async () => {
    const live = await start({ state: d1.state, vars: { ENVIRONMENT: "production" } });
    const response = await fetch(new URL("/about", live.url));
    assert.equal(response.headers.get("server-timing"), null);
    await live.stop();
  });
});

describe("memory", () => {
  const memory = async () => Number(await (await get("/test/memory")).text());
  const ask = (count, address) => inParallel(Array.from({ length: count }), 20, async () => (await get(address)).text());

  test("requests that query the database leave nothing behind", async () => {
    await ask(300, "/posts");
    const before = await memory();
    await ask(2000, "/posts");
    // Two pages of 64 KB for what is in use by chance. 100 bytes that each request left behind would be three.
    assert.ok((await memory()) - before <= 2 * 65_536, `${before} bytes before, ${await memory()} after`);
  });
});

describe("data layer on D1", () => {
  test("the contract suite", async (t) => {
    for (const [, name] of await (await get("/test/contract")).json()) {
      await t.test(name, async () => {
        const response = await get(`/test/contract/${name}`);
        assert.equal(response.status, 200);
        assert.equal(await response.json(), null);
      });
    }
  });
});

describe("panics", () => {
  for (const afterAwait of [false, true]) {
    test(`a panic ${afterAwait ? "after" : "before"} an await is a 500 with a page, and the next request succeeds`, async () => {
      const broken = await get(`/test/panic?after_await=${afterAwait}`, { headers: { accept: "text/html" } });
      assert.equal(broken.status, 500);
      assert.match(broken.headers.get("content-type"), /text\/html/);
      assert.match(await broken.text(), /<h1>Something broke on our side<\/h1>/);
      const next = await get("/posts");
      assert.equal(next.status, 200);
      assert.match(await next.text(), /<h1>Posts<\/h1>/);
    });

    test(`a panic ${afterAwait ? "after" : "before"} an await ends its instance: the next request has a fresh one`, async () => {
      // What the Worker's shim logs when it makes one.
      const fresh = () => site.lines.filter((line) => line.includes("Reinitializing Wasm")).length;
      const before = fresh();
      await (await get(`/test/panic?after_await=${afterAwait}`)).text();
      await (await get("/posts")).text();
      assert.equal(fresh(), before + 1, site.lines.slice(-12).join("\n"));
    });
  }

  test("a trap without a panic ends its instance, too", async () => {
    const fresh = () => site.lines.filter((line) => line.includes("Reinitializing Wasm")).length;
    const before = fresh();
    const broken = await get("/test/panic?after_await=true&is_trap=true");
    assert.equal(broken.status, 500);
    await broken.text();
    assert.equal((await get("/posts")).status, 200);
    assert.equal(fresh(), before + 1, site.lines.slice(-12).join("\n"));
  });

  test("a panic does not affect concurrent requests", async () => {
    const slow = Array.from({ length: 8 }, () => get("/test/slow"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const broken = await Promise.all([false, true, false].map((when) => get(`/test/panic?after_await=${when}`)));
    assert.deepEqual(broken.map(({ status }) => status), [500, 500, 500]);
    for (const response of await Promise.all(slow)) {
      assert.equal(response.status, 200);
      assert.equal(await response.json(), "done");
    }
  });
});

describe("failures", () => {
  test("an internal error shows an id; its cause is logged under that id", async () => {
    const page = await get("/test/error", { headers: { accept: "text/html" } });
    assert.equal(page.status, 500);
    const text = await page.text();
    const id = text.match(/<code>([0-9a-f]{32})<\/code>/)?.[1];
    assert.ok(id, text);
    assert.ok(!text.includes("secret cause"));
    assert.ok(site.lines.some((line) => line.includes(id) && line.includes("secret cause")), site.lines.join("\n"));
  });

  test("a missing binding is a 503 that names it; pages without data are served", async () => {
    const bare = await start();
    const { url } = bare;
    const page = await fetch(new URL("/posts", url));
    assert.equal(page.status, 503);
    assert.ok(page.headers.get("retry-after"));
    assert.match(await page.text(), /binding DB is missing.*wrangler\.jsonc/s);
    const api = await fetch(new URL("/api/v1/posts", url));
    assert.equal(api.status, 503);
    assert.equal(api.headers.get("content-type"), "application/problem+json");
    const problem = await api.json();
    assert.equal(problem.status, 503);
    assert.equal(problem.type, "urn:problem:unavailable");
    assert.equal(problem.code, "unavailable");
    assert.equal((await fetch(new URL("/about", url))).status, 200);
    await bare.stop();
  });

  test("a database without migrations is a 503 that names the command to run", async () => {
    const empty = await folder();
    const unmigrated = await start({ state: empty.path });
    for (const address of ["/", "/posts/a-post", "/api/health"]) {
      const response = await fetch(new URL(address, unmigrated.url));
      assert.equal(response.status, 503, address);
      assert.match(await response.text(), /cargo x db migrate/, address);
    }
    await unmigrated.stop();
    await empty.remove();
  });

  test("a client that disconnects does not affect later requests", async () => {
    await inParallel(Array.from({ length: 50 }), 10, async () => {
      const controller = new AbortController();
      const response = await get("/sitemap.xml", { signal: controller.signal });
      const reader = response.body.getReader();
      await reader.read();
      controller.abort();
      await reader.read().catch(() => {});
    });
    const whole = await (await get("/sitemap.xml")).text();
    assert.match(whole, /<\/urlset>\n$/);
  });
});

describe("the bundle", () => {
  test("contains no tools and imports no Node modules", () => {
    const script = modules()["index.js"].contents;
    assert.ok(!/from\s*["'](node:|wrangler|miniflare)/.test(script));
    assert.ok(!script.includes("require("));
  });

  test("there is one configuration file, and it names its schema", () => {
    const text = readFileSync(path.join(root, "wrangler.jsonc"), "utf8");
    assert.ok(!existsSync(path.join(root, "wrangler.toml")) && !existsSync(path.join(root, "wrangler.json")));
    assert.match(text, /"\$schema": "node_modules\/wrangler\/config-schema\.json"/);
  });
});
