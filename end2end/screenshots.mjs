// Takes the screenshots for the README from a running site with the example data at BASE_URL:
//   cargo x dev
//   CHROMIUM=/usr/bin/chromium node_modules/.bin/node end2end/screenshots.mjs
// With STUDIO_URL, which `cargo x db studio --db postgres` prints, that of the studio alone.
// Absent: checks; the browser tests do that.

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { chromium } from "@playwright/test";

const BASE_URL = process.env.BASE_URL ?? "http://127.0.0.1:8787";
const OUTPUT_FOLDER = path.resolve(import.meta.dirname, "../docs");
const SIZE = { width: 1280, height: 800 };
const MAX_BYTES = 150_000;
const { STUDIO_URL } = process.env;
const PICTURES = STUDIO_URL
  ? [{ name: "studio.png", address: STUDIO_URL, colorScheme: "light", table: "posts" }]
  : [
      { name: "posts-light.png", address: "/posts", colorScheme: "light" },
      { name: "home-dark.png", address: "/", colorScheme: "dark" },
    ];
/** Bytes per pixel of PNG colour types at 8 bits (PNG specification, 11.2.1). */
const BYTES_PER_PIXEL = { 2: 3, 6: 4 };
const PALETTE = 3;

/** Decodes an 8-bit PNG from Chromium to one number 0xRRGGBB per pixel. */
function pixels(png) {
  const data = [];
  let bytes = 0;
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    const type = png.toString("latin1", at + 4, at + 8);
    if (type === "IHDR") bytes = BYTES_PER_PIXEL[png[at + 17]];
    if (type === "IDAT") data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const lines = inflateSync(Buffer.concat(data));
  const stride = SIZE.width * bytes;
  const found = new Uint32Array(SIZE.width * SIZE.height);
  let above = new Uint8Array(stride);
  for (let y = 0; y < SIZE.height; y += 1) {
    const filter = lines[y * (stride + 1)];
    const line = lines.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1));
    for (let x = 0; x < stride; x += 1) {
      const left = x < bytes ? 0 : line[x - bytes];
      const corner = x < bytes ? 0 : above[x - bytes];
      line[x] += [0, left, above[x], (left + above[x]) >> 1, paeth(left, above[x], corner)][filter];
    }
    for (let x = 0; x < SIZE.width; x += 1) {
      found[y * SIZE.width + x] = line[x * bytes] * 65536 + line[x * bytes + 1] * 256 + line[x * bytes + 2];
    }
    above = line;
  }
  return found;
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value));
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** Reduces to the 256 most frequent colours; others become the nearest of these, which is invisible in screenshots of text. */
function quantise(all) {
  const counts = new Map();
  for (const color of all) counts.set(color, (counts.get(color) ?? 0) + 1);
  const palette = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([color]) => color);
  const nearest = new Map(palette.map((color, index) => [color, index]));
  const distance = (a, b) =>
    [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0);
  for (const color of counts.keys()) {
    if (nearest.has(color)) continue;
    let best = 0;
    for (let index = 1; index < palette.length; index += 1) {
      if (distance(color, palette[index]) < distance(color, palette[best])) best = index;
    }
    nearest.set(color, best);
  }
  return { palette, indices: Uint8Array.from(all, (color) => nearest.get(color)) };
}

function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function write({ palette, indices }) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIZE.width, 0);
  header.writeUInt32BE(SIZE.height, 4);
  header.set([8, PALETTE], 8);
  const lines = Buffer.alloc(SIZE.height * (SIZE.width + 1));
  for (let y = 0; y < SIZE.height; y += 1) {
    lines.set(indices.subarray(y * SIZE.width, (y + 1) * SIZE.width), y * (SIZE.width + 1) + 1);
  }
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]))),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
try {
  for (const { name, address, colorScheme, table } of PICTURES) {
    const page = await browser.newPage({ viewport: SIZE, colorScheme, reducedMotion: "reduce", baseURL: BASE_URL });
    const response = await page.goto(address);
    if (!response.ok()) throw new Error(`${name}: the site answers ${response.status()}`);
    if (table) {
      await page.getByText(table, { exact: true }).first().click();
      await page.getByText("author_id", { exact: true }).first().waitFor();
      await page.mouse.move(0, 0);
      await page.waitForLoadState("networkidle");
    }
    const png = write(quantise(pixels(await page.screenshot())));
    await page.close();
    if (png.length > MAX_BYTES) throw new Error(`${name} has ${png.length} bytes; the limit is ${MAX_BYTES}`);
    await writeFile(path.join(OUTPUT_FOLDER, name), png);
    process.stdout.write(`docs/${name}: ${png.length} bytes\n`);
  }
} finally {
  await browser.close();
}
