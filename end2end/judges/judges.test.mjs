// What the native server sends, before judges that others wrote: of OpenAPI descriptions, of an API against its description,
// of HTML. BASE_URL is the site, JUDGES the folder in which `cargo x test` has installed them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { validationErrors } from "../browser/support/markup.mjs";
import { PAGES } from "../browser/support/site.mjs";

const { BASE_URL, JUDGES } = process.env;
const python = path.join(JUDGES, "python/bin/python");
const npm = (file) => path.join(JUDGES, "node_modules", file);

let folder, description;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "judges-"));
  description = path.join(folder, "openapi.json");
  await writeFile(description, await (await fetch(new URL("/api/openapi.json", BASE_URL))).text());
});

after(() => rm(folder, { recursive: true, force: true }));

/** Runs a judge; fails with all that it says. */
async function judge(program, args) {
  try {
    // Nothing is told or fetched.
    const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
    return await promisify(execFile)(program, args, { cwd: folder, env, maxBuffer: 1 << 26 });
  } catch (error) {
    assert.fail(`${error.stdout ?? ""}${error.stderr ?? ""}${error.message}`);
  }
}

test("openapi-spec-validator accepts the description", async () => {
  await judge(python, ["-m", "openapi_spec_validator", description]);
});

test("Redocly finds no error in the description", async () => {
  await judge(process.execPath, [npm("@redocly/cli/bin/cli.js"), "lint", description]);
});

test("schemathesis finds the API as it is described", async () => {
  const schemathesis = "from schemathesis.cli import schemathesis; schemathesis()";
  const rules = fileURLToPath(new URL("schemathesis.toml", import.meta.url));
  const options = ["--seed", "1", "--max-examples", "25", "--phases", "examples,coverage,fuzzing"];
  await judge(python, ["-c", schemathesis, "--config-file", rules, "run", new URL("/api/openapi.json", BASE_URL).href, ...options]);
});

/** Fetches every kind of page. */
async function documents() {
  return Promise.all(
    PAGES.map(async (one) => {
      const response = await fetch(new URL(one.path, BASE_URL));
      assert.equal(response.status, one.status, one.name);
      return { name: one.name.replaceAll(/\W+/g, "-"), html: await response.text() };
    }),
  );
}

test("html-validate reads every page without an error", async () => {
  for (const { name, html } of await documents()) assert.equal(await validationErrors(html, name), "");
});

test("the Nu checker reads every page without an error", async () => {
  const files = await Promise.all(
    (await documents()).map(async ({ name, html }) => {
      const file = path.join(folder, `${name}.html`);
      await writeFile(file, html);
      return file;
    }),
  );
  assert.ok(files.length > 10);
  await judge("java", ["-jar", npm("vnu-jar/build/dist/vnu.jar"), "--errors-only", ...files]);
});
