// The Worker's outermost layer: keeps a panic in one request from hurting any other.
//
// A panic traps the wasm instance, and worker-build's shim makes a fresh one for the next request; whatever else was
// under way in the trapped instance would never end. Here those requests notice, and the safe ones are asked again.
import App from "./index.js";

// wasm-bindgen runs its tasks by `queueMicrotask`, which costs 5 µs a call in workerd; a settled promise does the same. What
// a task throws stays an uncaught error, by which the shim learns of a trap.
const microtask = globalThis.queueMicrotask;
const settledPromise = Promise.resolve();
const rethrow = (error) =>
  microtask(() => {
    throw error;
  });
globalThis.queueMicrotask = (task) => void settledPromise.then(task).catch(rethrow);

/** How often a request is asked again because another one panicked. */
const TRIES = 5;

/** What a request gets from the wait when its instance has been lost. */
const LOST = Symbol("lost");

let count = 0;
/** What ends the wait of each request that is under way. */
const waiting = new Set();
/** The numbers of requests that panicked, until they are answered. */
const culprits = new Set();

// Called by the panic hook with the number of the request that was being polled.
globalThis.reportPanic = (number) => {
  culprits.add(number);
  for (const lose of waiting) lose();
};

/** After the trap has been reported, and the shim knows that it must make a fresh instance. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * The wasm's functions, behind the shim's proxies, which make a fresh instance after a trap. They are asked for once: an
 * object of the shim for each request would cost more than all that this file does.
 */
const app = new App({}, {});
const { fetch: dispatch, scheduled, abandon } = app;

/**
 * The response, or LOST when the instance was lost before there was one. When the client goes away, the wasm drops what it
 * does for it, and frees it: the platform only stops to run it.
 */
async function answer(request, env, ctx) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const lose = () => resolve(LOST);
  waiting.add(lose);
  try {
    request.signal.addEventListener("abort", () => waiting.has(lose) && abandon(request.number));
    dispatch.call({ env, ctx }, request).then(resolve, reject);
    return await promise;
  } catch (error) {
    console.error("the Worker failed", error);
    return LOST;
  } finally {
    waiting.delete(lose);
  }
}

export default {
  async fetch(request, env, ctx) {
    const number = ++count;
    request.number = number;
    const isSafe = request.method === "GET" || request.method === "HEAD";
    for (let tries = 0; tries < TRIES; tries += 1) {
      const response = await answer(request, env, ctx);
      if (response !== LOST) return response;
      await settled();
      // A write that was under way may have happened: it is not asked again.
      if (culprits.delete(number) || !isSafe) break;
    }
    request.failure = crypto.randomUUID().replaceAll("-", "");
    console.error(`error ${request.failure}: a panic ended ${request.method} ${new URL(request.url).pathname}`);
    const page = await answer(request, env, ctx);
    return page === LOST ? broken(env) : page;
  },

  // A run that a panic ended is not repeated: the next one does what it left.
  scheduled: (event, env, ctx) => scheduled.call({ env, ctx }, event),
};

/** What is left when not even the page of an error can be rendered: the one that was prerendered, if it was. */
async function broken(env) {
  const headers = { "cache-control": "no-store", "content-security-policy": "default-src 'self'; frame-ancestors 'none'" };
  try {
    const file = await env.ASSETS?.fetch("https://assets/_pages/errors/500");
    if (file?.ok) {
      headers["content-type"] = "text/html; charset=utf-8";
      return new Response(file.body, { status: 500, headers });
    }
  } catch (error) {
    console.error("the error page could not be read", error);
  }
  return new Response("Something broke on our side.", { status: 500, headers });
}
