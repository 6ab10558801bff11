// `cargo x deploy`: what a dry run does, and a whole deployment to a stand-in for Cloudflare's API.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { BOOKMARK, DATABASE, serve } from "./cloudflare.mjs";
import { database, folder, site, start, tree, unfinished } from "./command.mjs";

/**
 * The size of the Worker for D1: 4.34 MB when this was written. Reading, with signing in and mail, was 2.98; what people do with their accounts,
 * administration, passkeys and the API's tokens are the rest, until they are a module of their own. Clients for servers are 0.6 more.
 */
const MAX_WORKER_BYTES = 4_400_000;

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

/** The configuration of a production site that can be deployed. */
function config() {
  const text = readFileSync(path.join(import.meta.dirname, "../../wrangler.jsonc"), "utf8");
  const at = text.indexOf('"production": {');
  const production = text
    .slice(at)
    .replace('// "SITE_URL": "https://example.com",', '"SITE_URL": "https://site.example",')
    .replace(/"database_id": "[^"]*"/, `"database_id": "${DATABASE}"`);
  return text.slice(0, at) + production;
}

test("production is deployed: the way back, migrations, pages, files, the Worker, and what is released, in this order", async (t) => {
  const cloudflare = await serve();
  t.after(() => cloudflare.end());
  // A site of its own: the other tests look at the pages of theirs.
  const own = path.join(folder, "production");
  mkdirSync(own, { recursive: true });
  const released = path.join(own, "released.json");
  writeFileSync(path.join(own, "wrangler.jsonc"), config());
  const deploy = () => start(["deploy", "--env", "production", "--inside", own], { env: cloudflare.env }).done;

  // The Worker is refused: the database is migrated, nothing else is changed, and nothing counts as released.
  cloudflare.refuse("PUT", /workers\/scripts\/[^/]+$/);
  const failed = await deploy();
  assert.equal(failed.code, 1, failed.text);
  assert.match(failed.text, /stopped at step 5 of 5, deploy: /);
  assert.match(failed.text, /the database has the new migrations, and the earlier Worker is still deployed/);
  assert.match(failed.text, new RegExp(`^restore point: the bookmark ${BOOKMARK} of Time Travel\\nway back: .*--bookmark=${BOOKMARK}`, "m"));
  assert.ok(!existsSync(released), "nothing is released");
  const migrations = cloudflare.tables().filter((name) => ["users", "posts", "d1_migrations", "schema_migrations"].includes(name));
  assert.equal(migrations.length, 4);

  cloudflare.refuse();
  const first = cloudflare.calls().length;
  const done = await deploy();
  assert.equal(done.code, 0, done.text);
  assert.match(done.text, /^production is deployed: https:\/\/site\.example$/m);
  assert.match(done.text, /released\.json: commit it, so that no migration removes what this version reads while it is served/);
  // Nothing was pending any more, and so no way back was noted.
  assert.doesNotMatch(done.text, /restore point/);
  assert.doesNotMatch(failed.text + done.text, new RegExp(cloudflare.env.CLOUDFLARE_API_TOKEN));

  const all = cloudflare.calls();
  const at = (wanted, from = 0) => all.findIndex((call, index) => index >= from && wanted.test(call));
  const bookmark = at(/^GET .*time_travel\/bookmark$/);
  const write = at(/^POST .*\/raw CREATE TABLE/);
  assert.ok(bookmark >= 0 && bookmark < write && write < at(/assets-upload-session/), all.join("\n"));
  const [read, upload, worker] = [/^POST .*\/raw SELECT/, /^POST .*assets\/upload/, /^PUT .*scripts\/[^/]+-production$/].map((one) => at(one, first));
  assert.ok(read >= first && read < upload && upload < worker, all.slice(first).join("\n"));
  // Every file of the site arrived, and the Worker of this build with production's bindings.
  assert.deepEqual(cloudflare.missingFiles(), []);
  const { bindings } = cloudflare.worker();
  const binding = (name) => bindings.find((one) => one.name === name);
  assert.deepEqual([binding("DB").id, binding("SITE_URL").text, binding("ENVIRONMENT").text], [DATABASE, "https://site.example", "production"]);
  const { tables } = JSON.parse(readFileSync(released, "utf8"));
  assert.ok(Object.keys(tables).includes("posts"), readFileSync(released, "utf8"));
});
