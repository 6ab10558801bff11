// Checks that the measured build is a release build.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Throws if a folder has no Worker, or one that was built for development (its assets have other names). */
export function ensureRelease(worker) {
  const wasm = join(worker, "index_bg.wasm");
  if (!existsSync(wasm)) throw new Error(`no built Worker in ${worker}: run \`cargo x build\``);
  if (readFileSync(wasm).includes("/assets/main-dev.css")) {
    throw new Error(`the Worker in ${worker} was built for development: run \`cargo x build\``);
  }
}
