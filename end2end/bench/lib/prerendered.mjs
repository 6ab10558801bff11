// Prerendered pages: made by the native program, and what the Worker's CPU is for them.

import { execFileSync } from "node:child_process";
import { interleaved } from "./pages.mjs";

/** Where the site of measurements and tests is: what is prerendered for one address is not shown at another. */
export const ORIGIN = "https://waypost.test";

/** Prerenders the database at `url` into the folder `out`. The program must be of the same build as the Worker. */
export function prerender({ root, url, out }) {
  const program = process.env.PRERENDER;
  if (!program) throw new Error("PRERENDER is not set: it is the program that prerenders; start this by cargo x");
  execFileSync(program, ["--out", out, "--site-url", ORIGIN], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: url },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/**
 * CPU of one page in three states: rendered by `rendered`, which has no files; from its file by `fresh`; and not sent again,
 * because the reader has it. `questions` and `version` are what D1's simulation takes of the first and of the others.
 */
export async function states({ rendered, fresh, questions, version }, path, amount) {
  const response = await fetch(`http://127.0.0.1:${fresh.port}${path}`);
  const etag = response.headers.get("etag");
  await response.arrayBuffer();
  const known = { ...fresh, headers: { "If-None-Match": etag }, status: 304 };
  const figures = await interleaved({ rendered, fresh, known, questions, version }, path, amount);
  const share = (one) => ({
    all: one.cpu / figures.rendered.cpu,
    own: (one.cpu - figures.version.cpu) / (figures.rendered.cpu - figures.questions.cpu),
  });
  return { path, ...figures, freshShare: share(figures.fresh), knownShare: share(figures.known) };
}
