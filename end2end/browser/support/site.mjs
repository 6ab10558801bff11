// The pages of the example site that are tested, and access to the API.
import { SITE_NAME } from "../../site-identity.mjs";

export { SITE_NAME };

/** Placeholder for the second page, whose cursor is only known at run time. */
const SECOND_PAGE = Symbol("second page");

const usual = { status: 200, hasIsland: false, isListed: true, tag: [] };
const plain = (name, path, title, kind) => ({ name, path, title, kind, ...usual });
const post = (name, slug, title) => plain(`post ${name}`, `/posts/${slug}`, title, "BlogPosting");
const list = (name, path, title) => ({ ...plain(name, path, title, "CollectionPage"), hasIsland: true });
const search = (name, path, title) => ({ ...list(name, path, title), isListed: false });
const failure = (name, path, title, status) => ({ ...plain(name, path, title), status });
/** Marks one page of each kind, for smoke runs. */
const smoke = (page) => ({ ...page, tag: ["@smoke"] });

/**
 * Every kind of page: test name, path, status, title (without the site's name; or its pattern), JSON-LD type (`kind`), whether it has an
 * island, whether search engines may index it, and the tags of its tests.
 */
export const PAGES = [
  smoke(plain("home", "/", SITE_NAME, "WebSite")),
  list("posts", "/posts", "Posts"),
  search("posts, searched", "/posts?q=train", "Posts that match “train”"),
  search("posts, searched in vain", "/posts?q=zzzz", "Posts that match “zzzz”"),
  search("posts, searched for nothing", "/posts?q=%F0%9F%8D%95", "Nothing to search for"),
  smoke(list("posts, second page", SECOND_PAGE, /^Posts before \d+ \w+ \d{4}$/)),
  post("with all of Markdown", "everything-markdown-can-do-here", "Everything Markdown can do here"),
  post("that attacks", "why-sanitising-matters", "Why sanitising matters: an article that attacks itself"),
  post("in Arabic", "al-khara-it-al-latifa", "خرائط لا تكذب كثيرًا"),
  post("in Chinese", "xiu-yi-ben-jiu-shu", "修一本旧书"),
  post("without comments", "slugs-one-lettuce-nil", "Slugs, one; lettuce, nil"),
  smoke(post("with many comments", "one-hundred-loaves", "One hundred loaves")),
  list("authors", "/users", "Authors"),
  smoke(search("authors, searched", "/users?q=baker", "Authors that match “baker”")),
  smoke(plain("profile", "/users/ines-carvalho", "Inês Carvalho", "ProfilePage")),
  smoke(plain("about", "/about", "About", "AboutPage")),
  smoke(failure("not found", "/nowhere", "This path leads nowhere", 404)),
  failure("withdrawn", "/posts/the-house-style-in-nine-lines", "This page was taken down", 410),
  failure("bad cursor", "/posts?cursor=bad", "This address is not understood", 400),
];

/** Returns the address of one of `PAGES`. */
export async function addressOf(page, request) {
  if (page.path !== SECOND_PAGE) return page.path;
  const first = await json(request, "/api/v1/posts?limit=10");
  return `/posts?cursor=${first.next}`;
}

/** Fetches JSON from the API. */
export async function json(request, path) {
  const response = await request.get(path);
  if (!response.ok()) throw new Error(`${path} answers ${response.status()}`);
  return response.json();
}

/** Fetches all rows of an API list, page by page. */
export async function everything(request, path) {
  const rows = [];
  const separator = path.includes("?") ? "&" : "?";
  let next = "";
  do {
    const list = await json(request, `${path}${separator}limit=100${next && `&cursor=${next}`}`);
    rows.push(...list.data);
    next = list.next;
  } while (next);
  return rows;
}
