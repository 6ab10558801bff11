// Prints what a WebAssembly module with function names is made of, as JSON: `{ crates: [[crate, bytes], …], data }`, largest
// first. A function belongs to the crate that wrote it, also where it was made for another crate's type.
import { readFileSync } from "node:fs";

/** Sections of a module: https://webassembly.github.io/spec/core/binary/modules.html */
const CODE = 10;
const DATA = 11;
const CUSTOM = 0;
/** The part of the section `name` that names functions. */
const FUNCTION_NAMES = 1;

const bytes = readFileSync(process.argv[1]);
let at = 8;

/** An unsigned number in LEB128. */
function number() {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}
function text() {
  const length = number();
  at += length;
  return bytes.toString("utf8", at - length, at);
}

/** How many functions are imported: they are counted first. */
const importedFunctions = () =>
  WebAssembly.Module.imports(new WebAssembly.Module(bytes)).filter(({ kind }) => kind === "function").length;

/** The crate that a function's demangled name begins with; the rest is glue between wasm and JavaScript. */
const crateOf = (name) => name?.match(/(?<![\w:])([a-z_]\w*)(?:\[[0-9a-f]+\])?::/)?.[1] ?? "glue";

const sizes = [];
const names = new Map();
let data = 0;
while (at < bytes.length) {
  const [section, length] = [bytes[at++], number()];
  const end = at + length;
  if (section === CODE) {
    for (let left = number(); left > 0; left -= 1) {
      const size = number();
      sizes.push(size);
      at += size;
    }
  } else if (section === DATA) {
    data = length;
  } else if (section === CUSTOM && text() === "name") {
    while (at < end) {
      const [part, partLength] = [bytes[at++], number()];
      const next = at + partLength;
      if (part === FUNCTION_NAMES) for (let left = number(); left > 0; left -= 1) names.set(number(), text());
      at = next;
    }
  }
  at = end;
}

const first = importedFunctions();
const crates = new Map();
sizes.forEach((size, n) => {
  const crate = crateOf(names.get(first + n));
  crates.set(crate, (crates.get(crate) ?? 0) + size);
});
process.stdout.write(JSON.stringify({ crates: [...crates].sort(([, a], [, b]) => b - a), data }));
