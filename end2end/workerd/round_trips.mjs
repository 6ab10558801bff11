// The round trips of every listed address, as `Server-Timing` counts them.
import assert from "node:assert/strict";
import { ADDRESSES } from "../addresses.mjs";

/**
 * Asserts that every address has its status, and takes one connection and one round trip with the listed number of
 * statements, or none. `get` sends a request to the site.
 */
export async function assertRoundTrips(get) {
  for (const { path, status, statements, streamed } of ADDRESSES) {
    const response = await get(path);
    await response.text();
    assert.equal(response.status, status, path);
    // Its headers leave before its last statement.
    if (streamed) continue;
    const timing = response.headers.get("server-timing");
    const expected = statements
      ? new RegExp(`"1 connections, 1 round trips, ${statements} statements, \\d+ rows"`)
      : /"0 connections, 0 round trips/;
    assert.match(timing, expected, path);
    assert.ok(statements <= 4, path);
  }
}
