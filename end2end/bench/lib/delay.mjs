// A way to a server that takes as long as a network would. It also counts who comes.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { performance } from "node:perf_hooks";

const HOST = "127.0.0.1";
/** PostgreSQL's word that a log-in is done (ReadyForQuery, outside of a transaction). */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
/** The end of one direction, in its place among the bytes. */
const END = Symbol("end");

/**
 * Listens on a port of its own and passes everything on to `server`'s: each byte takes half of `roundTrip` (ms) in each
 * direction, and a connection one round trip before its first byte. With `isNear`, the log-in takes no time, as through
 * Hyperdrive, which logs in beside the Worker and keeps its own connections to the database.
 */
export async function delayed(server, { roundTrip, isNear = false }) {
  const open = new Set();
  let connections = 0;
  const listener = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    connections += 1;
    open.add(client);
    client.on("close", () => open.delete(client));
    void pass(client, server, { roundTrip, isNear });
  });
  listener.listen(0, HOST);
  await once(listener, "listening");
  return {
    port: listener.address().port,
    connections: () => connections,
    stop: async () => {
      for (const client of open) client.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
}

function pass(client, { port }, { roundTrip, isNear }) {
  let isReady = !isNear;
  const half = () => (isReady ? roundTrip / 2 : 0);
  // The client believes itself connected at once; in truth the server's consent has yet to arrive.
  const connected = performance.now() + (isNear ? 0 : roundTrip);
  const upstream = connect({ port, host: HOST, noDelay: true, allowHalfOpen: true });
  const there = direction(upstream, half, connected);
  // A server that speaks first does so when it hears that the client has connected.
  const back = direction(client, half, connected + (isNear ? 0 : roundTrip / 2));
  client.on("data", there);
  client.on("end", () => there(END));
  upstream.on("data", (chunk) => {
    back(chunk);
    isReady ||= chunk.includes(READY);
  });
  upstream.on("end", () => back(END));
  const destroy = () => {
    client.destroy();
    upstream.destroy();
  };
  client.on("error", destroy).on("close", () => there(END));
  upstream.on("error", destroy).on("close", () => back(END));
}

/** Gives `to` what it is called with, in order, each after what `half()` says then; nothing sets out before `from`. */
function direction(to, half, from) {
  const queue = [];
  let hasEnded = false;
  const deliver = () => {
    while (queue.length > 0 && queue[0].at <= performance.now()) {
      const { chunk } = queue.shift();
      if (chunk === END) to.end();
      else if (!to.destroyed) to.write(chunk);
    }
    if (queue.length === 0) return;
    // Timers know whole milliseconds; the rest is waited for turn by turn.
    const left = Math.floor(queue[0].at - performance.now());
    if (left > 0) setTimeout(deliver, left);
    else setImmediate(deliver);
  };
  return (chunk) => {
    if (hasEnded) return;
    hasEnded = chunk === END;
    const now = performance.now();
    const delay = half();
    queue.push({ chunk, at: delay === 0 && from <= now ? now : Math.max(now, from) + delay });
    if (queue.length === 1) deliver();
  };
}
