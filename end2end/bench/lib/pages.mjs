// CPU and time of each page, ours beside the hand-written one.

import { cpuMicros } from "./cpu.mjs";
import { load } from "./load.mjs";
import { difference } from "./plain.mjs";

const CONNECTIONS = 8;

/** What is measured; the post is one with every kind of Markdown and comments. */
export const PAGES = ["/posts", "/posts/everything-markdown-can-do-here", "/users", "/api/v1/users", "/about"];

/** The middle one; between two middle ones, the lower. */
export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/** The body of a page, with the server's own address as any other. */
export async function body(server, path) {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path}: status ${response.status}: ${text.slice(0, 200)}`);
  return text.replaceAll(`127.0.0.1:${server.port}`, "127.0.0.1");
}

/** Where and how a server is asked. */
const asked = ({ port, headers, status }) => ({ port, headers, status });

/** CPU µs of workerd per request, requests a second, p50 and p99 in ms; of one run. */
export async function run(server, path, count) {
  const before = cpuMicros(server.pid);
  const figures = await load({ ...asked(server), path, count, connections: CONNECTIONS });
  return { ...figures, cpu: (cpuMicros(server.pid) - before) / count };
}

/**
 * Measures `path` on each of `servers` (by name), interleaved so that whatever else the machine does meets all alike;
 * medians of the rounds.
 */
export async function interleaved(servers, path, { rounds, count, warmUp }) {
  const runs = Object.fromEntries(Object.keys(servers).map((name) => [name, []]));
  for (const server of Object.values(servers)) {
    await load({ ...asked(server), path, count: warmUp, connections: CONNECTIONS });
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, server] of Object.entries(servers)) runs[name].push(await run(server, path, count));
  }
  const middle = (all) =>
    Object.fromEntries(Object.keys(all[0]).map((figure) => [figure, median(all.map((one) => one[figure]))]));
  return Object.fromEntries(
    Object.entries(runs).map(([name, all]) => [name, { ...middle(all), cpuOfEachRound: all.map((one) => one.cpu) }]),
  );
}

/** All figures of one page. `servers` has `ours`, `plain` and `database`. */
export async function page(servers, path, amount) {
  const differs = difference(await body(servers.ours, path), await body(servers.plain, path));
  const figures = await interleaved(servers, path, amount);
  const { ours, plain, database } = figures;
  return {
    path,
    ...figures,
    ratio: ours.cpu / plain.cpu,
    ratioWithoutDatabase: (ours.cpu - database.cpu) / (plain.cpu - database.cpu),
    differs,
  };
}
