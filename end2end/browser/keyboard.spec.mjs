// Keyboard navigation.
import { PAGES } from "./support/site.mjs";
import { expect, finder, isLive, openLive, test } from "./support/test.mjs";

test("the first Tab reaches the skip link", async ({ page }) => {
  await page.goto("/posts/one-hundred-loaves");
  const skip = page.getByRole("link", { name: "Skip to the text" });
  const isShown = () => skip.evaluate((link) => getComputedStyle(link).clipPath === "none");
  expect(await isShown()).toBe(false);
  await page.keyboard.press("Tab");
  await expect(skip).toBeFocused();
  expect(await isShown()).toBe(true);
  await expect(skip).toBeInViewport({ ratio: 1 });
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/#main$/);
  await page.keyboard.press("Tab");
  const isInside = await page.evaluate(() => document.querySelector("main").contains(document.activeElement));
  expect(isInside).toBe(true);
});

for (const { path, island } of PAGES.filter((page) => page.status === 200)) {
  test(`${path}: focus follows the document order and is visible`, async ({ page }) => {
    await page.goto(path);
    if (island) await isLive(page);
    const stops = await page.evaluate(() => {
      const candidates = document.querySelectorAll("a[href], button, input:not([disabled]), [tabindex='0']");
      window.stops = [...candidates].filter((element) => element.checkVisibility());
      return window.stops.map((element) => element.outerHTML.slice(0, 80));
    });
    expect(stops.length).toBeGreaterThan(8);
    for (const [at, stop] of stops.entries()) {
      await page.keyboard.press("Tab");
      const { index, outline, isSeen, covers } = await page.evaluate(() => {
        const element = document.activeElement;
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        return {
          index: window.stops.indexOf(element),
          outline: style.outlineStyle === "none" ? 0 : Number.parseFloat(style.outlineWidth),
          isSeen: box.bottom > 0 && box.top < innerHeight && box.width > 0 && box.height > 0,
          covers: element.matches(":focus-visible"),
        };
      });
      expect(index, `stop ${at} is ${stop}`).toBe(at);
      expect(outline, `the outline of ${stop}`).toBeGreaterThanOrEqual(2);
      expect(covers && isSeen, `${stop} is visible`).toBe(true);
    }
  });
}

test("the theme can be changed", async ({ page }) => {
  await page.goto("/about");
  const dark = page.getByRole("button", { name: "Dark" });
  await dark.focus();
  await page.keyboard.press("Enter");
  await expect(dark).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Light" })).toHaveAttribute("aria-pressed", "true");
  await expect(dark).toHaveAttribute("aria-pressed", "false");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
});

test("the theme can be changed without scripts", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL });
  const page = await context.newPage();
  await page.goto("/users");
  await page.getByRole("button", { name: "Dark" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await context.close();
});

test("search, results and Load more", async ({ page }) => {
  await openLive(page, "/posts");
  const { field, status, items, more } = finder(page);
  for (let stops = 0; stops < 12; stops += 1) {
    await page.keyboard.press("Tab");
    if (await field.evaluate((element) => element === document.activeElement)) break;
  }
  await expect(field).toBeFocused();
  await page.keyboard.type("the");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/posts?q=the");
  await expect(status).toContainText("“the”");
  await expect(field).toBeFocused();

  await more.focus();
  await page.keyboard.press("Enter");
  await expect(items).toHaveCount(20);
  const firstNew = items.nth(10).locator("h2 a");
  await expect(firstNew).toBeFocused();
  await expect(firstNew).toBeInViewport();
  const href = await firstNew.getAttribute("href");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(href);
});
