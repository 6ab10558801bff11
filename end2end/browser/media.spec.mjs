// Media features: print, forced colors, reduced motion and zoom.
import { expect, finder, openLive, test } from "./support/test.mjs";

test("a printed post has no navigation", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto("/posts/everything-markdown-can-do-here");
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  for (const frame of ["header nav", "footer", ".skip", ".neighbours"]) {
    await expect(page.locator(frame)).toBeHidden();
  }
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator(".prose")).toBeVisible();
  const style = await page.evaluate(() => {
    const { backgroundColor, color } = getComputedStyle(document.documentElement);
    const link = document.querySelector('.prose a[href="https://example.com/"]');
    return { backgroundColor, color, after: getComputedStyle(link, "::after").content };
  });
  expect(style.backgroundColor).toBe("rgb(255, 255, 255)");
  expect(Math.max(...style.color.match(/\d+/g).map(Number))).toBeLessThan(80);
  // Printed links show their URLs.
  expect(style.after).toContain("https://example.com/");
  // One whose text is its address shows it once.
  const bare = page.locator('.prose a[href="https://example.com/paths"]');
  await expect(bare).toHaveText("https://example.com/paths");
  expect(await bare.evaluate((link) => getComputedStyle(link, "::after").content)).toBe("none");
  expect((await page.pdf()).length).toBeGreaterThan(10_000);
});

test("what belongs together is printed on one page", async ({ page }) => {
  const style = (selector, name) =>
    page.locator(selector).first().evaluate((element, name) => getComputedStyle(element)[name], name);
  await page.emulateMedia({ media: "print" });
  await page.goto("/posts");
  expect(await style(".posts > li", "breakInside")).toBe("avoid");
  expect(await style(".posts time", "breakAfter")).toBe("avoid");
  await page.goto("/posts/one-hundred-loaves");
  expect(await style(".post-header", "breakAfter")).toBe("avoid");
  expect(await style(".post-header", "breakInside")).toBe("avoid");
  expect(await style(".author", "breakInside")).toBe("avoid");
  expect(await style(".comment", "breakInside")).toBe("avoid");
  await page.goto("/users");
  expect(await style(".people > li", "breakInside")).toBe("avoid");
});

test("a printed list has no controls", async ({ page }) => {
  await openLive(page, "/posts");
  await page.emulateMedia({ media: "print" });
  const { field, more, items } = finder(page);
  await expect(field).toBeHidden();
  await expect(more).toBeHidden();
  await expect(items).toHaveCount(10);
  await expect(items.first()).toBeVisible();
});

for (const path of ["/", "/posts?q=train", "/posts/one-hundred-loaves"]) {
  test(`${path} in forced colors`, async ({ page }) => {
    await page.emulateMedia({ forcedColors: "active", colorScheme: "dark" });
    await page.goto(path);
    const system = await page.evaluate(() => {
      const probe = document.createElement("i");
      document.body.append(probe);
      const colour = (name) => {
        probe.style.color = name;
        return getComputedStyle(probe).color;
      };
      return { text: colour("CanvasText"), ground: colour("Canvas"), control: colour("ButtonText") };
    });
    expect(system.text).not.toBe(system.ground);
    await expect(page.locator("h1")).toHaveCSS("color", system.text);
    await expect(page.locator("html")).toHaveCSS("background-color", system.ground);
    await page.keyboard.press("Tab");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    expect(outline).toBe("solid");
    // The selected theme is marked by more than a color.
    const line = (name) =>
      page.getByRole("button", { name }).evaluate((button) => getComputedStyle(button).textDecorationLine);
    expect(await line("System")).toBe("underline");
    expect(await line("Dark")).toBe("none");
  });
}

test("reduced motion disables animations", async ({ page }) => {
  const moving = () =>
    page.evaluate(() => {
      const lasts = (list) => list.split(",").some((time) => Number.parseFloat(time) > 0);
      return [...document.querySelectorAll("*")].filter((element) =>
        [null, "::before", "::after"].some((part) => {
          const style = getComputedStyle(element, part);
          const isAnimated = style.animationName !== "none" && lasts(style.animationDuration);
          return isAnimated || lasts(style.transitionDuration) || style.scrollBehavior === "smooth";
        }),
      ).length;
    });
  await openLive(page, "/posts");
  await page.emulateMedia({ reducedMotion: "no-preference" });
  expect(await moving()).toBeGreaterThan(0);
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await moving()).toBe(0);
});

test("content fits at 400 % zoom", async ({ page }) => {
  const devtools = await page.context().newCDPSession(page);
  // The browser's own zoom: 1280 px at 400 % are 320 px.
  const zoomed = { width: 320, height: 200, deviceScaleFactor: 4, mobile: false };
  await devtools.send("Emulation.setDeviceMetricsOverride", zoomed);
  const long = ["words-that-will-not-fit", "in-which-the-author-sets-out-for-the-post-office"];
  for (const path of ["/", "/posts", "/users/illari-quispe", ...long.map((slug) => `/posts/${slug}`)]) {
    await page.goto(path);
    const [reach, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(reach, path).toBeLessThanOrEqual(width);
  }
});
