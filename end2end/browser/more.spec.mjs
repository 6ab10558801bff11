// "Load more": appends, in order, without a gap or a repeat, and the address follows.
import { everything, json } from "./support/site.mjs";
import { expect, finder, nextFrame, openLive, test } from "./support/test.mjs";

const FIND = "**/fn/list_*";

test("each click appends the next ten posts and updates the address", { tag: "@smoke" }, async ({ page, request }) => {
  await openLive(page, "/posts");
  const { items, more, status, addresses } = finder(page);
  const posts = (await everything(request, "/api/v1/posts")).map((post) => `/posts/${post.slug}`);
  await page.evaluate(() => (window.isSamePage = true));
  for (const count of [20, 30, 40]) {
    const href = await more.getAttribute("href");
    await more.click();
    await expect(items).toHaveCount(count);
    expect(await addresses()).toEqual(posts.slice(0, count));
    await expect(page).toHaveURL(href);
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
  await expect(page).toHaveURL(/\/posts\?q=the&cursor=/);
  await expect(field).toHaveValue("the");
});

test("back and forward after Load more", async ({ page }) => {
  await openLive(page, "/posts");
  const { items, more, addresses } = finder(page);
  const first = await addresses();
  await more.click();
  await expect(items).toHaveCount(20);
  const second = (await addresses()).slice(10);
  await page.goBack();
  await expect(page).toHaveURL("/posts");
  await expect.poll(addresses).toEqual(first);
  await expect(more).toBeVisible();
  await page.goForward();
  await expect(page).toHaveURL(/cursor=/);
  await expect.poll(async () => (await addresses()).slice(-10)).toEqual(second);
});

test("the address after Load more starts at the new posts and leads back", async ({ page }) => {
  await openLive(page, "/posts");
  const { items, more, addresses } = finder(page);
  const first = await addresses();
  await more.click();
  await expect(items).toHaveCount(20);
  const second = (await addresses()).slice(10);
  await page.reload();
  expect(await addresses()).toEqual(second);
  await page.getByRole("link", { name: "Newer" }).click();
  await expect.poll(addresses).toEqual(first);
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
