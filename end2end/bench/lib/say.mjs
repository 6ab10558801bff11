// What the person who measures sees: steps while they run, tables when they are done.

import { performance } from "node:perf_hooks";

const isTerminal = process.stdout.isTTY === true;

export function say(line) {
  process.stdout.write(`${line}\n`);
}

export function heading(text) {
  say(`\n${text}`);
}

/** A count, with its thousands apart. */
export function number(value) {
  return value.toLocaleString("en-US");
}

/** Runs `work`, and says that it does, for how long, and what it tells on its way. */
export async function step(name, work) {
  const begin = performance.now();
  const tell = (text) => isTerminal && process.stdout.write(`\r▸ ${name} … ${text}`);
  if (isTerminal) tell("");
  const result = await work(tell);
  say(`${isTerminal ? "\r" : ""}▸ ${name} … ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  return result;
}

/** Rows below their titles; the first column is text, the others are figures. */
export function table(titles, rows) {
  const widths = titles.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at].length)));
  for (const row of [titles, ...rows]) {
    const cells = row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at])));
    say(`  ${cells.join("  ")}`);
  }
}
