// The addresses that tests ask for, from `addresses.json`. The tests of the server crate read it too, and fail for a route
// that it leaves out.
import { readFileSync } from "node:fs";

const usual = { status: 200, island: false, indexed: true, sitemap: false, smoke: false, streamed: false };
const listed = JSON.parse(readFileSync(new URL("addresses.json", import.meta.url), "utf8"), (_, value) =>
  value?.path ? { ...usual, ...value } : value,
);

/** The pages: every kind, with what it should show. */
export const PAGES = listed.pages;

/** Every address. */
export const ADDRESSES = Object.values(listed).flat();
