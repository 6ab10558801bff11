// Who has written reads his own writes: on D1's replicas by a bookmark, behind Hyperdrive's cache by time; one signed cookie.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { seeded, start } from "./harness.mjs";
import { database, hyperdrives } from "./servers.mjs";

const SLUG = "one-hundred-loaves";

function visitor(url) {
  const get = (address, cookie) => fetch(new URL(address, url), { headers: cookie ? { cookie } : {} });
  return {
    get,
    minutes: async (cookie) => (await (await get(`/api/v1/posts/${SLUG}`, cookie)).json()).reading_minutes,
    /** Adds a minute; gives the cookie that the visitor has then. */
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
    let db, both, site, here;

    before(async () => {
      db = await database(engine, "freshness");
      both = await hyperdrives(db);
      site = await start({ hyperdrive: both.bindings, vars: { DB_DRIVER: "hyperdrive" } });
      here = visitor(site.url);
    });

    after(async () => {
      await site?.stop();
      await both?.stop();
      await db?.remove();
    });

    test("the writer sees his write at once; others when the cache forgets", async () => {
      const before = await here.minutes();
      const cookie = await here.write();
      assert.equal(await here.minutes(cookie), before + 1);
      assert.equal(await here.minutes(), before, "the cache is not asked at all?");
      const again = await here.write(cookie);
      assert.equal(await here.minutes(again), before + 2);
      await both.cached.advance(61);
      assert.equal(await here.minutes(), before + 2);
    });

    test("stale reads go to the cached binding, writes and fresh reads to the direct one", async () => {
      await both.order({});
      await here.get("/posts");
      assert.equal((await both.direct.stats()).connections, 0);
      assert.equal((await both.cached.stats()).connections, 1);
      await both.order({});
      const cookie = await here.write();
      await here.get("/posts", cookie);
      assert.equal((await both.direct.stats()).connections, 2);
      assert.equal((await both.cached.stats()).connections, 0);
    });

    test("a cookie that was not made here is no cookie", async () => {
      await both.order({});
      const cookie = await here.write();
      const forged = cookie.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
      for (const other of [forged, "__Host-seen=until.9999999999999.00", "__Host-seen=until.9999999999999"]) {
        await both.order({});
        assert.equal((await here.get("/posts", other)).status, 200);
        assert.equal((await both.direct.stats()).connections, 0, other);
      }
    });

    test("one binding serves both", async () => {
      for (const name of ["HYPERDRIVE_CACHED", "HYPERDRIVE_DIRECT"]) {
        await both.order({});
        const alone = await start({ hyperdrive: { [name]: both.bindings[name] }, vars: { DB_DRIVER: "hyperdrive" } });
        assert.equal((await fetch(new URL("/posts", alone.url))).status, 200);
        const increment = new URL(`/test/increment?slug=${SLUG}&by=1`, alone.url);
        const written = await fetch(increment, { method: "POST" });
        assert.equal(written.status, 200, await written.clone().text());
        assert.deepEqual(written.headers.getSetCookie(), []);
        await alone.stop();
      }
    });

    test("without the secret nothing is written, and everything can be read", async () => {
      const bare = await start({ hyperdrive: both.bindings, vars: { DB_DRIVER: "hyperdrive", SESSION_SECRET: "short" } });
      const before = await here.minutes(await here.write());
      const refused = await fetch(new URL(`/test/increment?slug=${SLUG}&by=1`, bare.url), { method: "POST" });
      assert.equal(refused.status, 503);
      assert.match(await refused.text(), /SESSION_SECRET/);
      assert.equal((await fetch(new URL("/posts", bare.url))).status, 200);
      await both.order({});
      assert.equal(await here.minutes(), before);
      await bare.stop();
    });
  });
}

describe("D1", () => {
  let d1, site, here;

  before(async () => {
    d1 = await seeded();
    site = await start({ state: d1.state });
    here = visitor(site.url);
  });

  after(async () => {
    await site?.stop();
    await d1?.remove();
  });

  test("the writer's bookmark goes with him", async () => {
    const before = await here.minutes();
    const cookie = await here.write();
    assert.match(cookie, /^__Host-seen=bookmark\.[0-9a-f-]+\.[0-9a-f]{64}$/);
    assert.equal(await here.minutes(cookie), before + 1);
    const again = await here.write(cookie);
    assert.ok(again.split(".")[1] > cookie.split(".")[1], "bookmarks sort by time");
    assert.equal(await here.minutes(again), before + 2);
    assert.equal((await here.get("/posts", again.replace(/.$/, "x"))).status, 200);
  });

  test("a page that only reads leaves no cookie", async () => {
    const response = await here.get("/posts");
    assert.deepEqual(response.headers.getSetCookie(), []);
  });
});
