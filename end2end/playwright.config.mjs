// Configuration of the browser tests. They need a running site with the example data at BASE_URL. `cargo x test` runs all
// tests on some deployments of the site, and only those tagged @smoke on others.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "browser",
  testMatch: "*.spec.mjs",
  // These serve rows of their own, which takes the native server's program.
  testIgnore: process.env.NATIVE_SERVER ? [] : ["hostile.spec.mjs", "languages.spec.mjs", "narrow.spec.mjs"],
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
