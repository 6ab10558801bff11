// Accessibility and layout of every page: with and without scripts, narrow and wide, light and dark.
import { AxeBuilder } from "@axe-core/playwright";

import { PAGES } from "./support/site.mjs";
import { expect, isLive, test } from "./support/test.mjs";

const PHONE = { width: 390, height: 844 };
const SMALL_PHONE = { width: 320, height: 640 };
const DESK = { width: 1280, height: 800 };

for (const hasScripts of [true, false]) {
  test.describe(hasScripts ? "with scripts" : "without scripts", () => {
    for (const one of PAGES) {
      test(`${one.name}: accessible, without horizontal scrolling`, async ({ page, quiet }) => {
        if (one.status >= 400) quiet.allowStatus(one.status, one.path);
        if (!hasScripts) quiet.allowUnused();
        const devtools = await page.context().newCDPSession(page);
        for (const viewport of [PHONE, DESK]) {
          await page.setViewportSize(viewport);
          await devtools.send("Emulation.setScriptExecutionDisabled", { value: !hasScripts });
          const response = await page.goto(one.path);
          expect(response.status()).toBe(one.status);
          await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
          if (hasScripts && one.island) await isLive(page);
          // The page was loaded without scripts; axe needs them.
          await devtools.send("Emulation.setScriptExecutionDisabled", { value: false });
          if (!hasScripts) await expect(page.locator("[data-live]")).toHaveCount(0);
          for (const colorScheme of ["light", "dark"]) {
            await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
            await expectAccessible(page, `${viewport.width} px, ${colorScheme}`);
          }
          await expectNoHorizontalScroll(page);
        }
        await page.setViewportSize(SMALL_PHONE);
        await expectNoHorizontalScroll(page);
      });
    }
  });
}

for (const one of PAGES) {
  test(`${one.name}: text at 200 % fits a phone`, async ({ page, quiet }) => {
    if (one.status >= 400) quiet.allowStatus(one.status, one.path);
    await page.setViewportSize(PHONE);
    await page.goto(one.path);
    const size = () => page.locator("h1").evaluate((heading) => Number.parseFloat(getComputedStyle(heading).fontSize));
    const before = await size();
    await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    expect(await size()).toBeGreaterThan(before * 1.5);
    await expectNoHorizontalScroll(page);
  });
}

async function expectAccessible(page, where) {
  // Legacy mode checks one document and opens no second page to collect results: there are no frames here.
  const found = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ["violations"], rules: { "target-size": { enabled: true } } })
    .analyze();
  expect(found.passes.length, "axe has checked the page").toBeGreaterThan(15);
  const violations = found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} — ${node.failureSummary}`).join("\n")}`,
  );
  expect(violations, where).toEqual([]);
}

async function expectNoHorizontalScroll(page) {
  const { reach, width, beyond } = await page.evaluate(() => {
    const root = document.documentElement;
    const width = root.clientWidth;
    const isBeyond = (element) => element.getBoundingClientRect().right > width + 1;
    return {
      reach: Math.max(root.scrollWidth, document.body.scrollWidth),
      width,
      beyond: [...document.querySelectorAll("body *")]
        .filter(isBeyond)
        .map((element) => element.outerHTML.slice(0, 120)),
    };
  });
  expect(reach, `wider than ${width} px, perhaps because of ${beyond.slice(0, 3)}`).toBeLessThanOrEqual(width);
}
