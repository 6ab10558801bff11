// Arguments are read before anything is installed or built, and nothing of a password is shown.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { folder, start } from "./command.mjs";

const ROOT = path.join(import.meta.dirname, "../..");
/** A repository of which nothing can be built. */
const bare = path.join(folder, "bare");

before(() => {
  mkdirSync(path.join(bare, "xtask"), { recursive: true });
  copyFileSync(path.join(ROOT, "wrangler.jsonc"), path.join(bare, "wrangler.jsonc"));
});

const COMMANDS = [
  ["db", "migrate"],
  ["db", "seed"],
  ["db", "reindex"],
  ["prerender"],
  ["prerender", "--env", "staging"],
  ["serve", "--port", "0"],
  ["deploy", "--env", "staging", "--dry-run"],
];
const WRONG = [
  ["", /URL/],
  ["foo", /URL/],
  ["postgres:reader:hidden@127.0.0.1/site", /postgres:\/\//],
  ["postgres://reader:hid?den@127.0.0.1/site", /%3F/],
  ["postgres://reader:hid#den@127.0.0.1/site", /%23/],
  ["mysql://reader:hid/den@127.0.0.1/site", /%2F/],
  ["postgres://reader:hidden@127.0.0.1/site?search=blog", /`search`/],
  ["mysql://reader:hidden@127.0.0.1:port/site", /port/],
  ["redis://reader:hidden@127.0.0.1/site", /postgres:\/\//],
];

for (const command of COMMANDS) {
  test(`a wrong database URL ends \`${command.join(" ")}\` before its first step`, async () => {
    for (const [url, sentence] of WRONG) {
      const { code, text } = await start([...command, "--database-url", url], { cwd: bare }).done;
      assert.equal(code, 1, `${url}: ${text}`);
      assert.match(text, sentence, url);
      assert.doesNotMatch(text, /▸|hid|den@/, url);
    }
  });
}
