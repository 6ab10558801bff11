// The Worker of ../hono: its packages are installed beside the other results, once for each list of versions.

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { script } from "./workerd.mjs";

const SOURCE = join(import.meta.dirname, "../hono");
const LISTS = ["package.json", "package-lock.json"];

/** Pages that it has. */
export const HONO_PAGES = ["/posts", "/users"];

/** Returns the options to start it, with its packages in `folder`. */
export async function hono(folder) {
  const isCurrent = (list) => existsSync(join(folder, list)) && readFileSync(join(folder, list)).equals(readFileSync(join(SOURCE, list)));
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "node_modules")) || !LISTS.every(isCurrent)) {
    for (const list of LISTS) copyFileSync(join(SOURCE, list), join(folder, list));
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  }
  copyFileSync(join(SOURCE, "worker.jsx"), join(folder, "worker.jsx"));
  const { outputFiles } = await build({
    entryPoints: [join(folder, "worker.jsx")],
    bundle: true,
    jsx: "automatic",
    jsxImportSource: "hono/jsx",
    minify: true,
    format: "esm",
    write: false,
    logLevel: "error",
  });
  return { modules: script(outputFiles[0].text) };
}
