// Checks a page with axe, wide and narrow, in light and dark. PICTURES names a folder for pictures of each.
import { AxeBuilder } from "@axe-core/playwright";

import { expect } from "./test.mjs";

export async function accessible(page) {
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().options({ rules: { "target-size": { enabled: true } } }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`)).toEqual([]);
      if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/${new URL(page.url()).pathname.slice(1).replaceAll("/", "-")}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
}
