// "Load more": appends, in order, without a gap or a repeat, and the address follows.
import { everything, json } from "./support/site.mjs";
import { expect, finder, isLive, nextFrame, openLive, test } from "./support/test.mjs";

const FIND = "**/fn/list_*";

test("each click appends the next ten posts and updates the address", { tag: "@smoke" }, async ({ page, request }) => {
  await openLive(page, "/posts");
  const { items, more, status, addresses } = finder(page);
  const posts = (await everything(request, "/api/v1/posts")).map((post) => `/posts/${post.slug}`);
  await page.evaluate(() => (window.isSamePage = true));
  for (const count of [20, 30, 40]) {
    await more.click();
    await expect(items).toHaveCount(count);
    expect(await addresses()).toEqual(posts.slice(0, count));
    await expect(page).toHaveURL(`/posts?rows=${count}`);
    await expect(status).toHaveText("10 more shown");
    // Reading goes on at the first new one.
    await expect(items.nth(count - 10).locator("h2 a")).toBeFocused();
  }
  expect(await page.evaluate(() => window.isSamePage)).toBe(true);
});

test("the end of the list has no Load more link", async ({ page, request }) => {
  await openLive(page, "/users");
  const { items, more, addresses } = finder(page);
  const users = (await everything(request, "/api/v1/users")).map((user) => `/users/${user.handle}`);
  for (let count = 10; count < users.length; count += 10) {
    await expect(items).toHaveCount(count);
    await more.click();
  }
  await expect(items).toHaveCount(users.length);
  expect(await addresses()).toEqual(users);
  await expect(more).toHaveCount(0);
});

test("Load more continues a search", async ({ page, request }) => {
  await openLive(page, "/posts");
  const { field, status, items, more, addresses } = finder(page);
  await field.fill("the");
  await expect(status).toContainText("“the”");
  await more.click();
  await expect(items).toHaveCount(20);
  const list = await json(request, "/api/v1/posts?limit=20&q=the");
  expect(await addresses()).toEqual(list.data.map((post) => `/posts/${post.slug}`));
  await expect(page).toHaveURL("/posts?q=the&rows=20");
  await expect(field).toHaveValue("the");
});

test("back leaves a list of which more was loaded, and forward returns to all of it", async ({ page }) => {
  await page.goto("/about");
  await openLive(page, "/posts");
  const { items, more, addresses } = finder(page);
  await more.click();
  await expect(items).toHaveCount(20);
  await more.click();
  await expect(items).toHaveCount(30);
  const all = await addresses();
  await page.goBack();
  await expect(page).toHaveURL("/about");
  await page.goForward();
  await expect(page).toHaveURL("/posts?rows=30");
  await expect.poll(addresses).toEqual(all);
});

for (const path of ["/posts", "/users"]) {
  test(`${path}: a reload, and the address in another window, show as much and at the same place`, async ({ page, browser }) => {
    await openLive(page, path);
    const { items, more, addresses } = finder(page);
    const most = path === "/posts" ? 40 : 20;
    for (let count = 20; count <= most; count += 10) {
      await more.click();
      await expect(items).toHaveCount(count);
    }
    const all = await addresses();
    await items.nth(most - 5).scrollIntoViewIfNeeded();
    const place = await page.evaluate(() => scrollY);
    expect(place).toBeGreaterThan(1000);
    await page.reload();
    await isLive(page);
    expect(await addresses()).toEqual(all);
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(place);

    const elsewhere = await browser.newContext({ javaScriptEnabled: false });
    const plain = await elsewhere.newPage();
    await plain.goto(page.url());
    expect(await finder(plain).addresses()).toEqual(all);
    await elsewhere.close();
  });
}

test("back from a post returns to the place in a list without a page cache", async ({ page }) => {
  // A page with such a listener is not kept by the browser.
  await page.addInitScript(() => addEventListener("unload", () => {}));
  await openLive(page, "/posts");
  const { items, more, addresses } = finder(page);
  for (const count of [20, 30, 40]) {
    await more.click();
    await expect(items).toHaveCount(count);
  }
  const all = await addresses();
  await items.nth(34).getByRole("link").first().click();
  await expect(page).toHaveURL(all[34]);
  await page.goBack();
  await expect(page).toHaveURL("/posts?rows=40");
  expect(await addresses()).toEqual(all);
  await expect(items.nth(34)).toBeInViewport();
});

test("a page shows at most 100 rows; what is older is on the next", async ({ page, request }) => {
  await openLive(page, "/posts?rows=95");
  const { items, more, addresses } = finder(page);
  await expect(items).toHaveCount(95);
  await more.click();
  await expect(items).toHaveCount(105);
  await expect(page).toHaveURL("/posts?rows=100");
  await expect(more).toHaveCount(0);
  const shown = await addresses();
  await page.getByRole("link", { name: "Older" }).click();
  await expect(page).toHaveURL(/\/posts\?cursor=/);
  await expect(items).toHaveCount(10);
  const { data } = await json(request, "/api/v1/posts?limit=100");
  expect(shown.slice(0, 100)).toEqual(data.map((post) => `/posts/${post.slug}`));
  expect(shown).not.toContain((await addresses())[0]);
  for (const rows of ["0", "101", "-1", "ten", "1e1"]) {
    expect((await request.get(`/posts?rows=${rows}`)).status(), rows).toBe(400);
  }
});

test("Load more while another search is typed shows the list that belongs to the field", async ({ page, request }) => {
  await openLive(page, "/posts");
  const { field, status, more, addresses } = finder(page);
  await field.evaluate((field) => {
    field.value = "train";
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    document.querySelector("[data-more]").click();
  });
  await expect(status).toContainText("“train”");
  await nextFrame(page);
  const list = await json(request, "/api/v1/posts?limit=10&q=train");
  expect(await addresses()).toEqual(list.data.map((post) => `/posts/${post.slug}`));
  await expect(page).toHaveURL("/posts?q=train");
  await expect(field).toHaveValue("train");
  await expect(more).toHaveCount(list.next ? 1 : 0);
});

test("Load more that fails says so beside its link, and is asked again when the connection is back", async ({ page, context, quiet }) => {
  quiet.allow(/\/fn\/list_|favicon/);
  await openLive(page, "/posts");
  const { items, more, results } = finder(page);
  await context.setOffline(true);
  await more.click();
  const trouble = page.locator(".trouble");
  await expect(trouble).toContainText("cannot be reached");
  await expect(trouble).toBeInViewport();
  await expect(trouble).toHaveRole("status");
  await expect(results).not.toHaveAttribute("aria-busy", "true");
  await context.setOffline(false);
  await expect(items).toHaveCount(20);
  await expect(trouble).toHaveText("");
});

test("the skip link leaves the list unchanged", async ({ page }) => {
  await openLive(page, "/posts");
  const { items, more, addresses } = finder(page);
  await more.click();
  await expect(items).toHaveCount(20);
  const shown = await addresses();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.evaluate(() => {
    window.moved = new Promise((resolve) => addEventListener("hashchange", resolve));
  });
  await page.getByRole("link", { name: "Skip to the text" }).focus();
  await page.keyboard.press("Enter");
  await page.evaluate(() => window.moved);
  await expect(page).toHaveURL(/#main$/);
  expect(asked.filter((url) => url.includes("/fn/"))).toEqual([]);
  expect(await addresses()).toEqual(shown);
});

test("two quick clicks append a page once", async ({ page, request }) => {
  await openLive(page, "/posts");
  const { items, more, addresses } = finder(page);
  await more.evaluate((link) => {
    link.click();
    link.click();
  });
  await expect(items).toHaveCount(20);
  const list = await json(request, "/api/v1/posts?limit=20");
  expect(await addresses()).toEqual(list.data.map((post) => `/posts/${post.slug}`));
});

test("a search cancels a pending Load more", async ({ page, request }) => {
  await openLive(page, "/posts");
  const { field, status, more, addresses } = finder(page);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(FIND, async (route) => {
    if (route.request().url().includes("query=&")) await held;
    await route.continue();
  });
  const late = page.waitForResponse((response) => response.url().includes("query=&"));
  await more.click();
  await field.fill("train");
  await expect(status).toContainText("“train”");
  release();
  await (await late).finished();
  await nextFrame(page);
  const list = await json(request, "/api/v1/posts?limit=10&q=train");
  expect(await addresses()).toEqual(list.data.map((post) => `/posts/${post.slug}`));
  await expect(page).toHaveURL("/posts?q=train");
});

test("a click with a modifier key is left to the browser", async ({ page, context }) => {
  await openLive(page, "/posts");
  const { items, more } = finder(page);
  const opened = context.waitForEvent("page");
  await more.click({ modifiers: ["Control"] });
  const other = await opened;
  await expect(other).toHaveURL(/\/posts\?cursor=/);
  await expect(page).toHaveURL("/posts");
  await expect(items).toHaveCount(10);
});
