// CPU and response time of each page, compared with the hand-written baseline.

import { cpuMicros } from "./cpu.mjs";
import { load } from "./load.mjs";
import { difference } from "./baseline.mjs";
import { HONO_PAGES } from "./hono.mjs";

const CONNECTIONS = 8;

/** The measured pages. The post has every Markdown feature, and comments. */
export const PAGES = ["/posts", "/posts/everything-markdown-can-do-here", "/users", "/api/v1/users", "/about"];

/** Returns the median; for an even count, the lower of the two. */
export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/** Fetches the body of a page, without the server's port, so that bodies can be compared. */
export async function body(server, path) {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path}: status ${response.status}: ${text.slice(0, 200)}`);
  return text.replaceAll(`127.0.0.1:${server.port}`, "127.0.0.1");
}

/** Request options of a server. */
const target = ({ port, headers, status }) => ({ port, headers, status });

/** Measures one run: CPU µs of the process per request, requests per second, p50 and p99 in ms. */
export async function run(server, path, count) {
  const before = cpuMicros(server.pid);
  const figures = await load({ ...target(server), path, count, connections: CONNECTIONS });
  return { ...figures, cpu: (cpuMicros(server.pid) - before) / count };
}

/**
 * Measures `path` on each of `servers` (by name) and returns medians. Rounds are interleaved, so that other load affects all
 * servers equally.
 */
export async function interleaved(servers, path, { rounds, count, warmUp }) {
  const runs = Object.fromEntries(Object.keys(servers).map((name) => [name, []]));
  for (const server of Object.values(servers)) {
    await load({ ...target(server), path, count: warmUp, connections: CONNECTIONS });
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, server] of Object.entries(servers)) runs[name].push(await run(server, path, count));
  }
  const medians = (all) =>
    Object.fromEntries(Object.keys(all[0]).map((figure) => [figure, median(all.map((one) => one[figure]))]));
  return Object.fromEntries(
    Object.entries(runs).map(([name, all]) => [name, { ...medians(all), cpuOfEachRound: all.map((one) => one.cpu) }]),
  );
}

/**
 * Measures one page. `servers` has `ours`, `ready` (the site with prerendered pages), `baseline` and, for the pages that it
 * has, `hono`. Ratios are to the baseline.
 */
export async function page({ hono, ...servers }, path, amount) {
  const differs = difference(await body(servers.ours, path), await body(servers.baseline, path));
  const all = HONO_PAGES.includes(path) ? { ...servers, hono } : servers;
  const figures = await interleaved(all, path, amount);
  const ratios = Object.fromEntries(Object.entries(figures).map(([name, { cpu }]) => [name, cpu / figures.baseline.cpu]));
  return { path, ...figures, ratios, differs };
}
