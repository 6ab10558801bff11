// CPU of PostgreSQL logins by SCRAM-SHA-256 in the Worker: no socket, no server, no page. The test build of the Worker does
// many in one request; see server/db/src/drivers/postgres/log_in_bench.rs.

import { cpuMicros } from "./cpu.mjs";
import { median } from "./pages.mjs";

/** Target for one login, in µs of CPU. */
export const TARGET_MICROS = 300;

/** In table order. `times` is the number of logins per request, so that their CPU is far above the clock tick. */
export const MODES = {
  kept: { title: "key cached: every login of an isolate but its first", times: 60_000 },
  fresh: { title: "key derived by WebCrypto: an isolate's first login", times: 1000 },
  tokio: { title: "as tokio-postgres does it, every time", times: 300 },
};
/** The server's side, which the route computes in the same request; it is subtracted from the others. */
const PEER = "peer";
const PEER_TIMES = 100_000;

async function cpu(server, way, times) {
  const before = cpuMicros(server.pid);
  const response = await fetch(`http://127.0.0.1:${server.port}/test/log-in?way=${way}&times=${times}`);
  const text = await response.text();
  if (response.status !== 200 || text !== '"done"') {
    throw new Error(`a login (${way}): status ${response.status}: ${text.slice(0, 200)}`);
  }
  return cpuMicros(server.pid) - before;
}

/**
 * Measures the CPU µs of one login in each mode, and of the server's side: a request with many logins minus a request with
 * none, divided by their number. Interleaved; medians of the rounds. `part` scales the number of logins.
 */
export async function loginCpu(server, { rounds, part = 1 }) {
  const counts = { ...Object.fromEntries(Object.entries(MODES).map(([way, { times }]) => [way, times])), [PEER]: PEER_TIMES };
  const runs = Object.fromEntries(Object.keys(counts).map((way) => [way, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [way, all] of Object.entries(counts)) {
      const times = Math.ceil(all * part);
      const none = await cpu(server, way, 0);
      const many = await cpu(server, way, times);
      // The first round compiles the code.
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
