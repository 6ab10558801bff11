// What a log-in to PostgreSQL by SCRAM-SHA-256 costs a Worker in computing alone: no socket, no server, no page. The test
// build of the Worker does many in one request; see server/db/src/drivers/postgres/log_in_bench.rs.

import { cpuMicros } from "./cpu.mjs";
import { median } from "./pages.mjs";

/** What a log-in may cost at most, in µs of CPU. */
export const AIM = 300;

/** In the order of the table; so many log-ins a request that their CPU is far above the clock's tick. */
export const WAYS = {
  kept: { title: "the key kept: each log-in of an isolate but its first", times: 60_000 },
  fresh: { title: "the key made by WebCrypto: an isolate's first", times: 1000 },
  tokio: { title: "as tokio-postgres does it, each time", times: 300 },
};
/** The server's side, which the route computes in the same request: taken off the others. */
const PEER = "peer";
const PEER_TIMES = 100_000;

async function cpu(server, way, times) {
  const before = cpuMicros(server.pid);
  const response = await fetch(`http://127.0.0.1:${server.port}/test/log-in?way=${way}&times=${times}`);
  const text = await response.text();
  if (response.status !== 200 || text !== '"done"') {
    throw new Error(`a log-in (${way}): status ${response.status}: ${text.slice(0, 200)}`);
  }
  return cpuMicros(server.pid) - before;
}

/**
 * CPU µs of one log-in in each way, and of the server's side: those of a request with many log-ins without those of a
 * request with none, shared among the log-ins. Interleaved; medians of the rounds. `part` makes the requests smaller.
 */
export async function computing(server, { rounds, part = 1 }) {
  const counts = { ...Object.fromEntries(Object.entries(WAYS).map(([way, { times }]) => [way, times])), [PEER]: PEER_TIMES };
  const runs = Object.fromEntries(Object.keys(counts).map((way) => [way, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [way, all] of Object.entries(counts)) {
      const times = Math.ceil(all * part);
      const none = await cpu(server, way, 0);
      const many = await cpu(server, way, times);
      // The first ones compile.
      if (round >= 0) runs[way].push((many - none) / times);
    }
  }
  const peer = median(runs[PEER]);
  const figures = Object.entries(runs).map(([way, all]) => {
    const gross = median(all);
    return [way, { cpu: way === PEER ? gross : gross - peer, gross, cpuOfEachRound: all }];
  });
  return Object.fromEntries(figures);
}
