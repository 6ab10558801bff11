// Visitors read their own writes: by a bookmark on D1's replicas, by time behind Hyperdrive's cache, in one signed cookie.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { seeded, start } from "./harness.mjs";
import { database, hyperdrives } from "./servers.mjs";

const SLUG = "one-hundred-loaves";

function createVisitor(url) {
  const get = (address, cookie) => fetch(new URL(address, url), { headers: cookie ? { cookie } : {} });
  return {
    get,
    minutes: async (cookie) => (await (await get(`/api/v1/posts/${SLUG}`, cookie)).json()).reading_minutes,
    /** Adds a minute; returns the visitor's new cookie. */
    write: async (cookie) => {
      const init = { method: "POST", headers: cookie ? { cookie } : {} };
      const response = await fetch(new URL(`/test/increment?slug=${SLUG}&by=1`, url), init);
      assert.equal(response.status, 200, await response.clone().text());
      const set = response.headers.getSetCookie();
      assert.equal(set.length, 1, set.join());
      assert.match(set[0], /^__Host-seen=.*; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax$/);
      assert.match(response.headers.get("cache-control"), /no-store/);
      return set[0].split(";")[0];
    },
  };
}

for (const engine of ["postgres", "mysql"]) {
  describe(`hyperdrive with ${engine}`, () => {
    let db, hyperdrive, site, visitor;

    before(async () => {
      db = await database(engine, "freshness");
      hyperdrive = await hyperdrives(db);
      site = await start({ hyperdrive: hyperdrive.bindings, vars: { DB_DRIVER: "hyperdrive" } });
      visitor = createVisitor(site.url);
    });

    after(async () => {
      await site?.stop();
      await hyperdrive?.stop();
      await db?.remove();
    });

    test("a visitor reads their own write at once; others wait for the cache to expire", async () => {
      // Within one minute: queries that ask for the time are cached for that long.
      const left = 60_000 - (Date.now() % 60_000);
      if (left < 5_000) await sleep(left);
      const before = await visitor.minutes();
      const cookie = await visitor.write();
      assert.equal(await visitor.minutes(cookie), before + 1);
      assert.equal(await visitor.minutes(), before, "the cached binding should have answered");
      const again = await visitor.write(cookie);
      assert.equal(await visitor.minutes(again), before + 2);
      await hyperdrive.cached.advance(61);
      assert.equal(await visitor.minutes(), before + 2);
    });

    test("eventual reads use the cached binding; writes and strong reads use the direct one", async () => {
      await hyperdrive.configure({});
      await visitor.get("/posts");
      assert.equal((await hyperdrive.direct.stats()).connections, 0);
      assert.equal((await hyperdrive.cached.stats()).connections, 1);
      await hyperdrive.configure({});
      const cookie = await visitor.write();
      await visitor.get("/posts", cookie);
      assert.equal((await hyperdrive.direct.stats()).connections, 2);
      assert.equal((await hyperdrive.cached.stats()).connections, 0);
    });

    test("a forged cookie is ignored", async () => {
      await hyperdrive.configure({});
      const cookie = await visitor.write();
      const forged = cookie.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
      for (const other of [forged, "__Host-seen=until.9999999999999.00", "__Host-seen=until.9999999999999"]) {
        await hyperdrive.configure({});
        assert.equal((await visitor.get("/posts", other)).status, 200);
        assert.equal((await hyperdrive.direct.stats()).connections, 0, other);
      }
    });

    test("one binding is enough for both kinds of reads", async () => {
      for (const name of ["HYPERDRIVE_CACHED", "HYPERDRIVE_DIRECT"]) {
        await hyperdrive.configure({});
        const single = await start({ hyperdrive: { [name]: hyperdrive.bindings[name] }, vars: { DB_DRIVER: "hyperdrive" } });
        assert.equal((await fetch(new URL("/posts", single.url))).status, 200);
        const increment = new URL(`/test/increment?slug=${SLUG}&by=1`, single.url);
        const written = await fetch(increment, { method: "POST" });
        assert.equal(written.status, 200, await written.clone().text());
        assert.deepEqual(written.headers.getSetCookie(), []);
        await single.stop();
      }
    });

    test("without SESSION_SECRET, writes are rejected and reads work", async () => {
      const bare = await start({ hyperdrive: hyperdrive.bindings, vars: { DB_DRIVER: "hyperdrive", SESSION_SECRET: "short" } });
      const before = await visitor.minutes(await visitor.write());
      const refused = await fetch(new URL(`/test/increment?slug=${SLUG}&by=1`, bare.url), { method: "POST" });
      assert.equal(refused.status, 503);
      assert.match(await refused.text(), /SESSION_SECRET/);
      assert.equal((await fetch(new URL("/posts", bare.url))).status, 200);
      await hyperdrive.configure({});
      assert.equal(await visitor.minutes(), before);
      await bare.stop();
    });
  });
}

describe("D1", () => {
  let d1, site, visitor;

  before(async () => {
    d1 = await seeded();
    site = await start({ state: d1.state });
    visitor = createVisitor(site.url);
  });

  after(async () => {
    await site?.stop();
    await d1?.remove();
  });

  test("the writer's bookmark is carried in their cookie", async () => {
    const before = await visitor.minutes();
    const cookie = await visitor.write();
    assert.match(cookie, /^__Host-seen=bookmark\.[0-9a-f-]+\.[0-9a-f]{64}$/);
    assert.equal(await visitor.minutes(cookie), before + 1);
    const again = await visitor.write(cookie);
    assert.ok(again.split(".")[1] > cookie.split(".")[1], "bookmarks sort by time");
    assert.equal(await visitor.minutes(again), before + 2);
    assert.equal((await visitor.get("/posts", again.replace(/.$/, "x"))).status, 200);
  });

  test("a read sets no cookie", async () => {
    const response = await visitor.get("/posts");
    assert.deepEqual(response.headers.getSetCookie(), []);
  });
});
