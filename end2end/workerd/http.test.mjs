// Bytes on the wire of the built Worker: hosts, redirects, lengths, encodings, large bodies. The native server's are tested
// in server/native-server/tests/server/wire.rs.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { seeded, start } from "./harness.mjs";

let data, site;

before(async () => {
  data = await seeded();
  site = await start({ state: data.state });
});

after(async () => {
  await site?.stop();
  await data?.remove();
});

/** Sends text as it is; returns the status, the head in lower case and the body, as far as they come. */
function raw(text) {
  const { port } = new URL(site.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), "127.0.0.1");
    const chunks = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    // A server that refuses a body may close before all of it is sent.
    socket.on("error", () => {});
    socket.on("close", () => {
      const answer = Buffer.concat(chunks).toString("latin1");
      const [head, ...body] = answer.split("\r\n\r\n");
      resolve({ status: Number(head.split(" ")[1]), head: head.toLowerCase(), body: body.join("\r\n\r\n") });
    });
    socket.write(text);
  });
}

const get = (target, headers = []) =>
  raw([`GET ${target} HTTP/1.1`, "Host: a.example", "Connection: close", ...headers, "", ""].join("\r\n"));

test("no redirect leaves the site", async () => {
  for (const target of ["/\\evil.example/", "//evil.example/", "/\\/evil.example//", "/%5Cevil.example/", "/%09/evil.example/"]) {
    const { head } = await get(target);
    const location = /\r\nlocation: (.*)/.exec(head)?.[1] ?? "/";
    assert.match(location, /^\/(?![/\\])/, target);
  }
  const referer = "Referer: https://evil.example/x";
  const call = await get("/fn/list_posts?query=&cursor=", ["Accept: text/html,*/*", referer]);
  assert.equal(call.status, 200);
  assert.doesNotMatch(call.head, /\r\nlocation:/);
});

test("what becomes an origin is a host", async () => {
  const { status, body } = await raw("GET /posts HTTP/1.1\r\nHost: a&b\r\nConnection: close\r\n\r\n");
  assert.equal(status, 400);
  assert.doesNotMatch(body, /http:\/\/a&/);
});

test("an unchanged response states no length", async () => {
  for (const path of ["/", "/posts", "/posts/one-hundred-loaves", "/feed.xml", "/api/v1/posts"]) {
    const response = await fetch(new URL(path, site.url));
    const etag = response.headers.get("etag");
    for (const method of ["GET", "HEAD"]) {
      const known = await raw(
        `${method} ${path} HTTP/1.1\r\nHost: ${new URL(site.url).host}\r\nIf-None-Match: ${etag}\r\nConnection: close\r\n\r\n`,
      );
      assert.equal(known.status, 304, `${method} ${path}`);
      assert.doesNotMatch(known.head, /content-length|content-encoding/, `${method} ${path}`);
    }
  }
});

test("feeds are compressed for those who take gzip", async () => {
  const address = new URL("/feed.xml", site.url);
  const plain = await fetch(address, { headers: { "accept-encoding": "identity" } });
  assert.equal(plain.headers.get("content-encoding"), null);
  const encoded = await raw(
    `GET /feed.xml HTTP/1.1\r\nHost: ${address.host}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`,
  );
  assert.match(encoded.head, /content-encoding: gzip/);
  assert.match(encoded.head, /vary: accept-encoding/);
  assert.match(encoded.head, /cross-origin-resource-policy: cross-origin/);
  assert.match(encoded.head, /etag: w\//);
  const text = await (await fetch(address, { headers: { "accept-encoding": "gzip" } })).text();
  assert.equal(text, await plain.text());
  const bytes = Buffer.from(dechunked(encoded), "latin1");
  assert.equal(gunzipSync(bytes).toString(), text);
  assert.ok(bytes.length < text.length / 2);
});

/** The body without the frames of `Transfer-Encoding: chunked`. */
function dechunked({ head, body }) {
  if (!head.includes("transfer-encoding: chunked")) return body;
  let [text, rest] = ["", body];
  for (;;) {
    const [size] = rest.split("\r\n", 1);
    const length = Number.parseInt(size, 16);
    if (!length) return text;
    const from = size.length + 2;
    text += rest.slice(from, from + length);
    rest = rest.slice(from + length + 2);
  }
}

test("a large body is refused without being read, and cut where it is wanted", async () => {
  const form = "Host: a.example\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked";
  const chunk = `186a0\r\n${"x".repeat(100_000)}\r\n`;
  for (const [head, status] of [
    [`POST /theme HTTP/1.1\r\n${form}`, 413],
    [`POST /theme HTTP/1.1\r\n${form}\r\nOrigin: https://evil.example`, 403],
    [`POST /posts HTTP/1.1\r\n${form}`, 405],
    [`POST /nowhere HTTP/1.1\r\n${form}`, 404],
    [`POST /api/v1/posts HTTP/1.1\r\n${form}`, 405],
  ]) {
    // Who refuses a request answers before its body is there, which is sent only where it is wanted.
    const answer = await raw(`${head}\r\nConnection: close\r\n\r\n${chunk.repeat(status === 413 ? 40 : 1)}`);
    assert.equal(answer.status, status, head);
    assert.match(answer.head, /cache-control: no-store/, head);
    assert.match(answer.head, head.includes("/api/") ? /problem\+json/ : /text\/html/, head);
  }
  for (const [target, status] of [["/theme", 413], ["/posts", 405], ["/nowhere", 404], ["/api/v1/posts", 405]]) {
    const head = `POST ${target} HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/x-www-form-urlencoded`;
    const answer = await raw(`${head}\r\nConnection: close\r\nContent-Length: 40000000\r\n\r\n`);
    assert.equal(answer.status, status, `${target} with a length`);
  }
  const small = await fetch(new URL("/theme", site.url), {
    method: "POST",
    body: new URLSearchParams({ theme: "dark" }),
    redirect: "manual",
  });
  assert.equal(small.status, 303);
});

test("a cookie that is not ASCII hides no other", async () => {
  for (const cookies of ["theme=dark", "other=\u00fc; theme=dark", "theme=dark; \u540d=x"]) {
    for (const path of ["/posts", "/posts/one-hundred-loaves"]) {
      const { body } = await get(path, [`Cookie: ${cookies}`]);
      assert.match(body, /data-theme="dark"/, `${path} with ${cookies}`);
    }
  }
});
