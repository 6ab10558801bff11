// Delivery: assets, scripts, prefetching, view transitions and security headers.
import { createHash } from "node:crypto";
import { brotliCompressSync } from "node:zlib";

import { ADDRESSES } from "../addresses.mjs";
import { PAGES } from "./support/site.mjs";
import { expect, isLive, openLive, test } from "./support/test.mjs";

for (const one of PAGES) {
  const load = one.island ? "the island's wasm, once" : "no wasm, at most 1 KB of script";
  test(`${one.name}: ${load}`, async ({ page, quiet }) => {
    if (one.status >= 400) quiet.allowStatus(one.status, one.path);
    const responses = [];
    page.on("response", (response) => responses.push(response));
    await page.goto(one.path, { waitUntil: "networkidle" });
    const wasm = responses.filter((response) => response.url().endsWith(".wasm"));
    const scripts = responses.filter((response) => response.request().resourceType() === "script");
    expect(scripts.length).toBeGreaterThan(0);
    // The only inline scripts are data: what the page says about itself, and the rows that an island begins with.
    const data = "[type='application/ld+json'], #first-page[type='application/json']";
    await expect(page.locator(`script:not([src]):not(${data})`)).toHaveCount(0);
    await expect(page.locator("#first-page")).toHaveCount(one.island ? 1 : 0);
    if (one.island) {
      await isLive(page);
      expect(wasm).toHaveLength(1);
    } else {
      expect(wasm).toHaveLength(0);
      const sizes = await Promise.all(scripts.map(async (script) => (await script.body()).length));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(1024);
      await expect(page.locator("leptos-island, link[rel='preload'], link[rel='modulepreload']")).toHaveCount(0);
    }
    const origin = new URL(page.url()).origin;
    expect(responses.map((response) => new URL(response.url()).origin).filter((from) => from !== origin)).toEqual([]);
  });
}

for (const path of ["/posts", "/users"]) {
  test(`${path} is usable after 12 KB, and takes 75 KB in all`, async ({ page }) => {
    const responses = [];
    page.on("response", (response) => responses.push(response));
    await page.goto(path, { waitUntil: "networkidle" });
    await isLive(page);
    const needed = await page
      .locator("link[rel='stylesheet'], script[src]:not([type='module'], [defer], [async])")
      .evaluateAll((elements) => elements.map((element) => element.href ?? element.src));
    expect(needed.length).toBeGreaterThan(1);
    const sum = { usable: 0, all: 0 };
    for (const response of responses) {
      const size = brotliCompressSync(await response.body()).length;
      sum.all += size;
      if ([page.url(), ...needed].includes(response.url())) sum.usable += size;
    }
    expect(sum.usable).toBeLessThanOrEqual(12_000);
    expect(sum.all).toBeLessThanOrEqual(75_000);
  });
}

test("assets are named by a hash of their content, and are immutable", async ({ page, request }) => {
  const paths = new Set();
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/assets/")) paths.add(pathname);
  });
  await openLive(page, "/posts");
  const kinds = [...paths].map((path) => path.split(".").at(-1));
  for (const kind of ["css", "js", "wasm", "json"]) expect(kinds).toContain(kind);
  for (const path of paths) {
    const [, hash] = /^\/assets\/[a-z]+-([0-9a-f]{10})\.[a-z]+$/.exec(path) ?? [];
    expect(hash, path).toBeTruthy();
    const response = await request.get(path);
    expect(response.headers()["cache-control"], path).toBe("public, max-age=31536000, immutable");
    const digest = createHash("sha256").update(await response.body()).digest("hex");
    expect(digest.startsWith(hash), `${path} has the hash ${digest}`).toBe(true);
  }
});

test("the wasm loads at low priority and does not delay the first paint", async ({ page }) => {
  await page.route("**/*.wasm", () => {});
  const painted = page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
  await page.goto("/posts", { waitUntil: "domcontentloaded" });
  await painted;
  await expect(page.getByRole("searchbox")).toBeEditable();
  await expect(page.locator("link[rel='preload'][as='fetch']")).toHaveAttribute("fetchpriority", "low");
  await expect(page.locator("script[type='module']")).toHaveAttribute("fetchpriority", "low");
});

test("the browser accepts the speculation rules", async ({ page, request }) => {
  const { rules } = await watchSpeculation(page);
  const response = await page.goto("/");
  const address = /^"(.*)"$/.exec(response.headers()["speculation-rules"])[1];
  const file = await request.get(address);
  expect(file.headers()["content-type"]).toBe("application/speculationrules+json");
  const { prefetch = [], prerender = [] } = await file.json();
  expect([...prefetch, ...prerender].length).toBeGreaterThan(0);
  await expect.poll(() => rules.length).toBeGreaterThan(0);
  for (const rule of rules) expect(rule.errorType).toBeUndefined();
});

test("a page is prefetched on hover; other resources are not", async ({ page, baseURL }) => {
  const { ready, started } = await watchSpeculation(page);
  await openLive(page, "/posts");
  const post = page.locator(".posts h2 a").first();
  const href = await post.evaluate((link) => link.href);
  await post.hover();
  await expect.poll(() => ready).toContain(href);
  for (const name of ["Load more", "API", "Feed", "About"]) {
    await page.getByRole("link", { name, exact: true }).hover();
  }
  await expect.poll(() => ready).toContain(`${baseURL}/about`);
  expect(started.filter((url) => /cursor=|\/api\/|\.xml/.test(url))).toEqual([]);
});

/** Records how the browser handles the speculation rules of `page` from now on. */
async function watchSpeculation(page) {
  const devtools = await page.context().newCDPSession(page);
  const [rules, started, ready] = [[], [], []];
  devtools.on("Preload.ruleSetUpdated", ({ ruleSet }) => rules.push(ruleSet));
  devtools.on("Preload.prefetchStatusUpdated", ({ key, status }) => {
    started.push(key.url);
    if (status === "Ready") ready.push(key.url);
  });
  await devtools.send("Preload.enable");
  return { rules, started, ready };
}

test("navigation uses a view transition, unless reduced motion is preferred", async ({ page }) => {
  await page.addInitScript(() =>
    addEventListener("pagereveal", (event) => {
      window.transition = event.viewTransition ? "one" : "none";
      event.viewTransition?.finished.then(() => (window.isOver = true));
    }),
  );
  for (const [reducedMotion, expected] of [["no-preference", "one"], ["reduce", "none"]]) {
    await page.emulateMedia({ reducedMotion });
    await page.goto("/");
    await page.getByRole("link", { name: "About", exact: true }).click();
    await expect(page).toHaveURL("/about");
    await expect.poll(() => page.evaluate(() => window.transition)).toBe(expected);
    if (expected === "one") await expect.poll(() => page.evaluate(() => window.isOver)).toBe(true);
  }
});

test("every response has its security headers", async ({ request }) => {
  for (const path of [...ADDRESSES.map((address) => address.path), "/api/v1/nowhere"]) {
    const headers = (await request.get(path)).headers();
    const policy = headers["content-security-policy"] ?? "";
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).not.toContain("'unsafe-inline'");
    expect(policy, path).not.toContain("'unsafe-eval'");
    expect(headers["x-content-type-options"], path).toBe("nosniff");
    expect(headers["strict-transport-security"], path).toMatch(/max-age=\d{8}/);
    expect(headers["referrer-policy"], path).toBeTruthy();
    expect(headers["permissions-policy"], path).toBeTruthy();
  }
});

test("the content security policy blocks inline scripts", async ({ page, quiet }) => {
  quiet.allow(/^console error: .*Content Security Policy/);
  await page.goto("/about");
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    document.body.insertAdjacentHTML("beforeend", "<button onclick='window.ran = true'>Run</button>");
    document.body.lastElementChild.click();
    return window.ran ?? false;
  });
  expect(ran).toBe(false);
});
