// The first request of a fresh isolate: from starting workerd to the first response, compared with an empty Worker.

import { performance } from "node:perf_hooks";
import { startBare } from "./bare.mjs";
import { script } from "./workerd.mjs";

const TRIVIAL = { modules: script('export default { fetch() { return new Response("ok"); } };'), path: "/" };

async function once({ path, ...worker }) {
  const begin = performance.now();
  const server = await startBare(worker);
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${path}: status ${response.status}`);
    return performance.now() - begin;
  } finally {
    await server.stop();
  }
}

/**
 * Measures the fastest of `times` starts in ms for each named Worker (`{ modules, database, text, path }`), and for a trivial
 * Worker with equal bindings; `over` is the difference. Starts are interleaved. Fastest, because other load only adds time.
 */
export async function coldStarts(workers, times, progress) {
  const all = {};
  for (let n = 0; n < times; n += 1) {
    for (const [name, worker] of Object.entries(workers)) {
      const { database, text } = worker;
      for (const [key, one] of [["trivial", { ...TRIVIAL, database, text }], ["own", worker]]) {
        ((all[name] ??= {})[key] ??= []).push(await once(one));
      }
    }
    progress(n + 1);
  }
  return Object.fromEntries(
    Object.entries(all).map(([name, { trivial, own }]) => [
      name,
      { trivial: Math.min(...trivial), own: Math.min(...own), over: Math.min(...own) - Math.min(...trivial) },
    ]),
  );
}
