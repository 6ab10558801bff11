// What a browser loads for a page, compressed.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

/** Brotli as an edge does it while it sends, and as well as it can be done. */
const QUALITIES = { fast: 4, best: 11 };

function compressed(content) {
  return Object.fromEntries(
    Object.entries(QUALITIES).map(([name, quality]) => [
      name,
      brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }).length,
    ]),
  );
}

const add = (a, b) => ({ fast: a.fast + b.fast, best: a.best + b.best });
const attribute = (tag, name) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];

/** The assets that `html` names: those it needs to be readable and usable, and those that come later. */
function assets(html) {
  const needed = [];
  const later = [];
  for (const [tag] of html.matchAll(/<(?:link|script)\b[^>]*>/g)) {
    const address = attribute(tag, "href") ?? attribute(tag, "src");
    if (!address?.startsWith("/assets/")) continue;
    const isPlainScript = tag.startsWith("<script") && !/\b(?:async|defer|type)\b/.test(tag);
    const isNeeded = isPlainScript || attribute(tag, "rel") === "stylesheet";
    (isNeeded ? needed : later).push(address);
  }
  return { needed, later };
}

/** Bytes of the page `path` until it is readable and usable, and with everything; assets from the folder `site`. */
export async function bytes(server, path, site) {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  const html = await response.text();
  const size = (address) => compressed(readFileSync(join(site, address)));
  const { needed, later } = assets(html);
  const parts = Object.fromEntries(
    [["html", compressed(html)]].concat([...needed, ...later].map((address) => [address, size(address)])),
  );
  const sum = (names) => names.map((name) => parts[name]).reduce(add, { fast: 0, best: 0 });
  return { path, parts, usable: sum(["html", ...needed]), all: sum(["html", ...needed, ...later]) };
}
