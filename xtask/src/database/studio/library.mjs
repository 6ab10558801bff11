// The installed packages, which are not in this folder, and the certificates to trust.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import tls from "node:tls";

/** The folder of the installed packages and of the page made from them. */
export const installed = process.env.STUDIO_INSTALLED;

export const library = createRequire(path.join(installed, "package.json"));

/** The authorities to trust: those of the web, the system's, or those in a file. */
export function certificates(authorities) {
  if (authorities === "public") return undefined;
  if (authorities === "system") return tls.getCACertificates("system");
  return readFileSync(authorities, "utf8");
}
