// The HTML of each page as sent by the server: metadata for browsers, search engines and other sites.
import { validationErrors } from "./support/markup.mjs";
import { PAGES, SITE_NAME, addressOf } from "./support/site.mjs";
import { expect, test } from "./support/test.mjs";

test.use({ javaScriptEnabled: false });

for (const one of PAGES) {
  test(`the document of: ${one.name}`, { tag: one.tag }, async ({ page, request, baseURL, quiet }) => {
    const address = await addressOf(one, request);
    if (one.status >= 400) quiet.allowStatus(one.status, address);
    const response = await page.goto(address);
    expect(response.status()).toBe(one.status);
    expect(response.headers()["content-type"]).toBe("text/html; charset=utf-8");

    const html = page.locator("html");
    await expect(html).toHaveAttribute("lang", "en");
    const title = one.title === SITE_NAME ? one.title : `${one.title} · ${SITE_NAME}`;
    await expect(page).toHaveTitle(title);
    await expect(page.locator("title")).toHaveCount(1);
    await expect(page.locator("h1")).toHaveCount(1);
    await expect(page.locator("main")).toHaveCount(1);

    const description = await attributeOf(page, 'meta[name="description"]', "content");
    expect(description.length).toBeGreaterThan(10);
    expect(await attributeOf(page, 'meta[property="og:site_name"]', "content")).toBe(SITE_NAME);
    expect(await attributeOf(page, 'meta[property="og:title"]', "content")).toBe(one.title);
    expect(await attributeOf(page, 'meta[property="og:description"]', "content")).toBe(description);
    const kinds = { BlogPosting: "article", ProfilePage: "profile" };
    expect(await attributeOf(page, 'meta[property="og:type"]', "content")).toBe(kinds[one.kind] ?? "website");
    const image = await attributeOf(page, 'meta[property="og:image"]', "content");
    expect(image).toMatch(/^https?:/);
    const picture = await request.get(image);
    expect(picture.headers()["content-type"]).toBe("image/png");

    const canonical = page.locator('link[rel="canonical"]');
    const robots = page.locator('meta[name="robots"]');
    const data = page.locator('script[type="application/ld+json"]');
    if (one.status === 200) {
      const url = new URL(address, baseURL).href;
      expect(await attributeOf(page, 'link[rel="canonical"]', "href")).toBe(url);
      expect(await attributeOf(page, 'meta[property="og:url"]', "content")).toBe(url);
      const metadata = JSON.parse(await data.textContent());
      expect(metadata).toMatchObject({ "@context": "https://schema.org", "@type": one.kind });
      await expect(robots).toHaveCount(one.isListed ? 0 : 1);
    } else {
      await expect(canonical).toHaveCount(0);
      await expect(data).toHaveCount(0);
      await expect(robots).toHaveAttribute("content", "noindex");
    }

    const feeds = page.locator('link[rel="alternate"][type="application/atom+xml"]');
    const addresses = await feeds.evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    expect(addresses.at(-1)).toBe("/feed.xml");
    for (const feed of addresses) {
      expect((await request.get(feed)).headers()["content-type"]).toContain("application/atom+xml");
    }

    expect(await validationErrors(await response.text(), address)).toBe("");
  });
}

test("the metadata of a post equals the API's", async ({ page, request, baseURL }) => {
  const post = await (await request.get("/api/v1/posts/one-hundred-loaves")).json();
  await page.goto("/posts/one-hundred-loaves");
  const metadata = JSON.parse(await page.locator('script[type="application/ld+json"]').textContent());
  expect(metadata.headline).toBe(post.title);
  expect(metadata.description).toBe(post.excerpt);
  expect(metadata.datePublished).toBe(post.published_at);
  expect(metadata.commentCount).toBe(post.comment_count);
  expect(metadata.author.url).toBe(`${baseURL}/users/${post.author.handle}`);
  await expect(page.locator(".comments h2")).toHaveText(`${post.comment_count} comments`);
  await expect(page.locator(".comment")).toHaveCount(post.comment_count);
});

test("an earlier slug redirects permanently to the current one", async ({ page, request }) => {
  for (const [earlier, present] of [
    ["hello", "welcome"],
    ["xss-in-one-page", "why-sanitising-matters"],
  ]) {
    const response = await request.get(`/posts/${earlier}`, { maxRedirects: 0 });
    expect(response.status()).toBe(301);
    expect(response.headers().location).toBe(`/posts/${present}`);
    await page.goto(`/posts/${earlier}`);
    await expect(page).toHaveURL(`/posts/${present}`);
  }
});

test("text direction follows the script", async ({ page }) => {
  const direction = (locator) => locator.evaluate((element) => getComputedStyle(element).direction);
  await page.goto("/posts/al-khara-it-al-latifa");
  expect(await direction(page.locator("h1"))).toBe("rtl");
  expect(await direction(page.locator(".prose p").first())).toBe("rtl");
  expect(await direction(page.locator(".prose blockquote"))).toBe("rtl");
  expect(await direction(page.locator("html"))).toBe("ltr");
  await page.goto("/posts/xiu-yi-ben-jiu-shu");
  expect(await direction(page.locator("h1"))).toBe("ltr");
});

test("images reserve their space and load lazily", async ({ page }) => {
  await page.goto("/posts/everything-markdown-can-do-here");
  const picture = page.locator(".prose img");
  await expect(picture).toHaveCount(1);
  await expect(picture).toHaveAttribute("loading", "lazy");
  expect(Number(await picture.getAttribute("width"))).toBeGreaterThan(0);
  expect(Number(await picture.getAttribute("height"))).toBeGreaterThan(0);
  await expect(picture).toHaveAttribute("alt", /\w/);
});

test("a line of text has 60 to 80 characters", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto("/posts/how-to-read-a-waymark");
  const characters = await page.locator(".prose > p").first().evaluate((paragraph) => {
    const text = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    const lines = new Map();
    for (let node = text.nextNode(); node; node = text.nextNode()) {
      for (let at = 0; at < node.length; at += 1) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const [box] = range.getClientRects();
        if (box) lines.set(Math.round(box.top), (lines.get(Math.round(box.top)) ?? 0) + 1);
      }
    }
    return Math.max(...lines.values());
  });
  expect(characters).toBeGreaterThanOrEqual(60);
  expect(characters).toBeLessThanOrEqual(80);
});

/** Returns the attribute of the only element that matches `selector`. */
async function attributeOf(page, selector, attribute) {
  const element = page.locator(selector);
  await expect(element).toHaveCount(1);
  return element.getAttribute(attribute);
}
