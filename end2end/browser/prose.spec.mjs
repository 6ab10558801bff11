// Prose: what stands aside in a post.
import { expect, test } from "./support/test.mjs";

const PATH = "/posts/everything-markdown-can-do-here";

for (const width of [320, 1280]) {
  test(`quotations in quotations are steps at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(PATH);
    const left = (selector) => page.locator(selector).evaluate((quote) => quote.getBoundingClientRect().left);
    const step = (await left(".prose > blockquote > blockquote")) - (await left(".prose > blockquote"));
    expect(step).toBeGreaterThan(10);
    expect(step).toBeLessThan(40);
  });
}

test("a note has its kind in words", async ({ page }) => {
  await page.goto(PATH);
  const notes = page.getByRole("note");
  await expect(notes).toHaveCount(2);
  await expect(notes.first()).toContainText("Note");
  await expect(notes.last()).toContainText("Warning");
  const colour = (note) => note.evaluate((element) => getComputedStyle(element).borderInlineStartColor);
  expect(await colour(notes.first())).not.toBe(await colour(notes.last()));
});

test("the first picture of a post is not lazy, and none is larger than it is", async ({ page }) => {
  await page.goto("/posts/one-hundred-loaves");
  const pictures = page.locator(".prose img");
  await expect(pictures.first()).toHaveAttribute("loading", "eager");
  // As a picture without a size would be shown.
  await page.evaluate(() => {
    const image = document.createElement("img");
    image.src = "/apple-touch-icon.png";
    image.id = "small";
    document.querySelector(".prose").append(image);
    return image.decode();
  });
  expect(await page.locator("#small").evaluate((image) => image.getBoundingClientRect().width)).toBe(180);
});
