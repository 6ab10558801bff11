// The release build served by `wrangler dev`, with assets and the example site in its own database.

import { execFileSync, spawn } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { dbCli } from "./state.mjs";

const OBJECTS = "v3/d1/miniflare-D1DatabaseObject";
const START_TIMEOUT_MS = 30_000;
/** Number of lines of wrangler's output to show when it fails. */
const SHOWN_LINES = 20;

/** Finds a free port. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const ENVIRONMENT = {
  ...process.env,
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  NO_COLOR: "1",
};

/**
 * Serves the built Worker and its assets, with a new database in the folder `state`, which is emptied first. The caller ends
 * it with `stop()`.
 */
export async function serve({ root, worker, site, state: folder }) {
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  rmSync(folder, { recursive: true, force: true });
  execFileSync(
    process.execPath,
    [wrangler, "d1", "migrations", "apply", "DB", "--local", "--persist-to", folder],
    { cwd: root, env: ENVIRONMENT, stdio: ["ignore", "ignore", "inherit"] },
  );
  const objects = join(folder, OBJECTS);
  const name = readdirSync(objects).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  dbCli(root, ["seed", "--database", join(objects, name)]);

  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      wrangler,
      "dev",
      join(worker, "entry.js"),
      "--config=wrangler.jsonc",
      "--assets",
      site,
      "--ip=127.0.0.1",
      `--port=${port}`,
      "--inspector-port=0",
      "--persist-to",
      folder,
      "--show-interactive-dev-session=false",
    ],
    // Its own process group, so that workerd ends with it.
    { cwd: root, env: ENVIRONMENT, stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGTERM");
    await ended;
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await ready(origin, child, () => output);
    return { origin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ready(origin, child, output) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    try {
      const response = await fetch(origin);
      if (response.ok) return;
    } catch {
      // Nothing listens yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`wrangler did not start the site:\n${output().split("\n").slice(-SHOWN_LINES).join("\n")}`);
}
