// The built Worker on every engine that it reaches over a socket: the whole data layer, and no connection left behind.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { sessionsBy, start } from "./harness.mjs";
import { connections, database, hyperdrives, none } from "./servers.mjs";

/** What is asked where the same wire, cut otherwise, is between the same two ends: not what is large, and not what waits. */
const QUICK = /^(?!.*(long|large|bytes|late|slow|wait|others|many|any_number)).*$/;

const ENGINES = [
  { name: "postgres", engine: "postgres", vars: ({ plain }) => ({ DB_DRIVER: "postgres", DATABASE_URL: plain }) },
  { name: "postgres with TLS", engine: "postgres", cases: QUICK, vars: ({ secure }) => ({ DB_DRIVER: "postgres", DATABASE_URL: secure }) },
  { name: "hyperdrive, cached and direct", engine: "postgres", through: "both" },
  { name: "hyperdrive, byte by byte", engine: "postgres", through: "both", cases: QUICK, plan: { split: "bytes" } },
  { name: "hyperdrive, cut at every boundary", engine: "postgres", through: "both", plan: { split: "boundaries" } },
  { name: "hyperdrive, in large pieces, late", engine: "postgres", through: "both", cases: QUICK, plan: { merge: true, delay_ms: 2 } },
  { name: "mysql", engine: "mysql", vars: ({ plain }) => ({ DB_DRIVER: "mysql", DATABASE_URL: plain }) },
  { name: "mysql with TLS", engine: "mysql", cases: QUICK, vars: ({ secure }) => ({ DB_DRIVER: "mysql", DATABASE_URL: secure }) },
  { name: "hyperdrive with mysql", engine: "mysql", through: "both" },
  { name: "hyperdrive with mysql, byte by byte", engine: "mysql", through: "both", cases: QUICK, plan: { split: "bytes" } },
  { name: "hyperdrive with mysql, cut at every boundary", engine: "mysql", through: "both", plan: { split: "boundaries" } },
];

/** Runs `work` for every number below `count`, so many at a time. */
async function pooled(count, width, work) {
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** A reader who asks, and hangs up after so many milliseconds. */
function gone(url, milliseconds) {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false }, (response) => response.resume());
    request.on("error", () => {});
    request.on("close", resolve);
    setTimeout(() => request.destroy(), milliseconds);
  });
}

/** The Worker on an engine, with stand-ins for Hyperdrive where the way leads through it. */
async function site(one, db) {
  const standIns = one.through ? await hyperdrives(db) : {};
  const vars = one.through ? { DB_DRIVER: "hyperdrive" } : one.vars(db);
  const worker = await start({ hyperdrive: standIns.bindings, vars });
  return {
    ...worker,
    order: (plan) => standIns.order?.(plan),
    get: (address, init) => fetch(new URL(address, worker.url), { redirect: "manual", ...init }),
    stop: async () => {
      await worker.stop();
      await standIns.stop?.();
    },
  };
}

describe("every way to a server", { concurrency: 2 }, () => {
  for (const one of ENGINES) {
    describe(one.name, { concurrency: 1 }, () => {
      let db, here;

      before(async () => {
        db = await database(one.engine, `workerd_${ENGINES.indexOf(one)}`);
        here = await site(one, db);
      });

      after(async () => {
        await here?.stop();
        await db?.remove();
      });

      test("the contract suite", async (t) => {
        const names = (await (await here.get("/test/contract")).json()).filter((name) => one.cases?.test(name) ?? true);
        assert.ok(names.length > 30, names.join());
        for (const name of names) {
          await t.test(name, async () => {
            // Cases make the same tables anew: what the cache kept of another case's is none of this one's.
            await here.order(one.plan ?? {});
            const response = await here.get(`/test/contract/${name}`);
            const text = await response.text();
            assert.equal(response.status, 200, `${text}\n${here.lines.slice(-20).join("\n")}`);
            assert.equal(JSON.parse(text), null);
          });
        }
      });

      test("a page is one connection and one round trip, and a page without data is none", async () => {
        const { data } = await (await here.get("/api/v1/posts?limit=1")).json();
        const pages = [
          ["/", 1], ["/posts", 1], ["/posts?q=night", 1], [`/posts/${data[0].slug}`, 4], ["/users", 1], ["/users?q=a", 1],
          [`/users/${data[0].author.handle}`, 2], ["/feed.xml", 1], ["/sitemap.xml", 2], ["/api/v1/users", 1],
          ["/api/v1/posts", 1], [`/api/v1/posts/${data[0].slug}`, 4], ["/api/health", 1], ["/posts/no-such-post", 4],
        ];
        for (const [address, statements] of pages) {
          const response = await here.get(address);
          await response.text();
          if (response.headers.get("content-type").includes("xml") && address === "/sitemap.xml") continue;
          const timing = response.headers.get("server-timing");
          assert.match(timing, new RegExp(`"1 connections, 1 round trips, ${statements} statements, \\d+ rows"`), address);
        }
        for (const address of ["/about", "/robots.txt", "/nowhere"]) {
          const response = await here.get(address);
          assert.match(response.headers.get("server-timing"), /"0 connections, 0 round trips/, address);
        }
      });

      test("600 interleaved requests each see their own session", async () => {
        const people = [...(await sessionsBy(db.ask, 12)), { handle: null, cookie: "" }];
        const seen = new Set();
        await pooled(600, 30, async (n) => {
          const { handle, cookie } = people[(n * 7) % people.length];
          const address = n % 2 ? "/test/context" : "/fn/test_context";
          const response = await here.get(address, { headers: cookie ? { cookie } : {} });
          assert.equal(response.status, 200, await response.clone().text());
          assert.deepEqual(await response.json(), { handle, connections: 1, statements: handle ? 6 : 5 });
          seen.add(handle);
        });
        assert.equal(seen.size, people.length);
      });

      test("whatever becomes of a request, no connection is left", async () => {
        const endings = ["/posts", "/test/error", "/posts/no-such-post", "/sitemap.xml", "/test/panic?after_await=true"];
        await pooled(100, 10, async (n) => {
          try {
            await (await here.get(endings[n % endings.length])).text();
          } catch (error) {
            // A panic ends its whole instance: an answer that was being streamed out of it is cut off, and its connection
            // to the database must be closed none the less.
            assert.match(String(error), /^TypeError: (fetch failed|terminated)/);
          }
        });
        await pooled(50, 10, async (n) => {
          const address = n % 2 ? "/test/slow" : "/sitemap.xml";
          await gone(new URL(address, here.url), 5 + (n % 7) * 10);
        });
        assert.equal(await none(() => connections(one.engine, db)), 0);
      });
    });
  }
});

describe("many requests", () => {
  for (const [name, count] of [["postgres", 10_000], ["mysql", 2_000]]) {
    const one = ENGINES.find((engine) => engine.name === name);
    test(`${one.name}: ${count} answered and 500 aborted leave no connection`, async () => {
      const db = await database(one.engine, "workerd_many");
      const here = await site(one, db);
      let most = 0;
      await pooled(count, 8, async (n) => {
        const response = await here.get(n % 2 ? "/api/health" : "/api/v1/posts?limit=2");
        assert.equal(response.status, 200);
        await response.arrayBuffer();
        if (n % 1000 === 0) most = Math.max(most, await connections(one.engine, db));
      });
      // A reader who goes away is not waited for: few at a time, so that the server has room for those still under way.
      await pooled(500, 4, async (n) => {
        await gone(new URL("/test/context", here.url), 1 + (n % 12));
      });
      assert.ok(most <= 40, `${most} connections at a time`);
      assert.equal(await none(() => connections(one.engine, db)), 0);
      assert.equal((await here.get("/posts")).status, 200);
      await here.stop();
      await db.remove();
    });
  }
});
