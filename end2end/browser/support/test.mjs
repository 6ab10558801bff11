// Base of all browser tests: a browser context that must not report errors, and helpers for lists.
import { test as base, expect } from "@playwright/test";

export { expect };

/** Chromium's warning about an island's wasm that is preloaded but not used. */
const UNUSED = /^console warning: The resource \S+\.wasm was preloaded using link preload but not used/;

/**
 * Chromium's own rejection, on pages without scripts too: the new page was shown before the old page's picture for the
 * transition between them (`@view-transition` in style/motion.css) was there. Only the animation is left out.
 */
const LATE_TRANSITION = /^thrown: InvalidStateError: Transition was aborted because of invalid state\. Page already revealed$/;

export const test = base.extend({
  /**
   * Fails a test whose pages write to the console, throw, violate their security policy, or have failed requests.
   * `quiet.allow(pattern)` permits messages that the test provokes.
   */
  quiet: [
    async ({ context, javaScriptEnabled }, use) => {
      const messages = [];
      const allowed = javaScriptEnabled ? [LATE_TRANSITION] : [LATE_TRANSITION, UNUSED];
      context.on("console", (message) =>
        messages.push(`console ${message.type()}: ${message.text()} (${message.location().url})`),
      );
      context.on("weberror", (error) => messages.push(`thrown: ${error.error()}`));
      context.on("requestfailed", (request) => {
        const why = request.failure()?.errorText;
        // The browser cancelled the request after a navigation: a prefetch that became the page, a late icon.
        if (why !== "net::ERR_ABORTED") messages.push(`failed: ${request.url()} ${why}`);
      });
      context.on("response", (response) => {
        if (response.status() >= 400) messages.push(`status ${response.status()}: ${response.url()}`);
      });
      await use({
        allow: (pattern) => allowed.push(pattern),
        /** Permits the warning on a page whose scripts the test disables. */
        allowUnused: () => allowed.push(UNUSED),
        /** Permits an expected error status, which Chromium also writes to the console. */
        allowStatus: (status, path) => {
          allowed.push({ test: (line) => line.startsWith(`status ${status}:`) && line.endsWith(path) });
          allowed.push({ test: (line) => line.includes(`status of ${status}`) && line.endsWith(`${path})`) });
        },
      });
      const noise = messages.filter((line) => !allowed.some((pattern) => pattern.test(line)));
      expect(noise, "no console messages and no failed requests").toEqual([]);
    },
    { auto: true },
  ],
});

/** Locators of the search form, its status line and the list. */
export function finder(page) {
  return {
    field: page.getByRole("searchbox"),
    status: page.locator(".status"),
    results: page.locator(".results"),
    items: page.locator(".results > ol > li"),
    marks: page.locator(".results mark"),
    more: page.getByRole("link", { name: "Load more" }),
    /** Returns the addresses of the listed items, in order. */
    addresses: () =>
      page
        .locator(".results > ol > li h2 > a")
        .evaluateAll((links) => links.map((link) => link.getAttribute("href"))),
  };
}

/** Opens a list and waits until its island is hydrated. */
export async function openLive(page, path) {
  await page.goto(path);
  await isLive(page);
}

/** Waits until the page's island is hydrated. */
export async function isLive(page) {
  await expect(page.locator("leptos-island [data-live]")).toHaveCount(1);
}

/** Waits until pending work has run and the next frame is painted. */
export async function nextFrame(page) {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
}
