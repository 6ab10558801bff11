// A hostile way to the database: whatever becomes of packets and connections, no hang, no wrong row, nothing done twice.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SLUG, asked, increment, isUnavailable } from "./asking.mjs";
import { start } from "./harness.mjs";
import { database, hyperdrives } from "./servers.mjs";

const MOMENTS = ["connect", "auth", "before_query", "after_query_before_reply", "mid_reply", "before_commit", "after_commit_before_reply"];
const KINDS = ["drop", "reset", "garbage", "half_packet", "error_fatal", "no_connection"];

// Stalls are waited for: the engines go side by side.
describe("a hostile way", { concurrency: 2 }, () => {
  for (const engine of ["postgres", "mysql"]) {
    describe(`to ${engine}`, { concurrency: 1 }, () => {
      let db, both, site;
      const minutes = async () => Number(await db.ask(`SELECT reading_minutes FROM posts WHERE slug = '${SLUG}'`));

      before(async () => {
        db = await database(engine, "hostile");
        both = await hyperdrives(db);
        site = await start({ hyperdrive: both.bindings, vars: { DB_DRIVER: "hyperdrive" } });
      });

      after(async () => {
        await site?.stop();
        await both?.stop();
        await db?.remove();
      });

      for (const kind of KINDS) {
        for (const at of MOMENTS) {
          test(`${kind} ${at}, once: a read is answered, a write is done at most once`, async () => {
            await both.order({ fault: { kind, at, nth: 1, times: 1 } });
            const read = await asked(site.url, "/posts");
            assert.equal(read.status, 200, read.text);
            assert.match(read.text, /<h1>Posts<\/h1>/);
            for (const by of [1, 2]) {
              await both.order({ fault: { kind, at, nth: 1, times: 1 } });
              const before = await minutes();
              const written = await increment(site.url, by);
              const grown = (await minutes()) - before;
              if (written.status === 200) assert.equal(grown, by);
              else {
                assert.equal(written.status, 503, written.text);
                assert.ok(Number(written.headers.get("retry-after")) > 0);
                assert.ok(grown === 0 || grown === by, `${grown} of ${by} were done`);
              }
            }
            await both.order({});
            assert.equal((await asked(site.url, "/posts")).status, 200);
          });
        }
        test(`${kind} all the time is a 503`, async () => {
          await both.order({ fault: { kind, at: "before_query", nth: 1, times: 0 } });
          isUnavailable(await asked(site.url, "/posts"), /./);
          await both.order({});
        });
      }

      for (const at of ["connect", "auth", "before_query", "mid_reply"]) {
        test(`a stall at ${at} has an end`, async () => {
          await both.order({ fault: { kind: "stall", at, nth: 1, times: 0 } });
          isUnavailable(await asked(site.url, "/posts"), /in time/);
          await both.order({});
          assert.equal((await asked(site.url, "/posts")).status, 200);
        });
      }

      test("nothing was asked that Hyperdrive refuses", async () => {
        await both.order({});
        for (const address of ["/", "/posts", "/posts?q=night", "/users", `/posts/${SLUG}`, "/sitemap.xml", "/feed.xml"]) {
          assert.equal((await asked(site.url, address)).status, 200, address);
        }
        assert.equal((await increment(site.url, 2)).status, 200);
        for (const one of [both.cached, both.direct]) assert.deepEqual((await one.stats()).rejections, {});
      });
    });
  }
});
