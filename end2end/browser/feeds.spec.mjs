// Feeds, the sitemap and robots.txt, checked with the browser's XML parser.
import { PAGES, everything, json } from "./support/site.mjs";
import { expect, test } from "./support/test.mjs";

const ATOM = "http://www.w3.org/2005/Atom";

/** Fetches and parses the XML at `path`. `error` is the parser's message if it is not well-formed. */
async function parse(page, path) {
  await page.goto("/about");
  return page.evaluate(async (path) => {
    const response = await fetch(path);
    const xml = new DOMParser().parseFromString(await response.text(), "application/xml");
    const texts = (parent, name) =>
      [...parent.children].filter((child) => child.localName === name).map((child) => child.textContent);
    const links = (parent) =>
      Object.fromEntries(
        [...parent.children]
          .filter((child) => child.localName === "link")
          .map((link) => [link.getAttribute("rel"), link.getAttribute("href")]),
      );
    const root = xml.documentElement;
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      error: xml.querySelector("parsererror")?.textContent ?? null,
      root: root.localName,
      namespace: root.namespaceURI,
      ids: texts(root, "id"),
      titles: texts(root, "title"),
      links: links(root),
      entries: [...xml.querySelectorAll("entry")].map((entry) => ({
        id: texts(entry, "id")[0],
        title: texts(entry, "title")[0],
        published: texts(entry, "published")[0],
        updated: texts(entry, "updated")[0],
        content: texts(entry, "content")[0],
        author: entry.querySelector("author > name")?.textContent,
        link: links(entry).alternate,
      })),
      locations: [...xml.querySelectorAll("url > loc")].map((location) => location.textContent),
    };
  }, path);
}

function expectFeed(feed, address, page) {
  expect(feed).toMatchObject({ status: 200, error: null, root: "feed", namespace: ATOM });
  expect(feed.type).toBe("application/atom+xml; charset=utf-8");
  expect(feed.ids).toEqual([address]);
  expect(feed.titles).toHaveLength(1);
  expect(feed.links).toEqual({ self: address, alternate: page });
  expect(new Set(feed.entries.map((entry) => entry.id)).size).toBe(feed.entries.length);
  for (const entry of feed.entries) {
    expect(entry.title).toBeTruthy();
    expect(entry.author).toBeTruthy();
    expect(entry.content).toContain("<p");
    expect(Number.isNaN(Date.parse(entry.published))).toBe(false);
    expect(Date.parse(entry.updated)).toBeGreaterThanOrEqual(Date.parse(entry.published));
  }
}

test("the feed has the newest posts", { tag: "@smoke" }, async ({ page, request, baseURL }) => {
  const feed = await parse(page, "/feed.xml");
  expectFeed(feed, `${baseURL}/feed.xml`, `${baseURL}/`);
  expect(feed.entries.length).toBeGreaterThanOrEqual(10);
  const posts = await json(request, `/api/v1/posts?limit=${feed.entries.length}`);
  expect(feed.entries.map((entry) => entry.link)).toEqual(posts.data.map((post) => `${baseURL}/posts/${post.slug}`));
  expect(feed.entries.map((entry) => entry.title)).toEqual(posts.data.map((post) => post.title));
});

for (const handle of ["meenakshi-varadan", "nawar-khayyat", "namgung-boram"]) {
  test(`the feed of ${handle} has only their posts`, async ({ page, request, baseURL }) => {
    const feed = await parse(page, `/users/${handle}/feed.xml`);
    expectFeed(feed, `${baseURL}/users/${handle}/feed.xml`, `${baseURL}/users/${handle}`);
    const { name } = await json(request, `/api/v1/users/${handle}`);
    expect(feed.entries.length).toBeGreaterThan(0);
    expect(new Set(feed.entries.map((entry) => entry.author))).toEqual(new Set([name]));
    await page.goto(`/users/${handle}`);
    const shown = await page.locator(".posts h3 a").evaluateAll((links) => links.map((link) => link.href));
    expect(feed.entries.slice(0, shown.length).map((entry) => entry.link)).toEqual(shown);
  });
}

test("the sitemap lists every public page once, but no author without posts", { tag: "@smoke" }, async ({ page, request, baseURL }) => {
  const sitemap = await parse(page, "/sitemap.xml");
  expect(sitemap).toMatchObject({ status: 200, error: null, root: "urlset" });
  expect(sitemap.namespace).toBe("http://www.sitemaps.org/schemas/sitemap/0.9");
  expect(sitemap.type).toContain("application/xml");
  const posts = await everything(request, "/api/v1/posts");
  const users = await everything(request, "/api/v1/users");
  const expected = [
    ...PAGES.filter((page) => page.sitemap).map((page) => page.path),
    ...posts.map((post) => `/posts/${post.slug}`),
    ...users.filter((user) => user.post_count > 0).map((user) => `/users/${user.handle}`),
  ].map((path) => `${baseURL}${path}`);
  expect(sitemap.locations.toSorted()).toEqual(expected.toSorted());
});

test("robots.txt names the sitemap", async ({ request, baseURL }) => {
  const response = await request.get("/robots.txt");
  expect(response.status()).toBe(200);
  expect(response.headers()["content-type"]).toContain("text/plain");
  const lines = (await response.text()).split("\n");
  expect(lines).toContain("User-agent: *");
  expect(lines).toContain(`Sitemap: ${baseURL}/sitemap.xml`);
  expect(lines).not.toContain("Disallow: /");
});

test("other sites can show pictures and feeds, and nothing else", async ({ request }) => {
  for (const path of ["/feed.xml", "/users/namgung-boram/feed.xml", "/og.png", "/media/contours.svg", "/favicon.ico"]) {
    const response = await request.get(path);
    expect(response.status(), path).toBe(200);
    expect(response.headers()["cross-origin-resource-policy"], path).toBe("cross-origin");
  }
  const page = await (await request.get("/posts")).text();
  const [style] = page.match(/\/assets\/main[^"]*\.css/);
  for (const path of ["/", "/posts", "/about", "/nowhere", "/api/v1/posts", style]) {
    expect((await request.get(path)).headers()["cross-origin-resource-policy"], path).toBe("same-origin");
  }
});

test("a page says which methods it takes, also where it is a file", async ({ request }) => {
  for (const path of ["/", "/posts", "/about"]) {
    const posted = await request.post(path, { data: "a" });
    expect(posted.status(), path).toBe(405);
    expect(posted.headers().allow, path).toContain("GET");
    const options = await request.fetch(path, { method: "OPTIONS" });
    expect(options.status(), path).toBe(204);
    expect(options.headers().allow, path).toContain("GET");
  }
});
