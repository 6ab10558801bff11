// A fresh clone stays as it is, whichever npm installs its tools and whatever that npm is set to.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { folder, start } from "./command.mjs";

const ROOT = path.join(import.meta.dirname, "../..");
/** The newest of each that is in use; the last one runs no script of a package. */
const NPM_VERSIONS = ["10.9.9", "11.21.2", "12.2.1"];

const origin = path.join(folder, "origin");
const clone = path.join(folder, "clone");
const modules = path.join(clone, "node_modules");
const run = (cwd, program, ...args) => execFileSync(program, args, { cwd, encoding: "utf8" });
const git = (cwd, ...args) => run(cwd, "git", "-c", "user.name=a", "-c", "user.email=a@example.com", ...args);
/** `cargo x db migrate` in the clone: it needs the Node tools and compiles nothing. */
const migrate = (env) => start(["db", "migrate"], { cwd: clone, env }).done;

before(() => {
  for (const file of run(ROOT, "git", "ls-files", "--cached", "--others", "--exclude-standard").trim().split("\n")) {
    const from = path.join(ROOT, file);
    if (existsSync(from)) cpSync(from, path.join(origin, file));
  }
  git(origin, "init", "--quiet");
  git(origin, "add", "--all");
  git(origin, "commit", "--quiet", "--message", "all");
  // As on a machine whose editor wants the line ends of Windows.
  git(folder, "clone", "--quiet", "--config", "core.autocrlf=true", origin, clone);
});

function assertClean(text) {
  assert.equal(git(clone, "status", "--porcelain"), "", text);
}

test("line ends are the same in every checkout", () => {
  assertClean();
  const sql = readFileSync(path.join(clone, "migrations/sqlite/0001_initial.sql"), "utf8");
  assert.doesNotMatch(sql, /\r/);
  assert.equal(sql, readFileSync(path.join(ROOT, "migrations/sqlite/0001_initial.sql"), "utf8"));
});

for (const version of NPM_VERSIONS) {
  test(`npm ${version} installs every tool, and no file of the repository changes`, async () => {
    const home = path.join(folder, `npm-${version}`);
    mkdirSync(home);
    run(home, "npm", "install", "--prefix", home, "--no-audit", "--no-fund", "--silent", `npm@${version}`);
    const bin = path.join(home, "node_modules/.bin");
    rmSync(modules, { recursive: true, force: true });
    const { code, text } = await migrate({ PATH: `${bin}${path.delimiter}${process.env.PATH}` });
    assert.equal(code, 0, text);
    assert.match(text, /Node tools \(npm ci\)/);
    assert.equal(run(clone, path.join(modules, ".bin/node"), "--version").trim(), process.version);
    assertClean(text);
  });
}

test("npm's own settings leave nothing out", async () => {
  rmSync(modules, { recursive: true, force: true });
  const { code, text } = await migrate({
    NODE_ENV: "production",
    npm_config_omit: "dev optional",
    npm_config_ignore_scripts: "true",
    npm_config_bin_links: "false",
    npm_config_package_lock: "false",
    npm_config_package_lock_only: "true",
    npm_config_dry_run: "true",
    npm_config_global: "true",
  });
  assert.equal(code, 0, text);
  assertClean(text);
});

test("a setting that makes the tools useless is named, and they do not count as installed", async () => {
  rmSync(modules, { recursive: true, force: true });
  const other = process.platform === "darwin" ? "linux" : "darwin";
  const wrong = await migrate({ npm_config_os: other, npm_config_cpu: process.arch });
  assert.equal(wrong.code, 1, wrong.text);
  assert.match(wrong.text, /node_modules is not complete: [^\n]*unset [^\n]*npm_config_os/);
  const right = await migrate();
  assert.equal(right.code, 0, right.text);
  assert.match(right.text, /Node tools \(npm ci\)/);
  assertClean(right.text);
});

test("the database that wrangler.jsonc binds now is migrated and named", async () => {
  const file = path.join(clone, "wrangler.jsonc");
  const config = readFileSync(file, "utf8");
  const named = (text) => /database: the local D1 \S+, (\S+\.sqlite)$/m.exec(text)?.[1];
  const first = await migrate();
  assert.match(first.text, /has every migration already/);
  writeFileSync(file, config.replace("000000000001", "0000000000aa"));
  const second = await migrate();
  assert.match(second.text, /▸ migrations/);
  assert.ok(named(first.text) && named(second.text), second.text);
  assert.notEqual(named(second.text), named(first.text));
  writeFileSync(file, config);
  assert.equal(named((await migrate()).text), named(first.text));

  const staging = await migrate({ CLOUDFLARE_ENV: "staging" });
  assert.equal(staging.code, 1, staging.text);
  assert.match(staging.text, /CLOUDFLARE_ENV is `staging`/);
});
