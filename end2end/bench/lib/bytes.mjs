// Compressed size of everything that a browser loads for a page.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

/** Brotli levels: typical for on-the-fly compression, and the best. */
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

/** Finds the assets of `html`: those needed to read and use the page, and those loaded later. */
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

/** Measures the bytes of the page `path` until it is usable, and in total. Assets are read from the folder `site`. */
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
