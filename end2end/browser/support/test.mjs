// What every browser test has: a browser context that must stay silent.
import { test as base, expect } from "@playwright/test";

export { expect };

/** Chromium's complaint, after some seconds, about an island's wasm that no script takes. */
const UNUSED = /^console warning: The resource \S+\.wasm was preloaded using link preload but not used/;

export const test = base.extend({
  /**
   * Fails a test whose pages said anything in the console, threw, violated their policy, or asked for something that
   * did not come. `quiet.allow(pattern)` excuses what the test itself provokes.
   */
  quiet: [
    async ({ context, javaScriptEnabled }, use) => {
      const heard = [];
      const allowed = javaScriptEnabled ? [] : [UNUSED];
      context.on("console", (message) =>
        heard.push(`console ${message.type()}: ${message.text()} (${message.location().url})`),
      );
      context.on("weberror", (error) => heard.push(`thrown: ${error.error()}`));
      context.on("requestfailed", (request) => {
        const why = request.failure()?.errorText;
        // The browser itself gave up because the reader went on: a prefetch that became the page, a late icon.
        if (why !== "net::ERR_ABORTED") heard.push(`failed: ${request.url()} ${why}`);
      });
      context.on("response", (response) => {
        if (response.status() >= 400) heard.push(`status ${response.status()}: ${response.url()}`);
      });
      await use({
        allow: (pattern) => allowed.push(pattern),
        /** A page whose scripts are switched off by the test. */
        allowUnused: () => allowed.push(UNUSED),
        /** A page whose point is its status: Chromium also says it in the console. */
        allowStatus: (status, path) => {
          allowed.push({ test: (line) => line.startsWith(`status ${status}:`) && line.endsWith(path) });
          allowed.push({ test: (line) => line.includes(`status of ${status}`) && line.endsWith(`${path})`) });
        },
      });
      const noise = heard.filter((line) => !allowed.some((pattern) => pattern.test(line)));
      expect(noise, "the page is silent and everything it asks for comes").toEqual([]);
    },
    { auto: true },
  ],
});

/** The search form, the line that says what was found, and the list. */
export function finder(page) {
  return {
    field: page.getByRole("searchbox"),
    status: page.locator(".status"),
    results: page.locator(".results"),
    items: page.locator(".results > ol > li"),
    marks: page.locator(".results mark"),
    more: page.getByRole("link", { name: "Load more" }),
    /** The addresses that the list leads to, in its order. */
    addresses: () =>
      page
        .locator(".results > ol > li h2 > a")
        .evaluateAll((links) => links.map((link) => link.getAttribute("href"))),
  };
}

/** Opens a list and waits until its island is live. */
export async function openLive(page, path) {
  await page.goto(path);
  await isLive(page);
}

/** Waits until the island of the page is live. */
export async function isLive(page) {
  await expect(page.locator("leptos-island [data-live]")).toHaveCount(1);
}

/** Waits until the page has done what it does at once, and painted it. */
export async function nextFrame(page) {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
}
