// The HTML of each page as sent by the server: metadata for browsers, search engines and other sites.
import { validationErrors } from "./support/markup.mjs";
import { PAGES, SITE_NAME } from "./support/site.mjs";
import { expect, test } from "./support/test.mjs";

test.use({ javaScriptEnabled: false });

for (const one of PAGES) {
  test(`the document of: ${one.name}`, { tag: one.tag }, async ({ page, request, baseURL, quiet }) => {
    if (one.status >= 400) quiet.allowStatus(one.status, one.path);
    const response = await page.goto(one.path);
    expect(response.status()).toBe(one.status);
    expect(response.headers()["content-type"]).toBe("text/html; charset=utf-8");

    const html = page.locator("html");
    await expect(html).toHaveAttribute("lang", "en");
    const title = (await page.title()).replace(` · ${SITE_NAME}`, "");
    expect(title).toBe(one.title);
    await expect(page.locator("title")).toHaveCount(1);
    await expect(page.locator("h1")).toHaveCount(1);
    await expect(page.locator("main")).toHaveCount(1);

    const description = await attributeOf(page, 'meta[name="description"]', "content");
    expect(description.length).toBeGreaterThan(10);
    expect(await attributeOf(page, 'meta[property="og:site_name"]', "content")).toBe(SITE_NAME);
    expect(await attributeOf(page, 'meta[property="og:title"]', "content")).toBe(title);
    expect(await attributeOf(page, 'meta[property="og:description"]', "content")).toBe(description);
    const kinds = { BlogPosting: "article", ProfilePage: "profile" };
    expect(await attributeOf(page, 'meta[property="og:type"]', "content")).toBe(kinds[one.kind] ?? "website");
    const image = await attributeOf(page, 'meta[property="og:image"]', "content");
    expect(image).toMatch(/^https?:/);
    const picture = await request.get(image);
    expect(picture.headers()["content-type"]).toBe("image/png");
    const png = await picture.body();
    for (const [name, at] of [["width", 16], ["height", 20]]) {
      expect(Number(await attributeOf(page, `meta[property="og:image:${name}"]`, "content"))).toBe(png.readUInt32BE(at));
    }
    expect(await attributeOf(page, 'meta[property="og:image:alt"]', "content")).toContain(SITE_NAME);
    expect(await attributeOf(page, 'meta[name="twitter:card"]', "content")).toBe("summary_large_image");

    const canonical = page.locator('link[rel="canonical"]');
    const robots = page.locator('meta[name="robots"]');
    const data = page.locator('script[type="application/ld+json"]');
    if (one.status === 200) {
      const url = new URL(one.path, baseURL).href;
      expect(await attributeOf(page, 'link[rel="canonical"]', "href")).toBe(url);
      expect(await attributeOf(page, 'meta[property="og:url"]', "content")).toBe(url);
      const metadata = JSON.parse(await data.textContent());
      expect(metadata).toMatchObject({ "@context": "https://schema.org", "@type": one.kind });
      await expect(robots).toHaveCount(one.indexed ? 0 : 1);
    } else {
      await expect(canonical).toHaveCount(0);
      await expect(data).toHaveCount(0);
      await expect(robots).toHaveAttribute("content", "noindex");
    }

    const feeds = await page
      .locator('link[rel="alternate"][type="application/atom+xml"]')
      .evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    const isOfAuthor = one.kind === "BlogPosting" || one.kind === "ProfilePage";
    expect(feeds).toEqual([...(isOfAuthor ? [expect.stringMatching(/^\/users\/.+\/feed\.xml$/)] : []), "/feed.xml"]);
    for (const feed of feeds) {
      expect((await request.get(feed)).headers()["content-type"]).toContain("application/atom+xml");
    }

    expect(await validationErrors(await response.text(), one.path)).toBe("");
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
  expect(metadata.inLanguage).toBe("en");
  expect(metadata.mainEntityOfPage["@id"]).toBe(`${baseURL}/posts/one-hundred-loaves`);
  expect(metadata.publisher).toMatchObject({ "@type": "Organization", name: SITE_NAME, url: `${baseURL}/` });
  for (const picture of [metadata.image, metadata.publisher.logo]) {
    const png = await (await request.get(picture.url)).body();
    expect([picture.width, picture.height]).toEqual([png.readUInt32BE(16), png.readUInt32BE(20)]);
  }
  const article = (name) => attributeOf(page, `meta[property="article:${name}"]`, "content");
  expect(await article("published_time")).toBe(post.published_at);
  expect(await article("modified_time")).toBe(metadata.dateModified);
  expect(await article("author")).toBe(metadata.author.url);
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

test("an address in capitals redirects permanently to the one in small letters", async ({ request }) => {
  for (const [typed, present] of [
    ["/posts/One-Hundred-Loaves", "/posts/one-hundred-loaves"],
    ["/posts/ONE-HUNDRED-LOAVES", "/posts/one-hundred-loaves"],
    ["/users/Ines-Carvalho", "/users/ines-carvalho"],
  ]) {
    const response = await request.get(typed, { maxRedirects: 0 });
    expect([response.status(), response.headers().location], typed).toEqual([308, present]);
  }
  for (const typed of ["/posts/One_Hundred", "/posts/Öne", "/users/A"]) {
    expect((await request.get(typed, { maxRedirects: 0 })).status(), typed).toBe(404);
  }
});

test("every page of a list has one address and a title of its own", async ({ page, request }) => {
  test.slow();
  for (const [path, heading] of [["/posts", "Posts"], ["/users", "Authors"], ["/users/ines-carvalho", "Inês Carvalho"]]) {
    const titles = new Set();
    const addresses = [];
    for (let address = path; address; ) {
      await page.goto(address);
      const title = await page.title();
      expect(title.startsWith(heading), title).toBe(true);
      expect(titles.has(title), `twice: ${title}`).toBe(false);
      titles.add(title);
      const canonical = await attributeOf(page, 'link[rel="canonical"]', "href");
      expect(new URL(canonical).pathname + new URL(canonical).search).toBe(address);
      // "Newer" leads to the very address that this page was reached from.
      const newer = page.locator('.pager a[rel="prev"]');
      expect(await newer.count()).toBe(addresses.length > 0 ? 1 : 0);
      if (addresses.length > 0) {
        const back = await request.get(await newer.getAttribute("href"));
        expect(new URL(back.url()).pathname + new URL(back.url()).search).toBe(addresses.at(-1));
      }
      addresses.push(address);
      const older = page.locator('.pager a[rel="next"]');
      address = (await older.count()) > 0 ? await older.getAttribute("href") : undefined;
    }
    expect(titles.size).toBe(addresses.length);
    expect(titles.size).toBeGreaterThan(1);
  }
});

test("a search has its words in the title; one of signs alone has nothing to search for", async ({ page }) => {
  for (const [path, found] of [["/posts", "Posts"], ["/users", "Authors"]]) {
    await page.goto(`${path}?q=the`);
    await expect(page).toHaveTitle(`${found} that match “the” · ${SITE_NAME}`);
    for (const signs of ["🍕", "!!!", "—", "🇯🇵 ♥", "%", '"'] ) {
      await page.goto(`${path}?q=${encodeURIComponent(signs)}`);
      await expect(page).toHaveTitle(`Nothing to search for · ${SITE_NAME}`);
      await expect(page.locator(".status")).toContainText(`There is nothing to search for in “${signs}”`);
      await expect(page.locator(".results > ol > li")).toHaveCount(0);
      await expect(page.locator('meta[name="robots"]')).toHaveAttribute("content", "noindex");
    }
  }
});

test("an address of a page that is none leads to the start of its list", async ({ page, quiet }) => {
  for (const [address, start] of [
    ["/posts?cursor=bad", "/posts"],
    ["/users?q=baker&cursor=1", "/users?q=baker"],
    ["/users/ines-carvalho?cursor=x", "/users/ines-carvalho"],
    ["/posts/one-hundred-loaves?comments=x", "/posts/one-hundred-loaves"],
  ]) {
    quiet.allowStatus(400, address);
    expect((await page.goto(address)).status()).toBe(400);
    await expect(page.getByRole("link", { name: "The beginning of this list" })).toHaveAttribute("href", start);
  }
});

test("browsers that know no SVG have an icon", async ({ request }) => {
  const response = await request.get("/favicon.ico");
  expect(response.status()).toBe(200);
  expect([...(await response.body()).subarray(0, 4)]).toEqual([0, 0, 1, 0]);
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

test("a picture reserves its space, and the first one is loaded at once", async ({ page }) => {
  await page.goto("/posts/everything-markdown-can-do-here");
  const picture = page.locator(".prose img");
  await expect(picture).toHaveCount(1);
  await expect(picture).toHaveAttribute("loading", "eager");
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
