// Prerendered pages, if the site has any: served as static assets, or by the Worker from files.
import { expect, test } from "./support/test.mjs";

/** Format of ETags that the Worker sets. */
const WORKER_ETAG = /^"[0-9a-f]{16}"$/;

if (process.env.PRERENDERED) {
  test("a page without data is served without the Worker, with all headers", async ({ request, page, quiet: _ }) => {
    const about = await request.get("/about");
    expect(about.headers().etag).not.toMatch(WORKER_ETAG);
    const rendered = await request.get("/posts");
    expect(rendered.headers().etag).toMatch(WORKER_ETAG);
    for (const name of [
      "content-security-policy",
      "content-type",
      "cross-origin-opener-policy",
      "cross-origin-resource-policy",
      "permissions-policy",
      "referrer-policy",
      "speculation-rules",
      "strict-transport-security",
      "x-content-type-options",
    ]) {
      expect(about.headers()[name], name).toBe(rendered.headers()[name]);
    }
    expect((await request.get("/about", { headers: { "if-none-match": about.headers().etag } })).status()).toBe(304);
    // The visitor's theme is applied before the first paint.
    await page.context().addCookies([{ name: "theme", value: "dark", url: page.url().startsWith("http") ? page.url() : rendered.url() }]);
    await page.goto("/about");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await expect(page.getByRole("button", { name: "Dark" })).toHaveAttribute("aria-pressed", "true");
  });

  test("posts, authors and lists are served from files and revalidated by ETag", async ({ request }) => {
    for (const address of ["/", "/posts", "/users", "/posts/one-hundred-loaves", "/users/abril-sandoval"]) {
      const first = await request.get(address);
      expect(first.headers()["cache-control"], address).toBe("public, max-age=0, stale-if-error=86400");
      const again = await request.get(address, { headers: { "if-none-match": first.headers().etag } });
      expect(again.status(), address).toBe(304);
    }
  });

  test("prerendered files cannot be requested directly", async ({ request, baseURL }) => {
    const spellings = ["/_pages", "/_pages%2F", "/%5fpages", "/%5Fpages", "/_%70ages", "/_page%73", "//_pages", "///_pages", "/%2f_pages", "/./_pages"];
    for (const file of ["build", "errors/500", "manifest/00.json"]) {
      for (const folder of spellings) {
        const address = `${baseURL}${folder}/${file}`;
        expect((await request.get(address)).status(), address).toBe(404);
      }
    }
  });
}
