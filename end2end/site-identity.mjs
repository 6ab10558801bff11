// What the site says of itself, from its sources: `app/src/site.rs`, and the links of its header from `app/src/components/layout.rs`.
import { readFileSync } from "node:fs";

const source = (file) => readFileSync(new URL(`../app/src/${file}`, import.meta.url), "utf8");
const SOURCE = source("site.rs");

/** The text of one of its constants. A line that ends with a backslash goes on without the spaces that follow. */
function constant(name) {
  const [, text] = new RegExp(`${name}: &str =\\s*"((?:[^"\\\\]|\\\\[^])*)"`).exec(SOURCE);
  return text.replace(/\\\n\s*/g, "").replace(/\\(.)/g, "$1");
}

/** The links of the header: path and text. */
function navigation() {
  const [, links] = /const NAVIGATION: [^=]*= \[([^\]]*)\]/.exec(source("components/layout.rs"));
  return [...links.matchAll(/\("([^"]*)", "([^"]*)"\)/g)].map(([, path, text]) => [path, text]);
}

export const SITE_NAME = constant("NAME");
export const SITE_TAGLINE = constant("TAGLINE");
export const SITE_ABOUT = constant("ABOUT");
export const NAVIGATION = navigation();
