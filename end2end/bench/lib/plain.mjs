// The hand-written Workers that Waypost is measured beside, with the SQL and the assets of the present build.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { script } from "./workerd.mjs";

const SNAPSHOT = "server/db/src/queries/snapshots/db__queries__snapshots__sqlite.snap";

/** Waypost's SQL by the names of its queries, as the snapshots have it. */
export function statements(root) {
  const lines = readFileSync(join(root, SNAPSHOT), "utf8").split("\n");
  const named = lines.flatMap((line, at) => (line.startsWith("-- ") ? [[line.slice(3), lines[at + 1]]] : []));
  return Object.fromEntries(named);
}

/** What `start` needs to serve the same pages, written by hand. */
export function plain({ root, manifest }) {
  return {
    modules: own("worker.js"),
    text: { SQL: JSON.stringify(statements(root)), ASSET_MANIFEST: readFileSync(manifest, "utf8") },
  };
}

/** What `start` needs to serve nothing, after asking the database what the pages ask. */
export function databaseAlone({ root }) {
  return { modules: own("database.js"), text: { SQL: JSON.stringify(statements(root)) } };
}

function own(file) {
  return script(readFileSync(join(import.meta.dirname, "../plain", file), "utf8"));
}

/** What a reader sees of a page, and nothing else: no tags, no white space between them. */
function words(body) {
  return body.replace(/<!--.*?-->|<[^>]*>/gs, " ").replace(/\s+/g, " ").trim();
}

/** How a page of the plain Worker differs from ours; null when it is close enough to be compared. */
export function difference(ours, theirs) {
  const [a, b] = [words(ours), words(theirs)];
  if (a !== b) {
    let at = 0;
    while (a[at] === b[at]) at += 1;
    return `ours has “${a.slice(at, at + 40)}” where plain/worker.js has “${b.slice(at, at + 40)}”`;
  }
  const share = Math.abs(ours.length - theirs.length) / ours.length;
  return share > 0.05 ? `ours has ${ours.length} characters, plain/worker.js ${theirs.length}` : null;
}
