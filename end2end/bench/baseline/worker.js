// The baseline: the site's main pages written by hand in plain JavaScript, with only template strings and D1. SQL (passed by
// bench.mjs, from the snapshots), bytes and headers, including ETag, are equal to the site's.
// Absent: search, paging, themes, error pages and all other features.

const MONTHS =
  "January February March April May June July August September October November December".split(" ");
const COMMENTS = 50;
const ROWS = 10;
const API_ROWS = 20;

let site;

export default {
  async fetch(request, env) {
    site ??= setUp(env);
    const url = new URL(request.url);
    const page = await answer(url, env.DB);
    if (page === null) return new Response("Not found", { status: 404 });
    const headers = { ...(page.html ? site.htmlHeaders : site.jsonHeaders), etag: tag(page.body) };
    if (request.headers.get("if-none-match") === headers.etag) {
      delete headers["content-type"];
      return new Response(null, { status: 304, headers });
    }
    return new Response(page.body, { headers });
  },
};

function setUp(env) {
  const assets = JSON.parse(env.ASSET_MANIFEST);
  const headers = {
    "content-security-policy":
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' https: data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "speculation-rules": `"${assets["speculation.json"]}"`,
    "cache-control": "public, max-age=0, must-revalidate",
  };
  return {
    assets,
    sql: JSON.parse(env.SQL),
    name: env.SITE_NAME,
    about: env.SITE_ABOUT,
    htmlHeaders: { ...headers, "content-type": "text/html; charset=utf-8", vary: "Cookie" },
    jsonHeaders: { ...headers, "content-type": "application/json" },
  };
}

async function answer({ pathname: path, origin }, database) {
  if (path === "/about") return html(about(origin));
  // With a session, like the site: replicas may answer.
  const db = database.withSession("first-unconstrained");
  if (path === "/posts") return html(await posts(db, origin));
  if (path === "/users") return html(await users(db, origin));
  if (path === "/api/v1/users") return { body: await apiUsers(db), html: false };
  if (path.startsWith("/posts/")) return html(await post(db, origin, path.slice("/posts/".length)));
  return null;
}

function html(body) {
  return body === null ? null : { body, html: true };
}

// A 53-bit hash for ETags (two lanes of multiply and shift); faster here than WebCrypto.
function tag(text) {
  let a = 0x9e3779b1 | 0;
  let b = 0x85ebca77 | 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 0x85ebca6b);
    b = Math.imul(b ^ code, 0xc2b2ae35);
  }
  a ^= b >>> 15;
  return `"${(a >>> 0).toString(16).padStart(8, "0")}${(b >>> 0).toString(16).padStart(8, "0")}"`;
}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const text = (value) => (/[&<>]/.test(value) ? value.replace(/[&<>]/g, (one) => ESCAPES[one]) : value);
const attribute = (value) => (/[&<>"]/.test(value) ? value.replace(/[&<>"]/g, (one) => ESCAPES[one]) : value);
const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;
const json = (value) => JSON.stringify(value).replaceAll("<", "\\u003c");
const cursor = (at, id) => `o${at.toString(16)}.${id.replaceAll("-", "")}`;

function day(millis, kind) {
  const at = new Date(millis);
  const name = `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
  return `<time datetime="${at.toISOString()}" class="${kind}">${name}</time>`;
}

function pager(path, parameter, label, next, live) {
  if (!next) return "";
  const more = live ? ' data-more=""' : "";
  return `<nav aria-label="Pages" class="pager"><a rel="next" href="${path}?${parameter}=${next}"${more} class="sign">${label}</a></nav>`;
}

function shell({ origin, path, title, description, kind = "website", feed, jsonLd, main }) {
  const { assets } = site;
  const address = origin + path;
  const about = attribute(description);
  const name = attribute(title);
  const [feedAddress, feedTitle] = feed ?? ["/feed.xml", site.name];
  const current = (to) => (path === to ? ' aria-current="page"' : path.startsWith(`${to}/`) ? ' aria-current="true"' : "");
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="theme-color" media="(prefers-color-scheme: light)" content="#f8faf6"><meta name="theme-color" media="(prefers-color-scheme: dark)" content="#101714"><link rel="stylesheet" href="${assets["main.css"]}"><script src="${assets["theme.js"]}"></script><link rel="icon" href="/favicon.svg" type="image/svg+xml"><link rel="apple-touch-icon" href="/apple-touch-icon.png"><meta name="description" content="${about}"><link href="${address}" rel="canonical"><meta property="og:url" content="${address}"><link href="${feedAddress}" rel="alternate" title="${attribute(feedTitle)}" type="application/atom+xml"><meta property="og:site_name" content="${attribute(site.name)}"><meta property="og:type" content="${kind}"><meta property="og:title" content="${name}"><meta property="og:description" content="${about}"><meta property="og:image" content="${origin}/og.png"><title>${text(title)} · ${text(site.name)}</title></head><body><a href="#main" class="skip">Skip to the text</a><header class="site-header"><a class="brand" href="/">${text(site.name)}</a><nav aria-label="Site"><ul><li><a href="/posts"${current("/posts")}>Posts</a></li><li><a href="/users"${current("/users")}>Authors</a></li><li><a href="/about"${current("/about")}>About</a></li></ul></nav></header><main id="main"><script type="application/ld+json">${json(jsonLd)}</script>${main}</main><footer class="site-footer"><ul><li><a href="/feed.xml">Feed</a></li><li><a href="/api/openapi.json">API</a></li></ul><form method="post" action="/theme" class="theme"><fieldset><legend>Theme</legend><button name="theme" value="system" aria-pressed="true">System</button><button name="theme" value="light" aria-pressed="false">Light</button><button name="theme" value="dark" aria-pressed="false">Dark</button></fieldset></form></footer></body></html>`;
}

function listPage({ origin, path, title, description, search, list }) {
  const { assets } = site;
  return shell({
    origin,
    path,
    title,
    description,
    jsonLd: { "@context": "https://schema.org", "@type": "CollectionPage", name: title, url: origin + path },
    main: `<h1>${title}</h1><leptos-island data-component="FinderIsland_408736707819765831" data-props="{&quot;subject&quot;:&quot;${path.slice(1)}&quot;}"><div><leptos-children><form action="${path}" role="search" class="search"><input type="search" name="q" value="" placeholder="${search}" aria-label="${search}" maxlength="100" autocomplete="off" enterkeyhint="search"><button class="button">Search</button></form><p role="status" class="status"> </p><div class="results">${list}</div></leptos-children></div></leptos-island><link rel="preload" as="fetch" href="${assets["client.wasm"]}" crossorigin="anonymous" fetchpriority="low"><script type="module" async src="${assets["islands.js"]}" fetchpriority="low"></script>`,
  });
}

async function posts(db, origin) {
  const { results } = await db.prepare(site.sql["posts::list"]).bind(ROWS + 1).all();
  const rows = results.slice(0, ROWS);
  let items = "";
  for (const post of rows) {
    items += `<li><article>${day(post.published_at, "meta")}<h2 dir="auto"><a href="/posts/${post.slug}">${text(post.title)}</a></h2><p dir="auto" class="excerpt">${text(post.excerpt)}</p><p class="meta"><a href="/users/${post.handle}">${text(post.name)}</a><span>${post.reading_minutes} min read</span></p></article></li>`;
  }
  const last = rows.at(-1);
  const next = results.length > ROWS ? cursor(last.published_at, last.id) : null;
  return listPage({
    origin,
    path: "/posts",
    title: "Posts",
    description: `Every post on ${site.name}, newest first, and a search through all of them.`,
    search: "Search posts",
    list: `<ol class="posts">${items}</ol>${pager("/posts", "cursor", "Load more", next, true)}`,
  });
}

async function users(db, origin) {
  const { results } = await db.prepare(site.sql["users::list"]).bind(ROWS + 1).all();
  const rows = results.slice(0, ROWS);
  let items = "";
  for (const person of rows) {
    items += `<li><h2 dir="auto"><a href="/users/${person.handle}">${text(person.name)}</a></h2><p class="meta"><span>${counted(person.post_count, "post", "posts")}</span></p><p dir="auto" class="bio">${text(person.bio) || " "}</p></li>`;
  }
  const last = rows.at(-1);
  const next = results.length > ROWS ? cursor(last.created_at, last.id) : null;
  return listPage({
    origin,
    path: "/users",
    title: "Authors",
    description: `The people who write on ${site.name}, newest first.`,
    search: "Search authors",
    list: `<ol class="people">${items}</ol>${pager("/users", "cursor", "Load more", next, true)}`,
  });
}

async function apiUsers(db) {
  const { results } = await db.prepare(site.sql["users::list"]).bind(API_ROWS + 1).all();
  const rows = results.slice(0, API_ROWS);
  const last = rows.at(-1);
  return JSON.stringify({
    data: rows.map((person) => ({
      id: person.id,
      handle: person.handle,
      name: person.name,
      bio: person.bio,
      role: person.role,
      post_count: person.post_count,
      created_at: new Date(person.created_at).toISOString(),
    })),
    next: results.length > API_ROWS ? cursor(last.created_at, last.id) : null,
  });
}

async function post(db, origin, slug) {
  const prepare = (name, ...values) => db.prepare(site.sql[name]).bind(...values);
  const [found, discussion, older, newer] = await db.batch([
    prepare("posts::read, 1 of 4", slug, slug),
    prepare("posts::read, 2 of 4", slug, COMMENTS + 1),
    prepare("posts::read, 3 of 4", slug, slug, 1),
    prepare("posts::read, 4 of 4", slug, slug, 1),
  ]);
  const post = found.results[0];
  const isPublic = post?.status === "published" && !post.posts_deleted_at && !post.users_deleted_at;
  if (!isPublic || post.slug !== slug) return null;
  const path = `/posts/${slug}`;
  const author = `/users/${post.handle}`;
  const name = text(post.name);
  const previous = older.results[0];
  const next = newer.results[0];
  const neighbour = (link, rel, word) =>
    link ? `<a rel="${rel}" href="/posts/${link.slug}" dir="auto"><small>${word}</small>${text(link.title)}</a>` : "";
  const neighbours =
    previous || next
      ? `<nav aria-label="Next to this post" class="neighbours">${neighbour(previous, "prev", "Earlier")}${neighbour(next, "next", "Later")}</nav>`
      : "";
  return shell({
    origin,
    path,
    title: post.title,
    description: post.excerpt,
    kind: "article",
    feed: [`${author}/feed.xml`, post.name],
    jsonLd: {
      "@context": "https://schema.org",
      "@type": "BlogPosting",
      author: { "@type": "Person", name: post.name, url: origin + author },
      commentCount: post.comment_count,
      dateModified: new Date(post.updated_at).toISOString(),
      datePublished: new Date(post.published_at).toISOString(),
      description: post.excerpt,
      headline: post.title,
      url: origin + path,
    },
    main: `<article><header class="post-header"><h1 dir="auto">${text(post.title)}</h1><p dir="auto" class="lead">${text(post.excerpt)}</p><p class="meta"><a rel="author" href="${author}">${name}</a>${day(post.published_at, "")}<span>${post.reading_minutes} min read</span></p></header><div class="prose">${post.content_html}</div></article><aside aria-labelledby="author" class="author"><p class="meta">Written by</p><h2 id="author" dir="auto"><a href="${author}">${name}</a></h2><p dir="auto" class="bio">${text(post.bio)}</p><p class="meta"><a href="${author}">${counted(post.post_count, "post", "posts")}</a><a href="${author}/feed.xml">Feed</a></p></aside>${neighbours}${comments(post, discussion.results, path)}`,
  });
}

function comments(post, results, path) {
  if (post.comment_count === 0) {
    return `<section aria-labelledby="comments" class="comments"><h2 id="comments">Comments</h2><p class="empty">Nobody has said anything yet.</p></section>`;
  }
  const rows = results.slice(0, COMMENTS);
  let items = "";
  for (const one of rows) {
    items += `<li><article class="comment"><p class="meta"><a href="/users/${one.handle}">${text(one.name)}</a>${day(one.created_at, "")}</p><div dir="auto" class="comment-body">${one.body_html}</div></article></li>`;
  }
  const last = rows.at(-1);
  const next = results.length > COMMENTS ? cursor(last.created_at, last.id) : null;
  return `<section aria-labelledby="comments" class="comments"><h2 id="comments">${counted(post.comment_count, "comment", "comments")}</h2><ol>${items}</ol>${pager(path, "comments", "Older", next, false)}</section>`;
}

function about(origin) {
  return shell({
    origin,
    path: "/about",
    title: "About",
    description: `What ${site.name} is, who writes here, how it treats its readers, and how to take your own copy of it.`,
    jsonLd: { "@context": "https://schema.org", "@type": "AboutPage", name: `About ${site.name}` },
    main: `<h1>About ${text(site.name)}</h1><div class="prose"><p>${text(site.about)}</p><h2>Reading</h2><p>Nothing here follows you. There are no advertisements, no counters and no cookies, except one that remembers the theme you chose, if you chose one. Pages work without scripts, in any browser, by keyboard and by ear. Everything is in the <a href="/feed.xml">feed</a>, and every author has one too.</p><h2>Writing</h2><p>Posts are written in Markdown, in any language and script. An author may change or withdraw a post at any time; when its address changes, the old one leads to the new.</p><h2>How it is made</h2><p>${text(site.name)} is one program in Rust, from the database to the page, that runs on Cloudflare Workers. Its pages are rendered close to whoever asks for them, with one question to the database each. Programs can read everything through the <a href="/api/openapi.json">JSON API</a>.</p></div>`,
  });
}
