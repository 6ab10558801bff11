// An authenticator in software for benchmarks: a passkey of ES256 that a form can add and use. Absent: what a real one asks its user.

import { createHash, generateKeyPairSync, sign } from "node:crypto";

/** The user was present and verified; with the credential's data, that is said too. */
const VERIFIED = 0b0000_0101;
const WITH_CREDENTIAL = 0b0100_0000;

const base64url = (bytes) => Buffer.from(bytes).toString("base64url");
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();

/** A byte string of CBOR, of 24 to 65,535 bytes. */
function cborBytes(bytes) {
  const head = bytes.length < 256 ? [0x58, bytes.length] : [0x59, bytes.length >> 8, bytes.length & 255];
  return Buffer.concat([Buffer.from(head), bytes]);
}

const cborText = (text) => Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);

/** One passkey for the site at `origin`. */
export class Authenticator {
  #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });

  constructor(origin) {
    this.origin = origin;
    this.site = sha256(new URL(origin).hostname);
    this.id = sha256(this.#keys.publicKey.export({ type: "spki", format: "der" }));
  }

  #clientData(type, challenge) {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false }));
  }

  /** The public key as COSE has it: a map of five, EC2, ES256, P-256, x and y. */
  #cose() {
    const { x, y } = this.#keys.publicKey.export({ format: "jwk" });
    const parts = [Buffer.from([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21]), cborBytes(Buffer.from(x, "base64url")), Buffer.from([0x22])];
    return Buffer.concat([...parts, cborBytes(Buffer.from(y, "base64url"))]);
  }

  /** The fields that add the passkey, for the options that the site gave. */
  created({ challenge, user }) {
    this.user = user.id;
    const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, this.id.length]), this.id, this.#cose()]);
    const data = Buffer.concat([this.site, Buffer.from([VERIFIED | WITH_CREDENTIAL, 0, 0, 0, 0]), credential]);
    const attestation = Buffer.concat([
      Buffer.from([0xa3]),
      ...[cborText("fmt"), cborText("none"), cborText("attStmt"), Buffer.from([0xa0]), cborText("authData"), cborBytes(data)],
    ]);
    const client = this.#clientData("webauthn.create", challenge);
    return { name: "Bench", challenge, client_data: base64url(client), attestation: base64url(attestation), transports: "internal" };
  }

  /** The fields that use the passkey, for a challenge. */
  used({ challenge }) {
    const data = Buffer.concat([this.site, Buffer.from([VERIFIED, 0, 0, 0, 0])]);
    const client = this.#clientData("webauthn.get", challenge);
    const signature = sign("sha256", Buffer.concat([data, sha256(client)]), this.#keys.privateKey);
    return {
      challenge,
      credential: base64url(this.id),
      client_data: base64url(client),
      authenticator_data: base64url(data),
      signature: base64url(signature),
      user_handle: this.user,
    };
  }
}
