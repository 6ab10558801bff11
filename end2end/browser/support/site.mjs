// The pages of the example site that are tested, and access to the API.
import { PAGES as LISTED } from "../../addresses.mjs";
import { SITE_NAME } from "../../site-identity.mjs";

export { SITE_NAME };

/** Every kind of page. The title is without the site's name; a page without one of its own has the site's. */
export const PAGES = LISTED.map((page) => ({
  ...page,
  title: page.title || SITE_NAME,
  tag: page.smoke ? ["@smoke"] : [],
}));

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
