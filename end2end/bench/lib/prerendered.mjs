// Prerendering by the native program, and the CPU cost of prerendered pages in the Worker.

import { execFileSync } from "node:child_process";
import { interleaved } from "./pages.mjs";

/** Origin of the site in measurements and tests: pages that are prerendered for one origin are not served at another. */
export const ORIGIN = "https://site.test";

/** Prerenders the database at `url`, of posts and users at most `limit` each, into the folder `out`. Program and Worker must be of one build. */
export function prerender({ root, url, out, limit }) {
  const program = process.env.PRERENDER;
  if (!program) throw new Error("PRERENDER is not set; it must name the prerendering program. Run this through cargo x");
  const limited = limit ? ["--limit", String(limit)] : [];
  execFileSync(program, ["--out", out, "--site-url", ORIGIN, ...limited], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: url },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/**
 * Measures the CPU of one page in three states: rendered (server `rendered`, which has no files), from its file (`fresh`), and
 * as a 304.
 */
export async function measureStates({ rendered, fresh }, path, amount) {
  const response = await fetch(`http://127.0.0.1:${fresh.port}${path}`);
  const etag = response.headers.get("etag");
  await response.arrayBuffer();
  const known = { ...fresh, headers: { "If-None-Match": etag }, status: 304 };
  const figures = await interleaved({ rendered, fresh, known }, path, amount);
  const share = (one) => one.cpu / figures.rendered.cpu;
  return { path, ...figures, freshShare: share(figures.fresh), knownShare: share(figures.known) };
}
