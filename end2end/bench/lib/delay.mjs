// A TCP proxy that delays traffic like a network, and counts connections.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { performance } from "node:perf_hooks";

const HOST = "127.0.0.1";
/** PostgreSQL's message after a login (ReadyForQuery, outside a transaction). */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
/** Queue entry for the end of one direction. */
const END = Symbol("end");

/**
 * Listens on its own port and forwards everything to the port of `server`. Each byte takes half of `roundTrip` (ms) in each
 * direction, and a new connection takes one round trip before its first byte. With `isNear`, connecting and logging in take
 * no time, as with Hyperdrive, which accepts logins beside the Worker and keeps its own connections to the database.
 */
export async function startDelayProxy(server, { roundTrip, isNear = false }) {
  const clients = new Set();
  let connections = 0;
  const listener = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    connections += 1;
    clients.add(client);
    client.on("close", () => clients.delete(client));
    void pass(client, server, { roundTrip, isNear });
  });
  listener.listen(0, HOST);
  await once(listener, "listening");
  return {
    port: listener.address().port,
    connections: () => connections,
    stop: async () => {
      for (const client of clients) client.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
}

function pass(client, { port }, { roundTrip, isNear }) {
  let isReady = !isNear;
  const half = () => (isReady ? roundTrip / 2 : 0);
  // The client sees itself connected at once, although the server's acceptance would still be on its way.
  const connected = performance.now() + (isNear ? 0 : roundTrip);
  const upstream = connect({ port, host: HOST, noDelay: true, allowHalfOpen: true });
  const toServer = direction(upstream, half, connected);
  // A server that speaks first does so half a round trip after the client has connected.
  const toClient = direction(client, half, connected + (isNear ? 0 : roundTrip / 2));
  client.on("data", toServer);
  client.on("end", () => toServer(END));
  upstream.on("data", (chunk) => {
    toClient(chunk);
    isReady ||= chunk.includes(READY);
  });
  upstream.on("end", () => toClient(END));
  const destroy = () => {
    client.destroy();
    upstream.destroy();
  };
  client.on("error", destroy).on("close", () => toServer(END));
  upstream.on("error", destroy).on("close", () => toClient(END));
}

/** Returns a function that writes chunks to `to` in order, each delayed by `half()`; none is sent before `from`. */
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
    // Timers have a resolution of one millisecond; the rest is polled.
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
