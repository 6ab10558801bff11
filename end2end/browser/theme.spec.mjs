// The theme: light, dark or the system's, stored in a cookie and applied before the first paint, with and without scripts.
import { expect, test } from "./support/test.mjs";

const YEAR = 365 * 24 * 60 * 60;

/** Returns the brightness of the page's background, from 0 to 255. */
const brightness = (page) =>
  page.evaluate(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / 3;
  });

const isDark = async (page) => (await brightness(page)) < 128;

const button = (page, name) => page.getByRole("group", { name: "Theme" }).getByRole("button", { name });

async function expectPressed(page, pressed) {
  for (const name of ["System", "Light", "Dark"]) {
    await expect(button(page, name)).toHaveAttribute("aria-pressed", String(name === pressed));
  }
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled });

    for (const colorScheme of ["light", "dark"]) {
      test(`a theme chosen on a ${colorScheme} system is kept until it is reset`, async ({ page, context }) => {
        await page.emulateMedia({ colorScheme });
        await page.goto("/posts?q=train");
        await expectPressed(page, "System");
        expect(await isDark(page)).toBe(colorScheme === "dark");

        for (const [name, value] of [["Dark", "dark"], ["Light", "light"]]) {
          await button(page, name).click();
          await expectPressed(page, name);
          await expect(page.locator("html")).toHaveAttribute("data-theme", value);
          await expect(page).toHaveURL("/posts?q=train");
          expect(await isDark(page)).toBe(value === "dark");

          const [cookie, ...others] = await context.cookies();
          expect(others).toEqual([]);
          expect(cookie).toMatchObject({ name: "theme", value, path: "/", sameSite: "Lax" });
          const age = cookie.expires - Date.now() / 1000;
          expect(age).toBeGreaterThan(YEAR - 120);
          expect(age).toBeLessThan(YEAR + 120);

          // On a static page, only a script can mark the pressed button.
          await page.goto("/about");
          if (javaScriptEnabled || !process.env.PRERENDERED) await expectPressed(page, name);
          expect(await isDark(page)).toBe(value === "dark");
          await page.goto("/posts?q=train");
        }

        await button(page, "System").click();
        await expectPressed(page, "System");
        await expect(page.locator("html")).not.toHaveAttribute("data-theme");
        expect(await isDark(page)).toBe(colorScheme === "dark");
        expect(await context.cookies()).toEqual([]);
      });
    }

    test("an unknown theme in the cookie is ignored", async ({ page, context, baseURL }) => {
      await context.addCookies([{ name: "theme", value: "purple\"><script>", url: baseURL }]);
      await page.goto("/about");
      await expectPressed(page, "System");
      await expect(page.locator("html")).not.toHaveAttribute("data-theme");
    });
  });
}

/** The colours that the browser may draw around the page on this system; more than one would be a choice left to it. */
const themeColors = (page) =>
  page.locator('meta[name="theme-color"]').evaluateAll((metas) => [
    ...new Set(metas.filter((meta) => matchMedia(meta.media).matches).map((meta) => meta.content)),
  ]);

const paper = (page) =>
  page.evaluate(() => {
    const parts = getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g);
    return `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
  });

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled });

    for (const colorScheme of ["light", "dark"]) {
      test(`the browser's own parts have the colour of the page on a ${colorScheme} system`, async ({ page }) => {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        for (const path of ["/", "/posts/one-hundred-loaves"]) {
          await page.goto(path);
          for (const name of ["Dark", "Light", "System"]) {
            await button(page, name).click();
            await expectPressed(page, name);
            expect(await themeColors(page), name).toEqual([await paper(page)]);
            await page.reload();
            expect(await themeColors(page), name).toEqual([await paper(page)]);
          }
        }
      });
    }
  });
}

test("the script changes the theme without a request", async ({ page }) => {
  await page.goto("/about", { waitUntil: "networkidle" });
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await button(page, "Dark").click();
  await expectPressed(page, "Dark");
  expect(requests).toEqual([]);
});

test("the theme is in the HTML, so that the first paint needs no script", async ({ request }) => {
  const paths = ["/", "/posts", "/posts/one-hundred-loaves", "/users", "/nowhere"];
  for (const path of process.env.PRERENDERED ? paths : [...paths, "/about"]) {
    for (const theme of ["dark", "light"]) {
      const response = await request.get(path, { headers: { cookie: `theme=${theme}` } });
      expect(await response.text()).toMatch(new RegExp(`<html[^>]* data-theme="${theme}"`));
      expect(response.headers().vary).toContain("Cookie");
    }
    expect(await (await request.get(path)).text()).not.toContain("data-theme");
  }
});

test("a static page gets the theme before its first paint", async ({ page, context, baseURL }) => {
  await context.addCookies([{ name: "theme", value: "dark", url: baseURL }]);
  await page.emulateMedia({ colorScheme: "light" });
  // Remove the attribute, as on a static page.
  await page.route("**/about", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(' data-theme="dark"', "");
    await route.fulfill({ response, body });
  });
  // Nothing is painted before the body exists; the theme at that moment is that of the first paint.
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (!document.body) return;
      window.themeAtFirst = document.documentElement.dataset.theme ?? "none";
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto("/about");
  expect(await page.evaluate(() => window.themeAtFirst)).toBe("dark");
  expect(await isDark(page)).toBe(true);
  await expectPressed(page, "Dark");
});

test("going back shows the current theme", async ({ page }) => {
  await page.goto("/about");
  await page.getByRole("link", { name: "Authors" }).click();
  await expect(page).toHaveURL("/users");
  await button(page, "Dark").click();
  await page.goBack();
  await expect(page).toHaveURL("/about");
  await expectPressed(page, "Dark");
  expect(await isDark(page)).toBe(true);
});

test("the form accepts only known themes, and only from its own pages", async ({ request }) => {
  const post = (form, headers = {}) => request.post("/theme", { form, headers, maxRedirects: 0 });
  expect((await post({ theme: "dark" })).status()).toBe(303);
  expect((await post({ theme: "purple" })).status()).toBe(400);
  expect((await post({})).status()).toBe(400);
  expect((await post({ theme: "dark" }, { origin: "https://elsewhere.example" })).status()).toBe(403);
  expect((await request.post("/theme", { data: { theme: "dark" } })).status()).toBe(415);
  const away = await post({ theme: "dark" }, { referer: "https://elsewhere.example//evil.example/path" });
  expect(away.headers().location).toBe("/");
  expect((await request.get("/theme")).status()).toBe(405);
});
