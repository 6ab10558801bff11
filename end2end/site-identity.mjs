// The site's own name and words, from `app/src/site.rs`.
import { readFileSync } from "node:fs";

const SOURCE = readFileSync(new URL("../app/src/site.rs", import.meta.url), "utf8");

/** The text of one of its constants. A line that ends with a backslash goes on without the spaces that follow. */
function constant(name) {
  const [, text] = new RegExp(`${name}: &str =\\s*"((?:[^"\\\\]|\\\\[^])*)"`).exec(SOURCE);
  return text.replace(/\\\n\s*/g, "").replace(/\\(.)/g, "$1");
}

export const SITE_NAME = constant("NAME");
export const SITE_ABOUT = constant("ABOUT");
