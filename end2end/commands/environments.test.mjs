// `--env`: which database a command is for, what is said about it, and what has to be typed before production is changed.
// Nothing is built here, and no database answers: a command that goes further than it may fails in another way.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, test } from "node:test";
import { folder, start } from "./command.mjs";

/** A repository of which nothing can be built, whose environments are on servers. */
const bare = path.join(folder, "environments");
const url = (host) => `postgres://writer:hidden@${host}:1/site`;
const shown = (host) => `PostgreSQL at ${host}:1, database site, as writer`;

beforeEach(() => {
  rmSync(bare, { recursive: true, force: true });
  mkdirSync(path.join(bare, "xtask"), { recursive: true });
  const vars = { DB_DRIVER: "postgres" };
  const env = { staging: { vars }, production: { vars } };
  writeFileSync(path.join(bare, "wrangler.jsonc"), JSON.stringify({ env }));
});

async function run(line, env = {}) {
  const { code, text } = await start(["db", ...line.split(" ")], { cwd: bare, env }).done;
  assert.doesNotMatch(text, /hidden/, line);
  return { code, text };
}

test("the process's environment comes before the files, the nearest file before the others", async () => {
  const places = [".env", ".env.local", ".env.production.local"];
  for (const place of places) {
    writeFileSync(path.join(bare, place), `DATABASE_URL=${url(`host${place}`)}\n`);
    const { text } = await run("migrate --env production");
    assert.ok(text.includes(`production database: ${shown(`host${place}`)}\n`), text);
  }
  const { text } = await run("migrate --env production", { DATABASE_URL: url("process") });
  assert.ok(text.includes(`production database: ${shown("process")}\n`), text);
  assert.ok((await run("push --env production")).text.includes("refused"), "push");
  // What is nearest to production is nothing to staging.
  assert.ok((await run("seed --env staging")).text.includes(shown("host.env.local")));
});

test("without a terminal and without --yes-production, nothing changes production", async () => {
  const env = { DATABASE_URL: url("127.0.0.1") };
  for (const line of ["migrate", "reindex", "seed", "restore a.zip", "restore a.zip --json", "baseline"]) {
    const { code, text } = await run(`${line} --env production`, env);
    assert.equal(code, 1, text);
    // The first goes to standard error, the second to standard output.
    const lines = text.trim().split("\n");
    assert.equal(lines.length, 2, text);
    assert.ok(lines.includes(`production database: ${shown("127.0.0.1")}`), text);
    assert.match(text, /typed at a terminal, or with --yes-production: nothing was changed$/m, line);
  }
  const { text } = await run("seed --env staging --yes-production", env);
  assert.match(text, /done only when `staging` is typed at a terminal: nothing was changed$/m);
});

test("push is refused for staging and production, whatever is said", async () => {
  for (const name of ["staging", "production"]) {
    const { code, text } = await run(`push --env ${name} --yes-production --dry-run`, { DATABASE_URL: url("h") });
    assert.equal(code, 1, text);
    assert.match(text, new RegExp(`^✗ \`push\` is for databases of this machine, and ${name} is refused: .*\n$`));
  }
});

test("a missing or wrong URL is one sentence that names where it belongs", async () => {
  for (const command of ["migrate", "check", "pull", "export", "baseline --dry-run"]) {
    const { code, text } = await run(`${command} --env staging`);
    assert.equal(code, 1, text);
    assert.match(text, /^✗ the database of staging is not known, and nothing was done:\n  DATABASE_URL is not set: .* \.env\.staging\.local\n$/);
  }
  for (const [value, sentence] of [
    ["foo", /URL/],
    ["postgres://writer:hid?den@h/site", /%3F/],
    ["mysql://writer:hidden@h/site", /its DB_DRIVER is postgres/],
    ["sqlite:site.sqlite", /its DB_DRIVER is postgres/],
  ]) {
    writeFileSync(path.join(bare, ".env.local"), `DATABASE_URL='${value}'\n`);
    const { code, text } = await run("check --env staging");
    assert.equal(code, 1, text);
    assert.match(text, /^✗ the database of staging is not known, and nothing was done:\n  DATABASE_URL in \.env\.local [^\n]*\n$/);
    assert.match(text, sentence);
    assert.doesNotMatch(text, /hid|den@/);
  }
});
