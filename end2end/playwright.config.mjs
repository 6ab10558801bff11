// Configuration of the browser tests. They need a running site with the example data at BASE_URL. `cargo x test` runs all
// tests of readers on one deployment of the site, and only those tagged @smoke on others; those of accounts on each.
import { defineConfig } from "@playwright/test";

const ACCOUNTS = "accounts.spec.mjs";
/** These serve rows of their own, which takes the native server's program. */
const OF_ROWS = ["hostile.spec.mjs", "languages.spec.mjs", "mail.spec.mjs", "narrow.spec.mjs", "passkeys.spec.mjs", "preview.spec.mjs", "private.spec.mjs"];
const withTag = process.env.TAG ? { grep: new RegExp(process.env.TAG) } : {};

export default defineConfig({
  testDir: "browser",
  projects: [
    { name: "readers", testMatch: "*.spec.mjs", testIgnore: [...OF_ROWS, ACCOUNTS], ...withTag },
    ...(process.env.NATIVE_SERVER ? [{ name: "own rows", testMatch: OF_ROWS }] : []),
    // Made after everything else: the other tests compare lists, which must not grow meanwhile.
    { name: "accounts", testMatch: ACCOUNTS, dependencies: ["readers"] },
  ],
  outputDir: "../target/browser/failures",
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  retries: 0,
  timeout: 30_000,
  expect: { timeout: 7_000 },
  reporter: "list",
  use: {
    baseURL: process.env.BASE_URL ?? "http://127.0.0.1:8787",
    browserName: "chromium",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
