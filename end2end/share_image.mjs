// Draws what the site shows of itself elsewhere, from its name and tagline in app/src/site.rs: the picture beside a link to it
// (app/public/og.png), and its icon for browsers that know no SVG (app/public/favicon.ico). A test compares their words.
//   CHROMIUM=/usr/bin/chromium node_modules/.bin/node end2end/share_image.mjs

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";
import { chromium } from "@playwright/test";

const ROOT = path.resolve(import.meta.dirname, "..");
const PUBLIC = path.join(ROOT, "app/public");
const SIZE = { width: 1200, height: 630 };
const ICON_SIZES = [16, 32, 48];

const source = readFileSync(path.join(ROOT, "app/src/site.rs"), "utf8");
const constant = (name) => new RegExp(`const ${name}: &str = "([^"]+)"`).exec(source)[1];
const [name, tagline] = [constant("NAME"), constant("TAGLINE")];
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const contours = readFileSync(path.join(PUBLIC, "media/contours.svg"), "utf8");
const icon = readFileSync(path.join(PUBLIC, "favicon.svg"), "utf8");

const PICTURE = `<!DOCTYPE html>
<style>
  :root { color-scheme: dark }
  body { position: relative; margin: 0; block-size: 630px; overflow: hidden; background: #14261f; color: #e8eee8; font-family: Charter, "Bitstream Charter", "Noto Serif", serif }
  svg.contours { position: absolute; inset: -20px -60px auto auto; inline-size: 1000px; block-size: auto; stroke: #6f9a78 }
  .trail { position: absolute; inset-block: 94px 0; inset-inline-start: 85px; border-inline-start: 4px dashed #8fab97 }
  i { position: absolute; inset-inline-start: 73px; inline-size: 24px; block-size: 24px; rotate: 45deg; border: 4px solid #8fab97; background: #14261f; box-shadow: 0 0 0 6px #14261f }
  i.own { border-color: #ffc61a; background: #ffc61a }
  p { position: absolute; inset-inline: 150px 90px; margin: 0 }
  .name { inset-block-start: 66px; font: 700 40px/1.4 Seravek, "Noto Sans", sans-serif }
  .tagline { inset-block: 150px 60px; display: flex; align-items: center; font-size: 98px; line-height: 1.1; letter-spacing: -0.02em; text-wrap: balance }
</style>
${contours.replace("<svg", '<svg class="contours"')}
<div class="trail"></div>
<i class="own" style="top: 78px"></i><i style="top: 250px"></i><i style="top: 400px"></i><i class="own" style="top: 550px"></i>
<p class="name">${escaped(name)}</p>
<p class="tagline"><span>${escaped(tagline)}</span></p>`;

/** The PNG with a text before its first data, by which a test knows what it shows. */
function described(png, text) {
  const body = Buffer.concat([Buffer.from("tEXtDescription\0", "latin1"), Buffer.from(text)]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  sum.writeUInt32BE(crc32(body));
  const afterHeader = 8 + 25;
  return Buffer.concat([png.subarray(0, afterHeader), length, body, sum, png.subarray(afterHeader)]);
}

/** An icon file of PNGs, each a square. */
function ico(pictures) {
  const directory = Buffer.alloc(6 + 16 * pictures.length);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(pictures.length, 4);
  let offset = directory.length;
  pictures.forEach(({ size, png }, n) => {
    const at = 6 + 16 * n;
    directory.set([size, size], at);
    directory.writeUInt16LE(1, at + 4);
    directory.writeUInt16LE(32, at + 6);
    directory.writeUInt32LE(png.length, at + 8);
    directory.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([directory, ...pictures.map(({ png }) => png)]);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
try {
  const page = await browser.newPage({ viewport: SIZE });
  await page.setContent(PICTURE);
  writeFileSync(path.join(PUBLIC, "og.png"), described(await page.screenshot(), `${name}: ${tagline}`));
  const pictures = [];
  for (const size of ICON_SIZES) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(`<!DOCTYPE html><body style="margin: 0">${icon.replace("<svg", '<svg style="display: block"')}`);
    pictures.push({ size, png: await page.screenshot({ omitBackground: true }) });
  }
  writeFileSync(path.join(PUBLIC, "favicon.ico"), ico(pictures));
} finally {
  await browser.close();
}
