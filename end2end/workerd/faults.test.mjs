// Network faults between Worker and database: no hang, no wrong row, and no write applied twice.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SLUG, assertUnavailable, increment, request } from "./requests.mjs";
import { start } from "./harness.mjs";
import { database, hyperdrives } from "./servers.mjs";

const FAULT_POINTS = ["connect", "auth", "before_query", "after_query_before_reply", "mid_reply", "before_commit", "after_commit_before_reply"];
const FAULT_KINDS = ["drop", "reset", "garbage", "half_packet", "error_fatal", "no_connection"];

// Stalls take time: the engines are tested in parallel.
describe("network faults", { concurrency: 2 }, () => {
  for (const engine of ["postgres", "mysql"]) {
    describe(engine, { concurrency: 1 }, () => {
      let db, hyperdrive, site;
      const minutes = async () => Number(await db.query(`SELECT reading_minutes FROM posts WHERE slug = '${SLUG}'`));

      before(async () => {
        db = await database(engine, "hostile");
        hyperdrive = await hyperdrives(db);
        site = await start({ hyperdrive: hyperdrive.bindings, vars: { DB_DRIVER: "hyperdrive" } });
      });

      after(async () => {
        await site?.stop();
        await hyperdrive?.stop();
        await db?.remove();
      });

      for (const kind of FAULT_KINDS) {
        for (const at of FAULT_POINTS) {
          test(`a single ${kind} at ${at}: reads succeed, writes apply at most once`, async () => {
            await hyperdrive.configure({ fault: { kind, at, nth: 1, times: 1 } });
            const read = await request(site.url, "/posts");
            assert.equal(read.status, 200, read.text);
            assert.match(read.text, /<h1>Posts<\/h1>/);
            for (const by of [1, 2]) {
              await hyperdrive.configure({ fault: { kind, at, nth: 1, times: 1 } });
              const before = await minutes();
              const written = await increment(site.url, by);
              const added = (await minutes()) - before;
              if (written.status === 200) assert.equal(added, by);
              else {
                assert.equal(written.status, 503, written.text);
                assert.ok(Number(written.headers.get("retry-after")) > 0);
                assert.ok(added === 0 || added === by, `${added} of ${by} were applied`);
              }
            }
            await hyperdrive.configure({});
            assert.equal((await request(site.url, "/posts")).status, 200);
          });
        }
        test(`a permanent ${kind} is a 503`, async () => {
          await hyperdrive.configure({ fault: { kind, at: "before_query", nth: 1, times: 0 } });
          assertUnavailable(await request(site.url, "/posts"), /./);
          await hyperdrive.configure({});
        });
      }

      for (const at of ["connect", "auth", "before_query", "mid_reply"]) {
        test(`a stall at ${at} times out`, async () => {
          await hyperdrive.configure({ fault: { kind: "stall", at, nth: 1, times: 0 } });
          assertUnavailable(await request(site.url, "/posts"), /in time/);
          await hyperdrive.configure({});
          assert.equal((await request(site.url, "/posts")).status, 200);
        });
      }

      test("no statement is sent that Hyperdrive rejects", async () => {
        await hyperdrive.configure({});
        for (const address of ["/", "/posts", "/posts?q=night", "/users", `/posts/${SLUG}`, "/sitemap.xml", "/feed.xml"]) {
          assert.equal((await request(site.url, address)).status, 200, address);
        }
        assert.equal((await increment(site.url, 2)).status, 200);
        for (const one of [hyperdrive.cached, hyperdrive.direct]) assert.deepEqual((await one.stats()).rejections, {});
      });
    });
  }
});
