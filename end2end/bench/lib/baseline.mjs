// The hand-written baseline Workers, with the SQL and the assets of the current build.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { NAVIGATION, SITE_ABOUT, SITE_NAME, SITE_TAGLINE } from "../../site-identity.mjs";
import { script } from "./workerd.mjs";

/** What the pages say of the site. */
const IDENTITY = {
  name: SITE_NAME,
  about: SITE_ABOUT,
  navigation: NAVIGATION,
  image: { path: "/og.png", width: 1200, height: 630, description: `${SITE_NAME}: ${SITE_TAGLINE}` },
};

const SNAPSHOTS = "server/db/src/queries/snapshots";

/** Reads the site's SQL for SQLite from the query snapshots, by query name. */
export function statements(root) {
  const folder = join(root, SNAPSHOTS);
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  const named = texts.flatMap((text) => [...text.matchAll(/^-- (.+)\nsqlite\n(.+)$/gm)]);
  return Object.fromEntries(named.map(([, name, sql]) => [name, sql]));
}

/** Returns the options to `start` the hand-written pages. */
export function baseline({ root, manifest }) {
  return {
    modules: readScript("worker.js"),
    text: {
      SQL: JSON.stringify(statements(root)),
      ASSET_MANIFEST: readFileSync(manifest, "utf8"),
      IDENTITY: JSON.stringify(IDENTITY),
    },
  };
}

/** Returns the options to `start` a Worker that runs the pages' queries and renders nothing. */
export function databaseAlone({ root }) {
  return { modules: readScript("database.js"), text: { SQL: JSON.stringify(statements(root)) } };
}

function readScript(file) {
  return script(readFileSync(join(import.meta.dirname, "../baseline", file), "utf8"));
}

/** The markup of a page, without what it has for Leptos alone: comments, and the hash in the name of its island. */
function markup(body) {
  return body.replace(/<!--.*?-->/gs, "").replace(/(data-component="[A-Za-z]+_)\d+/g, "$1");
}

/** Describes how a page of the baseline differs from ours; null if they are the same. */
export function difference(ours, theirs) {
  const [a, b] = [markup(ours), markup(theirs)];
  if (a === b) return null;
  let at = 0;
  while (a[at] === b[at]) at += 1;
  return `ours has “${a.slice(at, at + 40)}” where the other has “${b.slice(at, at + 40)}”`;
}
