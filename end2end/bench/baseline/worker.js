// The baseline: the site's main pages written by hand in plain JavaScript, with only template strings and D1. What the site
// says of itself, its navigation and its SQL are passed by bench.mjs, from the sources. Markup and headers, including an
// ETag, are the site's.
// Absent: search, paging, themes, error pages, languages other than the site's, and all other features.

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
    ...JSON.parse(env.IDENTITY),
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

const iso = (millis) => new Date(millis).toISOString();

function dayName(millis) {
  const at = new Date(millis);
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

const day = (millis) => `<time datetime="${iso(millis)}"><bdi>${dayName(millis)}</bdi></time>`;

function pager(path, parameter, label, next, attributes = "") {
  if (!next) return "";
  return `<nav aria-label="Pages" class="pager"><a rel="next" href="${path}?${parameter}=${next}"${attributes} class="sign">${label}</a></nav>`;
}

function shell({ origin, path, title, description, kind = "website", feed, article = "", jsonLd, main }) {
  const { assets, name, image } = site;
  const address = origin + path;
  const about = attribute(description);
  const current = (to) => (path === to ? ' aria-current="page"' : path.startsWith(`${to}/`) ? ' aria-current="true"' : "");
  const links = site.navigation.map(([to, word]) => `<li><a href="${to}"${current(to)}>${word}</a></li>`).join("");
  const feeds = [...(feed ? [feed] : []), ["/feed.xml", name]]
    .map(([href, of]) => `<link href="${href}" rel="alternate" title="${attribute(of)}" type="application/atom+xml">`)
    .join("");
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="theme-color" content="#f8faf6" media="(prefers-color-scheme: light)"><meta name="theme-color" content="#101714" media="(prefers-color-scheme: dark)"><link rel="stylesheet" href="${assets["main.css"]}"><script src="${assets["theme.js"]}"></script>${path === "/about" ? '<noscript><link rel="stylesheet" href="/theme.css"></noscript>' : ""}<link rel="icon" href="/favicon.svg" type="image/svg+xml"><link rel="apple-touch-icon" href="/apple-touch-icon.png"><meta name="description" content="${about}"><link href="${address}" rel="canonical"><meta property="og:url" content="${address}">${feeds}<meta property="og:site_name" content="${attribute(name)}"><meta property="og:type" content="${kind}"><meta property="og:title" content="${attribute(title)}"><meta property="og:description" content="${about}"><meta property="og:image" content="${origin}${image.path}"><meta property="og:image:width" content="${image.width}"><meta property="og:image:height" content="${image.height}"><meta property="og:image:alt" content="${attribute(image.description)}"><meta name="twitter:card" content="summary_large_image">${article}<title>${text(title)} · ${text(name)}</title></head><body><a href="#main" class="skip">Skip to the text</a><header class="site-header"><a href="/" class="brand">${text(name)}</a><nav aria-label="Site"><ul>${links}</ul></nav></header><main id="main"><script type="application/ld+json">${json(jsonLd)}</script>${main}</main><footer class="site-footer"><ul><li><a href="/feed.xml">Feed</a></li><li><a href="/api/openapi.json">API</a></li></ul><form method="post" action="/theme" class="theme"><fieldset><legend>Theme</legend><button name="theme" value="system" aria-pressed="true">System</button><button name="theme" value="light" aria-pressed="false">Light</button><button name="theme" value="dark" aria-pressed="false">Dark</button></fieldset></form></footer></body></html>`;
}

/** A list: its items as HTML, and its first page as the island reads it. */
function listPage({ origin, path, title, description, kind, search, list, items, rows, next }) {
  const { assets } = site;
  const first = { query: "", page: { [kind]: { rows, newer: null, older: next } } };
  return shell({
    origin,
    path,
    title,
    description,
    jsonLd: { "@context": "https://schema.org", "@type": "CollectionPage", inLanguage: "en", name: title, url: origin + path },
    main: `<h1>${title}</h1><leptos-island data-component="SearchIsland_10279489867227445471"><div><form action="${path}" role="search" class="search"><input type="search" name="q" dir="auto" value="" placeholder="${search}" aria-label="${search}" maxlength="100" autocomplete="off" enterkeyhint="search"><button class="button">Search</button></form><p role="status" class="status"></p><div aria-busy="false" class="results"><ol class="${list}">${items}</ol>${pager(path, "cursor", "Load more", next, ' data-more=""')}<p role="status" class="trouble"> </p></div></div></leptos-island><script type="application/json" id="first-page">${json(first)}</script><link rel="preload" as="fetch" href="${assets["client.wasm"]}" crossorigin="anonymous" fetchpriority="low"><script type="module" async src="${assets["islands.js"]}" fetchpriority="low"></script>`,
  });
}

async function posts(db, origin) {
  const { results } = await db.prepare(site.sql["posts::list"]).bind(Date.now(), ROWS + 1).all();
  let items = "";
  const rows = results.slice(0, ROWS).map((post) => {
    const row = {
      slug: post.slug,
      language: "en",
      title_html: text(post.title),
      excerpt_html: text(post.excerpt),
      published_at: iso(post.published_at),
      published_on: dayName(post.published_at),
      author_handle: post.handle,
      author_name: post.name,
      reading_time: `${post.reading_minutes} min read`,
    };
    items += `<li><article><time datetime="${row.published_at}" class="meta"><bdi>${row.published_on}</bdi></time><h2><a dir="auto" href="/posts/${row.slug}">${row.title_html}</a></h2><p class="excerpt"><bdi>${row.excerpt_html}</bdi></p><p class="meta"><a href="/users/${row.author_handle}"><bdi>${text(row.author_name)}</bdi></a><span><bdi>${row.reading_time}</bdi></span></p></article></li>`;
    return row;
  });
  const last = results[ROWS - 1];
  return listPage({
    origin,
    path: "/posts",
    title: "Posts",
    description: `Every post on ${site.name}, newest first, and a search through all of them.`,
    kind: "Posts",
    search: "Search posts",
    list: "posts",
    items,
    rows,
    next: results.length > ROWS ? cursor(last.published_at, last.id) : null,
  });
}

async function users(db, origin) {
  const { results } = await db.prepare(site.sql["users::list"]).bind(Date.now(), ROWS + 1).all();
  let items = "";
  const rows = results.slice(0, ROWS).map((person) => {
    const row = {
      handle: person.handle,
      language: "en",
      name_html: text(person.name),
      bio_html: text(person.bio),
      post_count: counted(person.post_count, "post", "posts"),
    };
    items += `<li><h2><a dir="auto" href="/users/${row.handle}">${row.name_html}</a></h2><p class="meta"><span><bdi>${row.post_count}</bdi></span></p><p class="bio"><bdi>${row.bio_html}</bdi></p></li>`;
    return row;
  });
  const last = results[ROWS - 1];
  return listPage({
    origin,
    path: "/users",
    title: "Authors",
    description: `The people who write on ${site.name}, newest first.`,
    kind: "Users",
    search: "Search authors",
    list: "people",
    items,
    rows,
    next: results.length > ROWS ? cursor(last.created_at, last.id) : null,
  });
}

async function apiUsers(db) {
  const { results } = await db.prepare(site.sql["users::list"]).bind(Date.now(), API_ROWS + 1).all();
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
      created_at: iso(person.created_at),
    })),
    next: results.length > API_ROWS ? cursor(last.created_at, last.id) : null,
  });
}

async function post(db, origin, slug) {
  const now = Date.now();
  const prepare = (name, ...values) => db.prepare(site.sql[name]).bind(...values);
  const [found, discussion, older, newer] = await db.batch([
    prepare("posts::read, 1 of 4", now, slug, slug),
    prepare("posts::read, 2 of 4", slug, COMMENTS + 1),
    prepare("posts::read, 3 of 4", now, slug, slug, 1),
    prepare("posts::read, 4 of 4", now, slug, slug, 1),
  ]);
  const post = found.results[0];
  const isDue = ["published", "scheduled"].includes(post?.status) && post.published_at <= now;
  const isPublic = isDue && !post.posts_deleted_at && !post.users_deleted_at;
  if (!isPublic || post.slug !== slug) return null;
  const path = `/posts/${slug}`;
  const author = `/users/${post.handle}`;
  const name = text(post.name);
  const previous = older.results[0];
  const next = newer.results[0];
  const neighbour = (link, rel, word) =>
    link ? `<a rel="${rel}" href="/posts/${link.slug}"><small>${word}</small><bdi>${text(link.title)}</bdi></a>` : "";
  const neighbours =
    previous || next
      ? `<nav aria-label="Next to this post" class="neighbours">${neighbour(previous, "prev", "Earlier")}${neighbour(next, "next", "Later")}</nav>`
      : "";
  const published = iso(post.published_at);
  const modified = iso(post.updated_at);
  const { width, height } = site.image;
  return shell({
    origin,
    path,
    title: post.title,
    description: post.excerpt,
    kind: "article",
    feed: [`${author}/feed.xml`, post.name],
    article: `<meta property="article:published_time" content="${published}"><meta property="article:modified_time" content="${modified}"><meta property="article:author" content="${origin}${author}">`,
    jsonLd: {
      "@context": "https://schema.org",
      "@type": "BlogPosting",
      author: { "@type": "Person", name: post.name, url: origin + author },
      commentCount: post.comment_count,
      dateModified: modified,
      datePublished: published,
      description: post.excerpt,
      headline: post.title,
      image: { "@type": "ImageObject", height, url: origin + site.image.path, width },
      inLanguage: "en",
      mainEntityOfPage: { "@id": origin + path, "@type": "WebPage" },
      publisher: {
        "@type": "Organization",
        logo: { "@type": "ImageObject", height: 180, url: `${origin}/apple-touch-icon.png`, width: 180 },
        name: site.name,
        url: `${origin}/`,
      },
      url: origin + path,
    },
    main: `<article lang="en" dir="ltr"><header class="post-header"><h1><bdi>${text(post.title)}</bdi></h1><p class="lead"><bdi>${text(post.excerpt)}</bdi></p><p class="meta"><a rel="author" href="${author}"><bdi>${name}</bdi></a>${day(post.published_at)}<span><bdi>${post.reading_minutes} min read</bdi></span></p></header><div class="prose">${post.content_html}</div></article><aside aria-labelledby="author" class="author"><p class="meta">Written by</p><h2 id="author"><a href="${author}"><bdi>${name}</bdi></a></h2><p class="bio"><bdi>${text(post.bio)}</bdi></p><p class="meta"><a href="${author}"><bdi>${counted(post.post_count, "post", "posts")}</bdi></a><a href="${author}/feed.xml">Feed</a></p></aside>${neighbours}${comments(post, discussion.results, path)}`,
  });
}

function comments(post, results, path) {
  if (post.comment_count === 0) {
    return `<section aria-labelledby="comments" class="comments"><h2 id="comments">Comments</h2><p class="empty">Nobody has said anything yet.</p></section>`;
  }
  const rows = results.slice(0, COMMENTS);
  let items = "";
  for (const one of rows) {
    items += `<li><article class="comment"><p class="meta"><a href="/users/${one.handle}"><bdi>${text(one.name)}</bdi></a>${day(one.created_at)}</p><div class="comment-body">${one.body_html}</div></article></li>`;
  }
  const last = rows.at(-1);
  const next = results.length > COMMENTS ? cursor(last.created_at, last.id) : null;
  return `<section aria-labelledby="comments" class="comments"><h2 id="comments">${counted(post.comment_count, "comment", "comments")}</h2><ol>${items}</ol>${pager(path, "comments", "Older", next)}</section>`;
}

function about(origin) {
  return shell({
    origin,
    path: "/about",
    title: "About",
    description: `What ${site.name} is, who writes here, how it treats its readers, and how to take your own copy of it.`,
    jsonLd: { "@context": "https://schema.org", "@type": "AboutPage", inLanguage: "en", name: `About ${site.name}` },
    main: `<h1>About ${text(site.name)}</h1><div class="prose"><p>${text(site.about)}</p><h2>Reading</h2><p>Nothing here follows you. There are no advertisements, no counters and no cookies, except one that remembers the theme you chose, if you chose one. Pages work without scripts, in any browser, by keyboard and by ear. Everything is in the <a href="/feed.xml">feed</a>, and every author has one too.</p><h2>Writing</h2><p>Posts are written in Markdown, in any language and script. An author may change or withdraw a post at any time; when its address changes, the old one leads to the new.</p><h2>How it is made</h2><p>${text(site.name)} is one program in Rust, from the database to the page, that runs on Cloudflare Workers. Its pages are rendered close to whoever asks for them, with one question to the database each. Programs can read everything through the <a href="/api/openapi.json">JSON API</a>.</p></div>`,
  });
}
