// Prints [[raw, gzip, brotli], …] in bytes for the files named as arguments.
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const sizes = process.argv.slice(1).map((path) => {
  const content = readFileSync(path);
  return [content.length, gzipSync(content, { level: 9 }).length, brotliCompressSync(content).length];
});
process.stdout.write(JSON.stringify(sizes));
