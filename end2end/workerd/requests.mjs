// Requests to a Worker whose database may be unavailable, and checks of the responses.
import assert from "node:assert/strict";

/** A post of the example site. */
export const SLUG = "one-hundred-loaves";
/** A connection and two queries that time out, and one second for the rest. */
const REQUEST_TIMEOUT_MS = 26_000;

/** Sends a request and reads the whole response. Fails if it takes too long. */
export async function request(url, address, init) {
  const response = await fetch(new URL(address, url), { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS), ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Adds to a number of the post, one statement for each 1, all or nothing. */
export const increment = (url, by = 1) => request(url, `/test/increment?slug=${SLUG}&by=${by}`, { method: "POST" });

/** Asserts that a response is a 503 with a `Retry-After` header and shows the reason. */
export function assertUnavailable({ status, headers, text }, reason) {
  assert.equal(status, 503, text);
  assert.ok(Number(headers.get("retry-after")) > 0);
  assert.equal(headers.get("cache-control"), "no-store");
  assert.match(text, reason);
  // Visitors must not see what the log may contain: the address of the database and its user.
  assert.doesNotMatch(text, /someone|site_user|:[^/@\s]{20,}@/);
}
