// Console output of benchmarks: progress of steps, and tables of results.

import { performance } from "node:perf_hooks";

const isTerminal = process.stdout.isTTY === true;

export function print(line) {
  process.stdout.write(`${line}\n`);
}

export function heading(text) {
  print(`\n${text}`);
}

/** Formats a count with thousands separators. */
export function formatNumber(value) {
  return value.toLocaleString("en-US");
}

/** Runs `work(progress)`, and prints its name, progress and duration. */
export async function step(name, work) {
  const begin = performance.now();
  const progress = (text) => isTerminal && process.stdout.write(`\r▸ ${name} … ${text}`);
  if (isTerminal) progress("");
  const result = await work(progress);
  print(`${isTerminal ? "\r" : ""}▸ ${name} … ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  return result;
}

/** Prints a table; the first column is text, the others are numbers. */
export function table(titles, rows) {
  const widths = titles.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at].length)));
  for (const row of [titles, ...rows]) {
    const cells = row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at])));
    print(`  ${cells.join("  ")}`);
  }
}
