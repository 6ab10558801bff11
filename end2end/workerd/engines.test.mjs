// The built Worker on every engine that it reaches through a socket: the contract suite, and no connection left open.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { sessionsBySql, start } from "./harness.mjs";
import { assertRoundTrips } from "./round_trips.mjs";
import { connections, database, hyperdrives, waitForZero } from "./servers.mjs";

/** Contract cases for variants of a connection that is tested fully elsewhere: of what goes through it, and neither large nor slow. */
const TOPICS = ["values", "numbers", "text", "constraints", "atomicity", "transactions", "paging", "requests"];
const SLOW = /long|large|bytes|late|slow|wait|others|many|any_number/;
const isOfTheWire = ([topic, name]) => TOPICS.includes(topic) && !SLOW.test(name);

const ENGINES = [
  { name: "postgres", server: "postgres", vars: ({ plain }) => ({ DB_DRIVER: "postgres", DATABASE_URL: plain }) },
  { name: "postgres with TLS", server: "postgres", cases: isOfTheWire, vars: ({ secure }) => ({ DB_DRIVER: "postgres", DATABASE_URL: secure }) },
  { name: "hyperdrive, cached and direct", server: "postgres", through: "both" },
  { name: "hyperdrive, byte by byte", server: "postgres", through: "both", cases: isOfTheWire, plan: { split: "bytes" } },
  { name: "hyperdrive, cut at every boundary", server: "postgres", through: "both", plan: { split: "boundaries" } },
  { name: "hyperdrive, in large pieces, late", server: "postgres", through: "both", cases: isOfTheWire, plan: { merge: true, delay_ms: 2 } },
  { name: "mysql", server: "mysql", vars: ({ plain }) => ({ DB_DRIVER: "mysql", DATABASE_URL: plain }) },
  { name: "mysql with TLS", server: "mysql", cases: isOfTheWire, vars: ({ secure }) => ({ DB_DRIVER: "mysql", DATABASE_URL: secure }) },
  { name: "hyperdrive with mysql", server: "mysql", through: "both" },
  { name: "hyperdrive with mysql, byte by byte", server: "mysql", through: "both", cases: isOfTheWire, plan: { split: "bytes" } },
  { name: "hyperdrive with mysql, cut at every boundary", server: "mysql", through: "both", plan: { split: "boundaries" } },
];

/** Runs `work` for every number below `count`, `width` at a time. */
async function inParallel(count, width, work) {
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** Sends a request and aborts it after a number of milliseconds. */
function abortAfter(url, milliseconds) {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false }, (response) => response.resume());
    request.on("error", () => {});
    request.on("close", resolve);
    setTimeout(() => request.destroy(), milliseconds);
  });
}

/** Starts the Worker on an engine, with stand-ins for Hyperdrive if the engine uses it. */
async function startSite(engine, db) {
  const standIns = engine.through ? await hyperdrives(db) : {};
  const vars = engine.through ? { DB_DRIVER: "hyperdrive" } : engine.vars(db);
  const worker = await start({ hyperdrive: standIns.bindings, vars });
  return {
    ...worker,
    configure: (plan) => standIns.configure?.(plan),
    get: (address, init) => fetch(new URL(address, worker.url), { redirect: "manual", ...init }),
    stop: async () => {
      await worker.stop();
      await standIns.stop?.();
    },
  };
}

describe("every connection to a server", { concurrency: 2 }, () => {
  for (const engine of ENGINES) {
    describe(engine.name, { concurrency: 1 }, () => {
      let db, site;

      before(async () => {
        db = await database(engine.server, `workerd_${ENGINES.indexOf(engine)}`);
        site = await startSite(engine, db);
      });

      after(async () => {
        await site?.stop();
        await db?.remove();
      });

      test("the contract suite", async (t) => {
        const all = await (await site.get("/test/contract")).json();
        const cases = all.filter(engine.cases ?? (() => true));
        assert.ok(cases.length > 25, cases.join());
        for (const [, name] of cases) {
          await t.test(name, async () => {
            // Cases recreate tables of equal names: results that were cached for another case must be gone.
            await site.configure(engine.plan ?? {});
            const response = await site.get(`/test/contract/${name}`);
            const text = await response.text();
            assert.equal(response.status, 200, `${text}\n${site.lines.slice(-20).join("\n")}`);
            assert.equal(JSON.parse(text), null);
          });
        }
      });

      test("a page takes one connection and one round trip; a page without data takes none", async () => {
        await assertRoundTrips(site.get);
      });

      test("600 interleaved requests each see their own session", async () => {
        const users = [...(await sessionsBySql(db.query, 12)), { handle: null, cookie: "" }];
        const seen = new Set();
        await inParallel(600, 30, async (n) => {
          const { handle, cookie } = users[(n * 7) % users.length];
          const address = n % 2 ? "/test/context" : "/fn/test_context";
          const response = await site.get(address, { headers: cookie ? { cookie } : {} });
          assert.equal(response.status, 200, await response.clone().text());
          assert.deepEqual(await response.json(), { handle, connections: 1, statements: handle ? 6 : 5 });
          seen.add(handle);
        });
        assert.equal(seen.size, users.length);
      });

      test("no connection stays open, however a request ends", async () => {
        const endings = ["/posts", "/test/error", "/posts/no-such-post", "/sitemap.xml", "/test/panic?after_await=true"];
        await inParallel(100, 10, async (n) => {
          try {
            await (await site.get(endings[n % endings.length])).text();
          } catch (error) {
            // A panic ends its whole instance: a response that it was streaming is cut off, but its connection to the
            // database must still be closed.
            assert.match(String(error), /^TypeError: (fetch failed|terminated)/);
          }
        });
        await inParallel(50, 10, async (n) => {
          const address = n % 2 ? "/test/slow" : "/sitemap.xml";
          await abortAfter(new URL(address, site.url), 5 + (n % 7) * 10);
        });
        assert.equal(await waitForZero(() => connections(engine.server, db)), 0);
      });
    });
  }
});

describe("many requests", () => {
  for (const [name, count] of [["postgres", 10_000], ["mysql", 2_000]]) {
    const engine = ENGINES.find((engine) => engine.name === name);
    test(`${engine.name}: ${count} completed and 500 aborted requests leave no connection open`, async () => {
      const db = await database(engine.server, "workerd_many");
      const site = await startSite(engine, db);
      let maxConnections = 0;
      await inParallel(count, 8, async (n) => {
        const response = await site.get(n % 2 ? "/api/health" : "/api/v1/posts?limit=2");
        assert.equal(response.status, 200);
        await response.arrayBuffer();
        if (n % 1000 === 0) maxConnections = Math.max(maxConnections, await connections(engine.server, db));
      });
      // The server still works on aborted requests: few at a time, so that it does not run out of connections.
      await inParallel(500, 4, async (n) => {
        await abortAfter(new URL("/test/context", site.url), 1 + (n % 12));
      });
      assert.ok(maxConnections <= 40, `${maxConnections} connections at a time`);
      assert.equal(await waitForZero(() => connections(engine.server, db)), 0);
      assert.equal((await site.get("/posts")).status, 200);
      await site.stop();
      await db.remove();
    });
  }
});
