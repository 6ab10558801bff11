// Asking the Worker something that its database may not let it answer.
import assert from "node:assert/strict";

/** A post of the example site. */
export const SLUG = "one-hundred-loaves";
/** The longest that a request may take: a connection and two answers that never come, and a second for the rest. */
const LONGEST = 26_000;

/** The whole answer; a hang is a failure. */
export async function asked(url, address, init) {
  const response = await fetch(new URL(address, url), { signal: AbortSignal.timeout(LONGEST), ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Adds to a number of the post, one statement for each 1; all or nothing. */
export const increment = (url, by = 1) => asked(url, `/test/increment?slug=${SLUG}&by=${by}`, { method: "POST" });

/** A 503 that says when to come back and, in the page, what is the matter. */
export function isUnavailable({ status, headers, text }, why) {
  assert.equal(status, 503, text);
  assert.ok(Number(headers.get("retry-after")) > 0);
  assert.equal(headers.get("cache-control"), "no-store");
  assert.match(text, why);
  // What the operator's log may say, a reader need not know: where the database is and who logs in.
  assert.doesNotMatch(text, /someone|waypost:|:[^/@\s]{20,}@/);
}
