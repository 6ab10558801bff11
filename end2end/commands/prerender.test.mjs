// `cargo x prerender`, on the site that the dry run of a deployment left: all of it is exchanged, or nothing.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { database, folder, hasFiles, site, start, tree, unfinished, until } from "./command.mjs";

const prerender = (...args) => start(["prerender", "--inside", folder, ...args]);
const built = () => JSON.parse(readFileSync(path.join(folder, "site.json"), "utf8")).assets;

test("pages that cannot be made leave the site as it was, and no password is shown", async () => {
  const before = tree(site);
  const { code, text } = await prerender("--database-url", "postgres://reader:hidden-word@127.0.0.1:1/site").done;
  assert.equal(code, 1, text);
  assert.match(text, /database: PostgreSQL at 127\.0\.0\.1:1, database site, as reader/);
  assert.doesNotMatch(text, /hidden-word/);
  assert.deepEqual(tree(site), before);
  assert.deepEqual(unfinished(), []);
});

test("killed half way, it leaves the site as it was, and the next run puts things right", async () => {
  const before = tree(site);
  const { child, done } = prerender("--database-url", database, "--site-url", "https://killed.example", "--jobs", "1");
  const isHalfWay = () => unfinished().some(hasFiles);
  assert.ok(await until(isHalfWay, 300_000), "no page was begun");
  child.kill("SIGKILL");
  const { signal, text } = await done;
  assert.equal(signal, "SIGKILL", `it was over before: ${text}`);
  assert.equal(unfinished().length, 1);
  assert.deepEqual(tree(site), before);

  const next = await prerender("--database-url", database, "--site-url", "https://next.example").done;
  assert.equal(next.code, 0, next.text);
  assert.deepEqual(unfinished(), []);
  const after = tree(site);
  assert.notEqual(after.about, before.about);
  // By another name, where the site's address is part of it.
  assert.equal(Object.keys(after).length, Object.keys(before).length);
  for (const asset of built()) assert.equal(after[asset], before[asset], asset);
  assert.match(readFileSync(path.join(site, "about"), "utf8"), /https:\/\/next\.example/);
});

test("fewer pages leave none of the earlier ones", async () => {
  const before = Object.keys(tree(site)).length;
  const { code, text } = await prerender("--database-url", database, "--limit", "10").done;
  assert.equal(code, 0, text);
  const after = Object.keys(tree(site));
  assert.ok(after.length < before, `${after.length} of ${before} files`);
  for (const asset of built()) assert.ok(after.includes(asset), asset);
});
