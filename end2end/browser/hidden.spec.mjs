// Hidden content: no page, feed, sitemap, search or API shows a draft, a scheduled, archived or deleted post, or anything of
// a deleted user.
import { readdir, readFile } from "node:fs/promises";

import {
  ARCHIVED,
  DELETED,
  DELETED_USERS,
  DRAFTS,
  HIDDEN_POSTS,
  POSTS_OF_DELETED_USERS,
  SCHEDULED,
} from "./support/hidden.mjs";
import { everything, json } from "./support/site.mjs";
import { expect, finder, openLive, test } from "./support/test.mjs";

const SOURCES = new URL("../../server/example-site/posts/", import.meta.url);

/** Statuses for posts that were never public: they must look nonexistent. */
const NEVER_PUBLIC = [404];
/** Statuses for content that was or may have been public. */
const WITHDRAWN = [404, 410];

for (const [kind, slugs, statuses] of [
  ["drafts", DRAFTS, NEVER_PUBLIC],
  ["scheduled posts", SCHEDULED, NEVER_PUBLIC],
  ["archived posts", ARCHIVED, [410]],
  ["deleted posts", DELETED, WITHDRAWN],
  ["posts of deleted users", POSTS_OF_DELETED_USERS, WITHDRAWN],
]) {
  test(`${kind} cannot be requested`, async ({ request }) => {
    expect(slugs.length).toBeGreaterThan(0);
    for (const slug of slugs) {
      for (const [address, expected] of [
        [`/posts/${slug}`, statuses],
        [`/api/v1/posts/${slug}`, statuses],
        [`/api/v1/posts/${slug}/comments`, WITHDRAWN],
      ]) {
        const response = await request.get(address, { maxRedirects: 0 });
        expect(expected, `${address} answers ${response.status()}`).toContain(response.status());
      }
      expect(await (await request.get(`/posts/${slug}`)).text()).not.toContain('class="prose"');
    }
  });
}

test("deleted users cannot be requested", async ({ request }) => {
  for (const handle of DELETED_USERS) {
    for (const address of [`/users/${handle}`, `/users/${handle}/feed.xml`, `/api/v1/users/${handle}`]) {
      const response = await request.get(address);
      expect(response.status(), address).toBe(410);
    }
  }
});

test("lists, feeds and the sitemap contain nothing hidden", async ({ request }) => {
  const posts = (await everything(request, "/api/v1/posts")).map((post) => post.slug);
  const users = (await everything(request, "/api/v1/users")).map((user) => user.handle);
  expect(posts.length).toBeGreaterThan(300);
  expect(posts.filter((slug) => HIDDEN_POSTS.includes(slug))).toEqual([]);
  expect(users.filter((handle) => DELETED_USERS.includes(handle))).toEqual([]);
  for (const feed of ["/sitemap.xml", "/feed.xml", ...users.map((handle) => `/users/${handle}/feed.xml`)]) {
    expectNothingHidden(await (await request.get(feed)).text(), feed);
  }
});

test("public pages link only to public pages, and no link is broken", async ({ request, baseURL }) => {
  test.setTimeout(90_000);
  const posts = await everything(request, "/api/v1/posts");
  const queue = ["/", "/users", ...posts.map((post) => `/posts/${post.slug}`)];
  const known = new Set(queue);
  const broken = [];
  const visit = async () => {
    for (let path = queue.pop(); path; path = queue.pop()) {
      const response = await request.get(path);
      if (!response.ok()) broken.push(`${path} answers ${response.status()}`);
      if (!response.headers()["content-type"]?.startsWith("text/html")) continue;
      const html = await response.text();
      expectNothingHidden(html, path);
      for (const [, href] of html.matchAll(/ (?:href|src)="([^"]*)"/g)) {
        const url = new URL(href.replaceAll("&amp;", "&"), new URL(path, baseURL));
        const next = `${url.pathname}${url.search}`;
        if (url.origin !== baseURL || known.has(next)) continue;
        known.add(next);
        queue.push(next);
      }
    }
  };
  await Promise.all(Array.from({ length: 6 }, visit));
  expect(broken).toEqual([]);
  expect(known.size).toBeGreaterThan(posts.length + 50);
});

test("search does not find hidden posts", async ({ page, request }) => {
  const texts = [];
  for (const file of await readdir(SOURCES)) {
    const slug = file.replace(".md", "");
    if (!HIDDEN_POSTS.includes(slug)) continue;
    const [, head] = (await readFile(new URL(file, SOURCES), "utf8")).split("---\n");
    texts.push({ slug, title: /^title: (.*)$/m.exec(head)[1], excerpt: /^excerpt: (.*)$/m.exec(head)[1] });
  }
  // At least one draft, scheduled, archived and deleted post, and one of a deleted user.
  expect(texts.length).toBeGreaterThanOrEqual(5);
  await openLive(page, "/posts");
  const { field, status, addresses } = finder(page);
  for (const { slug, title, excerpt } of texts) {
    for (const query of [title.slice(0, 100), excerpt.split(/[,.:]/)[0]]) {
      const list = await json(request, `/api/v1/posts?limit=100&q=${encodeURIComponent(query)}`);
      expect(list.data.map((post) => post.slug)).not.toContain(slug);
      await field.fill(query);
      await expect(status).toContainText(`“${query}”`);
      expect(await addresses()).not.toContain(`/posts/${slug}`);
    }
  }
  // The search itself works: it finds a public post.
  await field.fill("Everything Markdown can do here");
  await expect.poll(addresses).toContain("/posts/everything-markdown-can-do-here");
});

test("search does not find deleted users", async ({ page, request }) => {
  await openLive(page, "/users");
  const { field, status } = finder(page);
  for (const name of ["Casimir Holloway", "casimir", "Bertil Ask"]) {
    expect((await json(request, `/api/v1/users?q=${encodeURIComponent(name)}`)).data).toEqual([]);
    await field.fill(name);
    await expect(status).toHaveText(`Nothing matches “${name}”.`);
  }
});

function expectNothingHidden(text, where) {
  const named = HIDDEN_POSTS.filter((slug) => text.includes(`/posts/${slug}"`) || text.includes(`/posts/${slug}<`));
  expect(named, where).toEqual([]);
  const users = DELETED_USERS.filter((handle) => new RegExp(`/users/${handle}\\b`).test(text));
  expect(users, where).toEqual([]);
}
