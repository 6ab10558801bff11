// The hand-written baseline Workers, with the SQL and the assets of the current build.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SITE_ABOUT, SITE_NAME } from "../../site-identity.mjs";
import { script } from "./workerd.mjs";

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
      SITE_NAME,
      SITE_ABOUT,
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

/** Extracts the visible text of a page. */
function visibleText(body) {
  return body.replace(/<!--.*?-->|<script\b.*?<\/script>|<[^>]*>/gs, " ").replace(/\s+/g, " ").trim();
}

/** Describes how a page of the baseline differs from ours; null if they are close enough to compare. */
export function difference(ours, theirs) {
  const [a, b] = [visibleText(ours), visibleText(theirs)];
  if (a !== b) {
    let at = 0;
    while (a[at] === b[at]) at += 1;
    return `ours has “${a.slice(at, at + 40)}” where baseline/worker.js has “${b.slice(at, at + 40)}”`;
  }
  const share = Math.abs(ours.length - theirs.length) / ours.length;
  return share > 0.05 ? `ours has ${ours.length} characters, baseline/worker.js ${theirs.length}` : null;
}
