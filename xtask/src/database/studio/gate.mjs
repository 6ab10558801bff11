// Who may ask. The address that is printed has a token, which the first browser that opens it changes for a cookie. Whoever has
// no cookie is refused, and so is what another site sends: a browser says from which one it comes, and for which host.
// Absent: what is asked.
import { randomBytes, timingSafeEqual } from "node:crypto";

const random = () => randomBytes(32).toString("base64url");
const equal = (given, wanted) => {
  const [a, b] = [Buffer.from(given ?? ""), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** A request that is refused, with the sentence for whoever sent it. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The gate of a server at this port. */
export function gate(port) {
  const host = `127.0.0.1:${port}`;
  const origin = `http://${host}`;
  // Cookies are sent to every port of a host.
  const name = `studio-${port}`;
  const key = random();
  let token = random();

  /** Refuses every other name of this machine: a site may lead its own to here. */
  function checkHost({ headers }) {
    if (headers.host !== host) throw new Refused(403, `this is ${host}, and nothing under another name`);
  }

  /** Changes the token for the cookie, once. */
  function enter(request, given) {
    checkHost(request);
    if (request.method !== "GET") throw new Refused(405, "this address is opened in a browser");
    // A browser may ask for what somebody only points at.
    if (/prefetch|prerender/.test(request.headers["sec-purpose"] ?? request.headers.purpose ?? "")) {
      throw new Refused(403, "this address is not for looking ahead");
    }
    if (token === undefined) {
      throw new Refused(403, "this address was used already, and is good for one browser: end the command, and start it again");
    }
    if (!equal(given, token)) throw new Refused(403, "this is not the address that `cargo x db studio` printed");
    token = undefined;
    return `${name}=${key}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Refuses what does not come from the page itself, or from the person who opens it. */
  function check(request) {
    checkHost(request);
    const { headers } = request;
    const isUnsafe = request.method !== "GET";
    if (isUnsafe ? headers.origin !== origin : headers.origin !== undefined && headers.origin !== origin) {
      throw new Refused(403, "a page of another site may not ask here");
    }
    if (isUnsafe && (headers["sec-fetch-site"] ?? "same-origin") !== "same-origin") {
      throw new Refused(403, "a page of another site may not ask here");
    }
    const cookies = (headers.cookie ?? "").split(/; */).map((cookie) => cookie.split("="));
    if (!cookies.some(([given, value]) => given === name && equal(value, key))) {
      throw new Refused(401, "open the address that `cargo x db studio` printed: it lets one browser in");
    }
  }

  return { origin, url: `${origin}/?token=${token}`, enter, check };
}
