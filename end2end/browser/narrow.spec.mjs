// Small screens: long words, wide tables and code.
import { serve } from "./support/own_site.mjs";
import { expect, test } from "./support/test.mjs";

const WORDS = {
  "of Latin letters": "A".repeat(120),
  "of digits": "0123456789".repeat(12),
  "of Arabic letters": "كتاب".repeat(30),
  "of Cyrillic letters": "Достопримечательность".repeat(6),
  "that is an address": `https://example.com/${"path/".repeat(24)}`,
  "with underscores": "a_long_name_".repeat(10),
};
const code = `<pre><code>let ${"x".repeat(90)} = 1;\n</code></pre>\n`;
const scroll = '<div class="table-scroll" role="region" aria-label="Table" tabindex="0">';
const table = (cells) =>
  `${scroll}<table><thead><tr>${cells.map((cell) => `<th>${cell}</th>`).join("")}</tr></thead><tbody><tr>${cells
    .map((cell) => `<td>${cell}</td>`)
    .join("")}</tr></tbody></table></div>\n`;
const SENTENCE = "A cell with several short words that can wrap";

let site;
test.beforeAll(async () => {
  site = await serve((rows) => {
    Object.values(WORDS).forEach((word, n) => {
      const author = rows.user({ handle: `person-${n}`, name: word.slice(0, 80), bio: word });
      const text = { title: word, excerpt: word, search_text: "findable", content_html: `<p dir="auto">${word}</p>\n` };
      const post = rows.post(author, { slug: `post-${n}`, comment_count: 1, ...text });
      rows.comment(post, author, { body_html: `<p dir="auto">${word}</p>\n${code}` });
    });
    const author = rows.user({ handle: "tables" });
    rows.post(author, { slug: "wraps", content_html: table([SENTENCE, SENTENCE]) });
    rows.post(author, { slug: "scrolls", content_html: table(["word", "x".repeat(60), SENTENCE]) + code });
  });
});
test.afterAll(() => site?.end());

/** What reaches beyond the window, and by how much the page is wider than it. */
const overflow = (page) =>
  page.evaluate(() => {
    const inScroller = (element) => element.closest("pre, .table-scroll");
    const beyond = [...document.querySelectorAll("main *, header *, footer *")].filter((element) => {
      const box = element.getBoundingClientRect();
      return (box.right > innerWidth + 1 || box.left < -1) && box.width > 0 && !inScroller(element) && !element.closest(".contours, .hidden");
    });
    const { scrollWidth } = document.documentElement;
    return { by: Math.max(0, scrollWidth - innerWidth), beyond: beyond.map((element) => element.outerHTML.slice(0, 100)) };
  });
const FITS = { by: 0, beyond: [] };

for (const [name, word] of Object.entries(WORDS)) {
  test(`one long word ${name} fits everywhere`, async ({ page, quiet }) => {
    quiet.allowStatus(404, `/posts/${"a".repeat(70)}`);
    const n = Object.values(WORDS).indexOf(word);
    for (const width of [320, 390, 700]) {
      await page.setViewportSize({ width, height: 800 });
      const query = encodeURIComponent(word.slice(0, 100));
      // The post's neighbours have its title in their links.
      for (const path of [`/posts/post-${n}`, `/posts/post-${(n + 1) % 6}`, `/users/person-${n}`, "/", "/posts", "/users", `/posts?q=${query}`, `/users?q=${query}`, `/posts/${"a".repeat(70)}`]) {
        await page.goto(site.origin + path);
        expect(await overflow(page), `${path} at ${width}`).toEqual(FITS);
      }
    }
  });
}

test("cells of a table wrap before it scrolls", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${site.origin}/posts/wraps`);
  const [reach, width] = await page
    .locator(".table-scroll")
    .evaluate((box) => [box.scrollWidth, box.clientWidth]);
  expect(reach).toBe(width);
});

test("an edge shows that there is more behind it", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${site.origin}/posts/scrolls`);
  for (const selector of [".table-scroll", ".prose pre"]) {
    const box = page.locator(selector);
    const [reach, width] = await box.evaluate((box) => [box.scrollWidth, box.clientWidth]);
    expect(reach).toBeGreaterThan(width);
    // The words are out of the way: what is left at the edges is the shade.
    await box.evaluate((box) => box.querySelectorAll("*").forEach((element) => (element.style.color = "transparent")));
    const edges = async (left) => {
      await box.evaluate((box, left) => (box.scrollLeft = left), left);
      return shades(page, await box.screenshot());
    };
    const [start, middle, end] = [await edges(0), await edges(20), await edges(9999)];
    expect([start.left, start.right], selector).toEqual([false, true]);
    expect([middle.left, middle.right], selector).toEqual([true, true]);
    expect([end.left, end.right], selector).toEqual([true, false]);
  }
});

/** Whether the left and the right edge of a picture are darker than its middle, along its last lines. */
const shades = (page, picture) =>
  page.evaluate(async (bytes) => {
    const image = await createImageBitmap(new Blob([Uint8Array.from(bytes)]));
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d", { willReadFrequently: true });
    canvas.drawImage(image, 0, 0);
    const light = (x) => canvas.getImageData(x, image.height - 6, 1, 1).data.slice(0, 3).reduce((sum, part) => sum + part);
    const middle = light(Math.round(image.width / 2));
    return { left: light(1) < middle - 15, right: light(image.width - 2) < middle - 15 };
  }, [...picture]);
