// CPU profiles of the Worker's isolate, through workerd's inspector.

import { writeFileSync } from "node:fs";
import { load } from "./load.mjs";

const INTERVAL_MICROS = 100;

/** Returns true if a wasm module has function names. */
export function hasNames(wasm) {
  return WebAssembly.Module.customSections(new WebAssembly.Module(wasm), "name").length > 0;
}

/** Connects to the inspector; `send(method, params)` returns the result. */
async function open(address) {
  const socket = new WebSocket(address);
  const waiting = new Map();
  let last = 0;
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error(`no inspector at ${address}`)), { once: true });
  });
  socket.addEventListener("message", ({ data }) => {
    const { id, result, error } = JSON.parse(data);
    const answer = waiting.get(id);
    waiting.delete(id);
    if (error) answer?.reject(new Error(error.message));
    else answer?.resolve(result);
  });
  socket.addEventListener("close", () => {
    for (const { reject } of waiting.values()) reject(new Error("the inspector closed the connection"));
  });
  const send = (method, params = {}) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  return { send, close: () => socket.close() };
}

/** Profiles `count` requests of `path`, and writes a profile for DevTools to `file`. */
export async function profile(server, { path, count, warmUp, file }) {
  await load({ port: server.port, path, count: warmUp, connections: 8 });
  const inspector = await open(server.inspector);
  await inspector.send("Profiler.enable");
  await inspector.send("Profiler.setSamplingInterval", { interval: INTERVAL_MICROS });
  await inspector.send("Profiler.start");
  await load({ port: server.port, path, count, connections: 8 });
  const { profile } = await inspector.send("Profiler.stop");
  inspector.close();
  writeFileSync(file, JSON.stringify(profile));
  return selfTimes(profile, count);
}

/** Returns each function's own time in µs per request, longest first, without idle time. */
function selfTimes({ nodes, samples, timeDeltas }, count) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const times = new Map();
  samples.forEach((id, at) => {
    const { functionName, url, lineNumber } = byId.get(id).callFrame;
    if (functionName === "(idle)" || functionName === "(program)") return;
    const place = url.startsWith("wasm:") ? "wasm" : url ? `${url.split("/").at(-1)}:${lineNumber + 1}` : "";
    const name = `${functionName || "(anonymous)"}${place ? `  ${place}` : ""}`;
    times.set(name, (times.get(name) ?? 0) + Math.max(0, timeDeltas[at]));
  });
  return [...times]
    .map(([name, micros]) => ({ name, micros: micros / count }))
    .sort((a, b) => b.micros - a.micros);
}
