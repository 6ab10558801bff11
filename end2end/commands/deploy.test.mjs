// `cargo x deploy`, as far as it goes without an account.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { database, folder, site, start, tree, unfinished } from "./command.mjs";

/** The size of the Worker for D1: 3.1 MB when this was written, 3.8 with every client. */
const MAX_WORKER_BYTES = 3_300_000;

const dryRun = ["deploy", "--env", "staging", "--dry-run", "--inside", folder];

test("without an account, a deployment is refused before anything is done", async () => {
  const { code, text } = await start(["deploy", "--env", "staging"]).done;
  assert.equal(code, 1, text);
  assert.match(text, /staging cannot be deployed yet, and nothing was changed:\n/);
  assert.match(text, /(CLOUDFLARE_ACCOUNT_ID|DATABASE_URL) is not set: /);
  assert.doesNotMatch(text, /1\/5/);
});

test("a dry run builds, checks, prerenders and bundles, in this order, and changes nothing outside", async () => {
  const { code, text } = await start([...dryRun, "--database-url", database]).done;
  assert.equal(code, 0, text);
  const steps = [...text.matchAll(/^\d\/5 (\w+)$/gm)].map(([, name]) => name);
  assert.deepEqual(steps, ["build", "check", "migrate", "prerender", "deploy"], text);
  assert.match(text, /pages without a database … done in [^\n]*\(1 page from no database\)\n`cargo x prerender` adds the pages of posts and authors/);
  assert.match(text, /would (run `wrangler d1 migrations apply DB --remote --env staging`|apply the migrations)/);
  assert.match(text, /wrangler deploy --dry-run … done in [^\n]*Total Upload/);
  assert.match(text, /the dry run succeeded/);

  // The site is whole: assets of the manifest, pages, the rules of both, and nothing that was left over.
  const files = tree(site);
  const note = JSON.parse(readFileSync(path.join(folder, "site.json"), "utf8"));
  for (const asset of note.assets) assert.ok(files[asset], asset);
  assert.ok(files.about, "no about");
  const pages = Object.keys(files).filter((file) => file.startsWith("_pages/"));
  assert.ok(pages.length > 100, `${pages.length} pages`);
  const headers = readFileSync(path.join(site, "_headers"), "utf8");
  assert.ok(headers.startsWith(note.headers.trimEnd()), headers);
  assert.match(headers, /^\/about$/m);
  assert.deepEqual(unfinished(), []);

  // What wrangler would upload starts as wrangler.jsonc says.
  const bundle = path.join(folder, "deploy");
  assert.ok(existsSync(path.join(bundle, "entry.js")), Object.keys(tree(bundle)).join("\n"));
  const [wasm, ...others] = Object.keys(tree(bundle)).filter((file) => file.endsWith(".wasm"));
  assert.deepEqual(others, []);
  // wrangler.jsonc names D1 alone: no client of a server makes a reader's first request slower.
  const module = readFileSync(path.join(bundle, wasm));
  assert.ok(module.length < MAX_WORKER_BYTES, `${module.length} bytes`);
  assert.ok(module.includes("This Worker was built without a client for"));
  for (const words of ["SCRAM-SHA-256", "caching_sha2_password"]) assert.ok(!module.includes(words), words);
});
