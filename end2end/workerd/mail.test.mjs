// Mail from workerd: by a service over HTTP, by Cloudflare's binding, and what is said where neither takes it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { seeded, start } from "./harness.mjs";

const LIMITS = { SIGN_IN_LIMIT: 50, SIGN_UP_LIMIT: 50, CODE_LIMIT: 50, TOKEN_LIMIT: 50, WRITE_LIMIT: 50 };
const PASSWORD = "plum lantern gravel";
const FROM = "mail@site.example";
let place;
const opened = [];

before(async () => {
  place = await seeded();
});
after(async () => {
  await Promise.all(opened.map((one) => one.stop()));
  await place.remove();
});

async function open(options) {
  const site = await start({ state: place.state, limits: LIMITS, ...options, vars: { REGISTRATION: "open", ...options.vars } });
  opened.push(site);
  return site;
}

/** A service that takes mail as JSON, and answers with `status`. */
async function service() {
  const received = [];
  const answer = { status: 200 };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    received.push({ method: request.method, headers: request.headers, mail: JSON.parse(body) });
    response.writeHead(answer.status).end('{"message":"hidden"}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({ stop: () => new Promise((resolve) => server.close(resolve)) });
  return { url: `http://127.0.0.1:${server.address().port}/emails`, received, answer };
}

const send = (site, path, fields, cookie = "") =>
  fetch(site.url + path, {
    method: "POST",
    redirect: "manual",
    headers: { "sec-fetch-site": "same-origin", "cf-connecting-ip": "192.0.2.1", cookie },
    body: new URLSearchParams(fields),
  });

const cookies = (response) => response.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");

test("a service takes mail over HTTP, and a code in it resets the password", async () => {
  const { url, received, answer } = await service();
  const site = await open({ vars: { MAIL_API_URL: url, MAIL_API_TOKEN: "token of a test", MAIL_FROM: FROM } });
  const account = { handle: "mira", name: "Mira", email: "mira@example.com", password: PASSWORD };
  const up = await send(site, "/signup", account);
  assert.equal(up.status, 303, await up.text());
  assert.match(cookies(up), /__Host-session=\w{43}; .*__Host-code=\w{43}/);
  const [{ method, headers, mail }] = received;
  assert.equal(method, "POST");
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers.authorization, "Bearer token of a test");
  assert.deepEqual(Object.keys(mail).sort(), ["from", "html", "subject", "text", "to"]);
  assert.match(mail.from, /^"[^"]+" <mail@site\.example>$/);
  assert.equal(mail.to, account.email);
  assert.equal(mail.subject, "Your code to confirm your address");
  assert.match(mail.html, /^<!doctype html>/);

  const asked = await send(site, "/reset", { email: account.email });
  assert.deepEqual([asked.status, asked.headers.get("location")], [303, "/reset/code"]);
  const [, code] = /^ {4}(\d{4} \d{4})$/m.exec(received[1].mail.text);
  const fields = { email: account.email, code, password: "quiet copper thistle" };
  const set = await send(site, "/reset/code", fields, cookies(asked));
  assert.equal(set.status, 303, await set.text());
  assert.equal(received[2].mail.subject, "Your password was changed");

  answer.status = 500;
  const refused = await send(site, "/reset", { email: account.email });
  assert.equal(refused.status, 503);
  const text = await refused.text();
  assert.match(text, /The mail could not be sent\./);
  assert.match(text, /value="mira@example\.com"/);
  assert.match(site.lines.join("\n"), /The mail service at MAIL_API_URL answered 500/);
  assert.doesNotMatch(site.lines.join("\n"), /hidden|token of a test/);
});

test("Cloudflare's binding takes mail, from and to whom it may be sent", async () => {
  const to = ["nobody@example.com"];
  const site = await open({
    mail: { MAIL: { allowedSenderAddresses: [FROM], allowedDestinationAddresses: to } },
    vars: { MAIL_FROM: FROM },
  });
  const asked = await send(site, "/reset", { email: to[0] });
  assert.equal(asked.status, 303, site.lines.join("\n"));
  assert.equal((await send(site, "/reset", { email: "other@example.com" })).status, 503);
  assert.match(site.lines.join("\n"), /The binding MAIL did not take a mail: .*\(recipient\)/);
  const mail = { MAIL: { allowedSenderAddresses: ["other@site.example"] } };
  const another = await open({ mail, vars: { MAIL_FROM: FROM } });
  assert.equal((await send(another, "/reset", { email: to[0] })).status, 503);
  assert.match(another.lines.join("\n"), /The binding MAIL did not take a mail: .*mail@site\.example/);
});

test("nothing is sent in the clear", async () => {
  const site = await open({ vars: { MAIL_API_URL: "http://mail.example/emails", MAIL_FROM: FROM } });
  assert.equal((await send(site, "/reset", { email: "nobody@example.com" })).status, 503);
  assert.match(site.lines.join("\n"), /MAIL_API_URL does not begin with https/);
});

test("a sender without MAIL_FROM sends nothing, and the log says what is missing", async () => {
  const { url, received } = await service();
  const site = await open({ vars: { MAIL_API_URL: url } });
  const form = await (await fetch(`${site.url}/reset`)).text();
  assert.match(form, /cannot send mail at the moment/);
  assert.equal((await send(site, "/reset", { email: "nobody@example.com" })).status, 503);
  assert.deepEqual(received, []);
  assert.match(site.lines.join("\n"), /MAIL_FROM is not set/);
});
