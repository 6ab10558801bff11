// Markup in a row never becomes markup in a page: every text column of every table holds a hostile value, and every page, feed
// and JSON that shows rows is opened. A site of the same rows with harmless words says which elements are ours.
import { serve } from "./support/own_site.mjs";
import { SITE_NAME } from "./support/site.mjs";
import { expect, test } from "./support/test.mjs";

const AWAY = "https://evil.example/";
const VALUES = [
  `</title><meta http-equiv="refresh" content="0;url=${AWAY}">`,
  `</title></head><body onload=alert(1)><base href="${AWAY}">`,
  `"><img src=${AWAY} onerror=alert(1)>`,
  `' onmouseover='alert(1)' autofocus onfocus='alert(2)' x='`,
  `</script><script>alert(1)</script><script type="application/json">`,
  `<!--<script>`,
  `--><svg onload=alert(1)><style>@import "${AWAY}"</style>`,
  `]]></title><x xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></x><![CDATA[`,
  `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>&a;`,
  `How to write &lt; and &amp;lt; in HTML`,
  `x\r\nSet-Cookie: hostile=1\r\nLocation: ${AWAY}\r\n\r\n<script>alert(1)</script>`,
  `\u202Etxt.exe\u2066 reversed\u0007`,
  `before\u0000<img src=x onerror=alert(1)>`,
  `javascript:alert(1)//`,
  `//evil.example/\\..//`,
  `\${alert(1)}{{constructor.constructor('alert(1)')()}}%3Cscript%3E`,
  `</textarea></noscript></template></svg></math><iframe src="${AWAY}">`,
];
/** Not hostile: ids and references, words that the schema checks, and HTML that was sanitised when it was written. */
const GIVEN = {
  users: ["id", "role"],
  posts: ["id", "author_id", "status", "content_html"],
  post_slugs: ["post_id"],
  drafts: ["post_id", "saved_by"],
  revisions: ["id", "post_id", "kind", "saved_by"],
  comments: ["id", "post_id", "author_id", "body_html"],
  sessions: ["user_id", "public_id"],
  api_tokens: ["id", "user_id"],
  idempotency_keys: ["user_id"],
  passkeys: ["user_id"],
  codes: ["id", "purpose", "user_id"],
  invites: ["id", "created_by", "role", "used_by"],
  user_handles: ["user_id"],
  profile_links: ["id", "user_id"],
  events: ["id", "user_id", "actor_id", "session_id"],
};

const html = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Rows with `value(n)` in every text column, whose pages are reached by plain names; and rows whose names are hostile, too. */
function fill(rows, value) {
  const columns = rows.textColumns();
  expect(Object.keys(columns).sort()).toEqual(Object.keys(GIVEN).sort());
  const hostile = (table, n) =>
    Object.fromEntries(columns[table].filter((name) => !GIVEN[table].includes(name)).map((name) => [name, value(n)]));
  const body = (n) => `<p>${html(value(n))}</p>\n`;
  VALUES.forEach((_, n) => {
    for (const names of [{ handle: `person-${n}`, slug: `post-${n}` }, {}]) {
      const isPlain = "slug" in names;
      const { slug, ...handle } = names;
      const unique = isPlain ? { email: `${n}${value(n)}` } : {};
      const user = rows.user({ ...hostile("users", n), ...unique, ...handle });
      const post = rows.post(user, {
        ...hostile("posts", n),
        search_text: "findable",
        content_html: body(n),
        comment_count: 1,
        ...(isPlain ? { slug } : {}),
      });
      rows.comment(post, user, { ...hostile("comments", n), body_html: body(n) });
      rows.insert("post_slugs", { slug: isPlain ? value(n) : `earlier-${n}`, post_id: post.id });
      if (!isPlain) continue;
      const saved = { saved_by: user.id, saved_at: 1 };
      rows.insert("drafts", { ...hostile("drafts", n), post_id: post.id, ...saved });
      rows.insert("revisions", { ...hostile("revisions", n), id: rows.id(9000 + n), post_id: post.id, kind: "saved", ...saved });
      const times = { created_at: 1, expires_at: 1 };
      rows.insert("sessions", { ...hostile("sessions", n), user_id: user.id, ...times });
      rows.insert("api_tokens", { ...hostile("api_tokens", n), id: rows.id(9000 + n), user_id: user.id, ...times });
      rows.insert("idempotency_keys", { ...hostile("idempotency_keys", n), user_id: user.id, created_at: 1 });
      const own = { id: rows.id(9000 + n), user_id: user.id };
      const bytes = { credential_id: Uint8Array.of(n), public_key: Uint8Array.of(n) };
      const key = { algorithm: -7, sign_count: 0, backup_eligible: 0, backed_up: 0, created_at: 1 };
      rows.insert("passkeys", { ...hostile("passkeys", n), user_id: user.id, ...bytes, ...key });
      rows.insert("codes", { ...hostile("codes", n), ...own, purpose: "sign_in", attempts: 0, ...times });
      rows.insert("invites", { ...hostile("invites", n), id: own.id, created_by: user.id, role: "author", ...times });
      rows.insert("user_handles", { ...hostile("user_handles", n), user_id: user.id, released_at: 1 });
      rows.insert("profile_links", { ...hostile("profile_links", n), ...own, position: 0 });
      rows.insert("events", { ...hostile("events", n), ...own, created_at: 1 });
    }
  });
}

let sites;
test.beforeAll(async () => {
  const hostile = await serve((rows) => fill(rows, (n) => VALUES[n]));
  const harmless = await serve((rows) => fill(rows, (n) => `Harmless words, number ${n}`));
  sites = { hostile, harmless };
});
test.afterAll(async () => {
  await sites?.hostile.end();
  await sites?.harmless.end();
});

/** Every element of the open document, with the names of its attributes. */
const skeleton = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("*")].map(
      (element) => `${element.localName} ${element.getAttributeNames().sort().join(" ")}`,
    ),
  );

/** Opens an address, and waits until its islands have started: they change attributes. */
async function open(page, address) {
  const response = await page.goto(address);
  await expect(page.locator("leptos-island:not(:has([data-live]))")).toHaveCount(0);
  return response;
}

/** Opens `path` of both sites: only ours happens on the hostile one, and its elements are those of the harmless one. */
async function expectOnlyOurs(page, path) {
  const { hostile, harmless } = sites;
  await open(page, harmless.origin + path);
  const ours = await skeleton(page);
  const events = [];
  const note = {
    dialog: (dialog) => (events.push(`a dialog says ${dialog.message()}`), dialog.dismiss()),
    // A late request for the icon is the harmless page's.
    request: (request) =>
      [hostile, harmless].some(({ origin }) => request.url().startsWith(`${origin}/`)) ||
      events.push(`a request to ${request.url()}`),
    framenavigated: (frame) => frame.url() === hostile.origin + path || events.push(`a way to ${frame.url()}`),
    popup: () => events.push("a window"),
  };
  for (const [name, listener] of Object.entries(note)) page.on(name, listener);
  const response = await open(page, hostile.origin + path);
  await page.locator("body, :root").first().hover();
  expect(await skeleton(page), path).toEqual(ours);
  const headers = response.headers();
  for (const [name, text] of Object.entries(headers)) {
    expect(text, `${name} of ${path}`).not.toMatch(/alert|evil|hostile=|harmless/i);
  }
  expect(headers["set-cookie"]).toBeUndefined();
  expect(await page.context().cookies()).toEqual([]);
  for (const [name, listener] of Object.entries(note)) page.off(name, listener);
  expect(events, path).toEqual([]);
}

/** What HTML shows of a text: one kind of line end, and no NUL. */
const shown = (text) => text.replace(/\r\n?/g, "\n").replace("\0", "");
const undirected = (text) => text.replace(/[\u202A-\u202E\u2066-\u2069]/g, "");
const collapsed = (text) => text.replace(/[\t\n\f\r ]+/g, " ").trim();

VALUES.forEach((value, n) => {
  test(`a post and a person named ${JSON.stringify(value)}`, async ({ page }) => {
    for (const path of [`/posts/post-${n}`, `/users/person-${n}`]) {
      await expectOnlyOurs(page, path);
      expect(await page.locator("h1").textContent()).toBe(shown(value));
      // In a title, NUL is replaced instead, and no sign turns what follows.
      const title = await page.locator("head > title").textContent();
      expect(title.replace("\uFFFD", "")).toBe(`${undirected(shown(value))} · ${SITE_NAME}`);
      const data = JSON.parse(await page.locator('script[type="application/ld+json"]').textContent());
      expect(data.headline ?? data.mainEntity.name).toBe(value);
    }
    await expect(page.locator(".posts h3")).toHaveText(collapsed(shown(value)));
  });

  test(`an address that moved to ${JSON.stringify(value)} stays on the site`, async ({ page, quiet }) => {
    const { origin } = sites.hostile;
    quiet.allow(/404/);
    const requests = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(`${origin}/posts/earlier-${n}`);
    expect(new URL(page.url()).origin).toBe(origin);
    expect(requests.filter((url) => !url.startsWith(origin))).toEqual([]);
  });
});

for (const list of ["/", "/posts", "/posts?q=findable", "/users"]) {
  test(`every page of the list at ${list}`, async ({ page }) => {
    const pages = list === "/" ? 1 : Math.ceil((VALUES.length * 2) / 10);
    let path = list;
    for (let n = 0; n < pages; n += 1) {
      await expectOnlyOurs(page, path);
      const older = page.locator('a[rel="next"]');
      path = (await older.count()) > 0 ? await older.getAttribute("href") : path;
    }
  });
}

/** A search as the site reads it: without signs of direction, and control characters as white space. */
const tidied = (typed) =>
  typed
    .replace("\0", "")
    .replace(/[\u202A-\u202E\u2066-\u2069\u200B\uFEFF]/g, "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();

test("searches for a hostile value", async ({ page, request }) => {
  const { origin } = sites.hostile;
  for (const value of VALUES) {
    const query = encodeURIComponent(value.replace("\0", ""));
    const requests = [];
    page.on("request", (request) => requests.push(request.url()));
    for (const list of ["/posts", "/users"]) {
      const response = await page.goto(`${origin}${list}?q=${query}`);
      expect(response.status()).toBe(200);
      const words = await page.locator(".status").textContent();
      expect(words).toContain(tidied(value).slice(0, 60));
    }
    expect(requests.filter((url) => !url.startsWith(origin))).toEqual([]);
    const answer = await request.get(`${origin}/fn/list_posts?query=${query}&cursor=`);
    expect(answer.headers()["content-type"]).toContain("application/json");
  }
});

test("feeds and the sitemap are XML that says what the rows say", async ({ page }) => {
  for (const path of ["/feed.xml", ...VALUES.map((_, n) => `/users/person-${n}/feed.xml`), "/sitemap.xml"]) {
    const parse = (text) => {
      const xml = new DOMParser().parseFromString(text, "application/xml");
      const name = (element) => `${element.namespaceURI} ${element.nodeName} ${element.getAttributeNames()}`;
      return [...xml.querySelectorAll("*")].map(name);
    };
    const texts = {};
    for (const [site, { origin }] of Object.entries(sites)) {
      const response = await page.request.get(origin + path);
      expect(response.status()).toBe(200);
      texts[site] = await response.text();
    }
    await page.goto(`${sites.hostile.origin}/about`);
    const [hostile, harmless] = [await page.evaluate(parse, texts.hostile), await page.evaluate(parse, texts.harmless)];
    expect(harmless.length).toBeGreaterThan(5);
    expect(hostile, path).toEqual(harmless);
  }
});

test("JSON is shown as JSON", async ({ page }) => {
  const post = "/api/v1/posts/post-0";
  const api = ["/api/v1/posts?limit=100", post, `${post}/comments`, "/api/v1/users?limit=100", "/api/v1/users/person-0"];
  // A browser that opens a server function is led away from its JSON.
  const functions = ["/fn/list_posts?query=&cursor=", "/fn/list_users?query=&cursor="];
  for (const path of [...api, ...functions]) {
    if (api.includes(path)) await expectOnlyOurs(page, path);
    const response = await page.request.get(sites.hostile.origin + path);
    expect(response.headers()["content-type"]).toMatch(/^application\/json/);
    expect(response.headers()["x-content-type-options"]).toBe("nosniff");
    expect(await response.text()).toContain("</title>");
  }
});
