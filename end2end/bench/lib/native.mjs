// Starting the native server as a process.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort } from "./wrangler.mjs";

const START_TIMEOUT_MS = 10_000;
const running = new Set();

/** Stops all native servers that still run. */
export async function stopNative() {
  await Promise.all([...running].map((stop) => stop()));
}

/** Starts the built `program` on the database at `url`. The caller ends it with `stop()`. */
export async function startNative({ program, url, site, environment }) {
  const port = await freePort();
  const child = spawn(program, [], {
    env: { ...process.env, DATABASE_URL: url, PORT: String(port), SITE_DIR: site, ENVIRONMENT: environment, RUST_LOG: "warn" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const stop = async () => {
    running.delete(stop);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  running.add(stop);
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end && child.exitCode === null; ) {
    try {
      await (await fetch(`http://127.0.0.1:${port}/robots.txt`)).text();
      return { pid: child.pid, port, stop };
    } catch {
      // It does not listen yet.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await stop();
  throw new Error(`${program} does not respond on port ${port}`);
}
