// Lists without scripts, and before the script has loaded: plain forms and links.
import { everything, json } from "./support/site.mjs";
import { expect, finder, test } from "./support/test.mjs";

const SITUATIONS = {
  "without scripts": { tag: ["@smoke"], javaScriptEnabled: false, prepare: async () => {} },
  "before the script has loaded": {
    tag: [],
    javaScriptEnabled: true,
    // The wasm never loads: the page stays as it is before hydration.
    prepare: (page) => page.route("**/*.wasm", () => {}),
  },
};

for (const [situation, { tag, javaScriptEnabled, prepare }] of Object.entries(SITUATIONS)) {
  test.describe(situation, () => {
    test.use({ javaScriptEnabled });
    test.beforeEach(({ page }) => prepare(page));
    // The page never finishes loading.
    const open = (page, path) => page.goto(path, { waitUntil: "domcontentloaded" });

    test("the search form finds posts", { tag }, async ({ page, request }) => {
      await open(page, "/posts");
      const { field, status, marks, addresses } = finder(page);
      await field.fill("night train");
      await field.press("Enter");
      await expect(page).toHaveURL("/posts?q=night+train");
      await expect(field).toHaveValue("night train");
      await expect(status).toHaveText(/^(1 post matches|[1-9]\d* posts match) “night train”/);
      await expect(marks.first()).toBeVisible();
      const list = await json(request, "/api/v1/posts?limit=10&q=night+train");
      expect(await addresses()).toEqual(list.data.map((post) => `/posts/${post.slug}`));
      await expect(page.locator("[data-live]")).toHaveCount(0);
    });

    test("the search button finds people", async ({ page }) => {
      await open(page, "/users");
      const { field, addresses } = finder(page);
      await field.fill("顾");
      await page.getByRole("button", { name: "Search" }).click();
      await expect(page).toHaveURL(/\/users\?q=/);
      await expect.poll(addresses).toEqual(["/users/gu-tingxue"]);
    });

    test("older and newer pages are links", { tag }, async ({ page, request }) => {
      const posts = (await everything(request, "/api/v1/posts")).map((post) => `/posts/${post.slug}`);
      await open(page, "/posts");
      const { more, addresses } = finder(page);
      for (const start of [0, 10, 20]) {
        await expect.poll(addresses).toEqual(posts.slice(start, start + 10));
        if (start < 20) await more.click();
      }
      await page.getByRole("link", { name: "Newer" }).click();
      await expect.poll(addresses).toEqual(posts.slice(10, 20));
      await page.goBack();
      await expect.poll(addresses).toEqual(posts.slice(20, 30));
    });

    test("an empty result says so", async ({ page }) => {
      await open(page, "/posts?q=zzzz");
      const { status, results, items } = finder(page);
      await expect(status).toHaveText("Nothing matches “zzzz”.");
      await results.getByRole("link").click();
      await expect(items).toHaveCount(10);
    });
  });
}

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("an error page has a working search form", async ({ page, quiet }) => {
    quiet.allowStatus(404, "/posts/no-such-post");
    await page.goto("/posts/no-such-post");
    await page.getByRole("searchbox").fill("bread");
    await page.getByRole("searchbox").press("Enter");
    await expect(page).toHaveURL("/posts?q=bread");
    await expect(page.locator(".results mark").first()).toBeVisible();
  });

  test("a post links to its author, neighbours and footnotes", async ({ page }) => {
    await page.goto("/posts/everything-markdown-can-do-here");
    await page.getByRole("link", { name: "Footnote 1" }).click();
    await expect(page.locator("#fn-1")).toBeInViewport();
    await page.getByRole("link", { name: "Back to reference 1" }).click();
    await expect(page.locator("#fn-1-ref")).toBeInViewport();
    const here = page.url().split("#")[0];
    await page.locator('.neighbours a[rel="next"]').click();
    await expect(page).not.toHaveURL(here);
    await page.locator('.neighbours a[rel="prev"]').click();
    await expect(page).toHaveURL(here);
    await page.locator('a[rel="author"]').click();
    await expect(page).toHaveURL("/users/tomasz-wrona");
  });
});
