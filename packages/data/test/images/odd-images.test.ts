import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createImageManifest, loadBatches, readImageSizes } from "@lmk/data/images";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { createTemporaryFolder } from "../temporary-folder.ts";
import { hugePng } from "./make-images.ts";

const folder = createTemporaryFolder();
const count = 1000;
const size = { width: 24, height: 16 };
const paths = Array.from({ length: count }, (_, row) => join(folder.path, `${row}.${extensionOf(row)}`));

/** Every twentieth image is odd, in ten ways in turn. */
const ways = [
  "truncated",
  "empty",
  "wrong-extension",
  "cmyk",
  "16-bit",
  "animated",
  "progressive",
  "too-large",
  "not-an-image",
  "missing",
] as const;
type Way = (typeof ways)[number];
const unreadable: readonly Way[] = ["truncated", "empty", "too-large", "not-an-image", "missing"];

function wayOf(row: number): Way | undefined {
  return row % 20 === 7 ? ways[Math.floor(row / 20) % 10] : undefined;
}

function extensionOf(row: number): string {
  if (row % 20 !== 7) return "jpg";
  return { 4: "png", 5: "gif" }[Math.floor(row / 20) % 10] ?? "jpg";
}

/** Every image has a colour of its own, eight apart. */
function colorOf(row: number): { r: number; g: number; b: number } {
  return { r: 8 * (row % 32), g: 8 * Math.floor(row / 32), b: 128 };
}

async function contentOf(row: number): Promise<Uint8Array | undefined> {
  const image = sharp({ create: { ...size, channels: 3, background: colorOf(row) } });
  const exact = { quality: 100, chromaSubsampling: "4:4:4" };
  switch (wayOf(row)) {
    case undefined:
      return image.jpeg(exact).toBuffer();
    case "truncated":
      return (await image.jpeg(exact).toBuffer()).subarray(0, -20);
    case "empty":
      return new Uint8Array();
    case "wrong-extension":
      return image.png().toBuffer();
    case "cmyk":
      return image.toColourspace("cmyk").jpeg(exact).toBuffer();
    case "16-bit":
      return image.toColourspace("rgb16").png().toBuffer();
    case "animated": {
      const other = sharp({ create: { ...size, channels: 3, background: "black" } });
      const frames = await Promise.all([image, other].map((frame) => frame.png().toBuffer()));
      return sharp(frames, { join: { animated: true } })
        .gif()
        .toBuffer();
    }
    case "progressive":
      return image.jpeg({ ...exact, progressive: true }).toBuffer();
    case "too-large":
      return hugePng;
    case "not-an-image":
      return Buffer.from("<html><body>404 Not Found</body></html>");
    case "missing":
      return undefined;
  }
}

async function decodedColor(row: number): Promise<{ r: number; g: number; b: number }> {
  const [r, g, b] = await sharp(paths[row]).toColourspace("srgb").raw().toBuffer();
  return { r, g, b };
}

beforeAll(async () => {
  await Promise.all(
    paths.map(async (path, row) => {
      const content = await contentOf(row);
      if (content !== undefined) writeFileSync(path, content);
    }),
  );
});

describe("a folder of 1,000 images of which 50 are odd in ten ways", () => {
  const odd = paths.flatMap((path, row) => {
    const kind = wayOf(row);
    return kind === undefined ? [] : [{ row, path, kind }];
  });
  const failing = odd.filter(({ kind }) => unreadable.includes(kind));

  it("is inspected: all 50 are named, by what is wrong with them", async () => {
    expect([odd.length, failing.length]).toEqual([50, 25]);
    const sizes = await readImageSizes(paths, { check: "decode" });
    const named = ({
      row,
      path,
      kind,
    }: (typeof sizes.failures)[number] | (typeof sizes.notices)[number]) => ({
      row,
      path,
      kind,
    });
    expect(sizes.failures.map(named)).toEqual(failing);
    // A GIF has a transparent colour as well.
    const unusual = odd
      .filter((each) => !failing.includes(each))
      .flatMap((each) => (each.kind === "animated" ? [each, { ...each, kind: "alpha" }] : [each]));
    expect(sizes.notices.map(named)).toEqual(unusual);
    const failed = new Set(failing.map(({ row }) => row));
    expect([...sizes.widths]).toEqual(paths.map((_, row) => (failed.has(row) ? 0 : size.width)));
    expect([...sizes.heights]).toEqual(paths.map((_, row) => (failed.has(row) ? 0 : size.height)));
    const manifest = createImageManifest();
    manifest.add(sizes);
    expect(manifest.counts).toEqual({ ...Object.fromEntries(ways.map((way) => [way, 5])), alpha: 5 });
  });

  it("is loaded: the 25 that cannot be read are named, all others come once with their pixels", async () => {
    const batches = Array.from({ length: 32 }, (_, i) => ({
      group: 0,
      rows: Int32Array.from({ length: Math.min(32, count - 32 * i) }, (_row, j) => 32 * i + j),
    }));
    const manifest = createImageManifest();
    const seen: number[] = [];
    const normalization = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] } as const;
    for await (const batch of loadBatches(paths, batches, { sizes: [size], normalization, manifest })) {
      const length = size.width * size.height * 3;
      for (const [place, row] of batch.rows.entries()) {
        // Four inks do not hold every colour.
        const { r, g, b } = wayOf(row) === "cmyk" ? await decodedColor(row) : colorOf(row);
        const pixels = batch.images.subarray(place * length, (place + 1) * length);
        const differences = pixels.map((value, i) => Math.abs(value - [r, g, b][i % 3]));
        expect(Math.max(...differences), `row ${row}`).toBeLessThanOrEqual(2);
        seen.push(row);
      }
    }
    expect(manifest.entries.map(({ row, path, kind }) => ({ row, path, kind }))).toEqual(failing);
    const failed = new Set(failing.map(({ row }) => row));
    expect(seen).toEqual(paths.flatMap((_, row) => (failed.has(row) ? [] : [row])));
  });
});
