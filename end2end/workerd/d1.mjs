// A D1 that fails as Cloudflare documents it: a service between workerd's own D1 client and the database's process.
import { once } from "node:events";
import http from "node:http";
import { startDatabase } from "../bench/lib/bare.mjs";

/** Starts a D1 on the SQLite file `file`, which answers until it is told otherwise. */
export async function failingD1(file) {
  const database = await startDatabase(file);
  const plan = { failure: null, times: 0, gate: null, requests: 0 };
  const server = http.createServer(async (request, response) => {
    plan.requests += 1;
    const body = Buffer.concat(await Array.fromAsync(request));
    await plan.gate;
    if (plan.times > 0) {
      plan.times -= 1;
      if (plan.failure === null) return response.destroy();
      response.setHeader("content-type", "application/json");
      return response.end(JSON.stringify({ success: false, error: plan.failure }));
    }
    const { method, url, headers } = request;
    const onward = http.request({ host: "127.0.0.1", port: database.port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    onward.end(body);
  });
  // workerd keeps its connections open between requests; Node ends them while they are idle.
  server.keepAliveTimeout = 10_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    /** Requests of the Worker since the last order. */
    requests: () => plan.requests,
    /** Fails so many requests by a message, or, without one, by a connection that breaks; then answers again. */
    fail: (failure, times) => Object.assign(plan, { failure, times, requests: 0 }),
    /** Answers nothing until the returned function is called. */
    hold() {
      const { promise, resolve } = Promise.withResolvers();
      Object.assign(plan, { gate: promise, requests: 0 });
      return () => {
        plan.gate = null;
        resolve();
      };
    },
    stop() {
      server.close();
      server.closeAllConnections();
      database.stop();
    },
  };
}
