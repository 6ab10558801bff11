// HTTP load over keep-alive connections. The client uses bare sockets, because it must cost little CPU: on a small machine,
// a heavier client would be measured instead of workerd.

import { connect } from "node:net";
import { performance } from "node:perf_hooks";

const HEAD_END = Buffer.from("\r\n\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/** Sends `count` GET requests of `path` over `connections`, one at a time on each. Each response must have `status`. */
export async function load({ port, path, count, connections, headers = {}, status = 200 }) {
  const times = [];
  let left = count;
  const takeOne = () => left-- > 0;
  const begin = performance.now();
  const clients = Array.from({ length: connections }, () => client({ port, path, takeOne, times, headers, status }));
  await Promise.all(clients);
  const seconds = (performance.now() - begin) / 1000;
  times.sort((a, b) => a - b);
  const quantile = (q) => times[Math.min(times.length - 1, Math.floor(times.length * q))];
  return { perSecond: count / seconds, p50: quantile(0.5), p99: quantile(0.99) };
}

function client({ port, path, takeOne, times, headers, status }) {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: */*\r\n${more.join("")}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let pending = [];
    let size = 0;
    let whole = null;
    let sent = 0;
    const next = () => {
      if (!takeOne()) return void socket.end(resolve);
      pending = [];
      size = 0;
      whole = null;
      sent = performance.now();
      socket.write(request);
    };
    const fail = (reason) => {
      socket.destroy();
      reject(new Error(`${path}: ${reason}`));
    };
    socket.setNoDelay(true);
    socket.on("connect", next);
    socket.on("error", reject);
    socket.on("close", () => fail("the connection was closed"));
    socket.on("data", (data) => {
      pending.push(data);
      size += data.length;
      if (!whole) {
        const head = parseHead(Buffer.concat(pending));
        if (!head) return;
        if (head.status !== status) return fail(`status ${head.status}`);
        whole = head;
      }
      const isWhole = whole.length === null ? ends(pending) : size >= whole.length;
      if (!isWhole) return;
      times.push(performance.now() - sent);
      next();
    });
  });
}

/** Parses the status, and the length of head and body together; null for a chunked body. */
function parseHead(bytes) {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return null;
  const text = bytes.toString("latin1", 0, end);
  const status = Number(text.slice(9, 12));
  if (status === 304) return { status, length: end + HEAD_END.length };
  const length = /\r\ncontent-length: *(\d+)/i.exec(text);
  return {
    status,
    length: length ? end + HEAD_END.length + Number(length[1]) : null,
  };
}

/** Returns true if a chunked body has ended. The last chunk may be split anywhere. */
function ends(pending) {
  let tail = Buffer.alloc(0);
  for (let at = pending.length - 1; at >= 0 && tail.length < LAST_CHUNK.length; at -= 1) {
    tail = Buffer.concat([pending[at], tail]);
  }
  return tail.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK);
}
