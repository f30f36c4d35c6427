import "@tensorflow/tfjs-backend-cpu";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEmbedder, type Embedder, type ImageSource } from "@lmk/models/embedder";
import { type Pixels, preprocessings, squash, toInput } from "@lmk/models/images";
import * as tf from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { colors, echo, ownSize, painted, plain } from "./embedder-models.ts";

const files = new URL("./embedder-files/", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "lmk-images-"));
const turned = fileURLToPath(new URL("turned.jpg", files));

/** What Pillow reads of `turned.jpg`. */
function pillowPixels(which: "stored" | "shown"): Pixels {
  const { turned: pixels } = JSON.parse(readFileSync(new URL("expected.json", files), "utf8"));
  const { width, height, base64 } = pixels[which];
  return { data: Buffer.from(base64, "base64"), width, height, channels: 3 };
}

const weights = colors.initialize({ seed: 0 });
let embedder: Embedder;

beforeAll(async () => {
  await tf.setBackend("cpu");
  embedder = await createEmbedder({ model: colors, weights, preprocessing: ownSize, normalize: false });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The mean color of an image, as bytes. */
async function colorOf(source: ImageSource): Promise<number[] | string> {
  const { embeddings, failures } = await embedder.embedAll([source]);
  return failures[0]?.message ?? Array.from(embeddings.data, (value) => Math.round(value * 255));
}

/** An image of 20 × 10 pixels in one color. */
const plate = (color: object) => sharp({ create: { width: 20, height: 10, channels: 3, background: color } });
const brown = plate({ r: 200, g: 100, b: 50 });

describe("images", () => {
  it("are taken as a path, bytes, a sharp object or pixels", async () => {
    const path = join(folder, "brown.png");
    await brown.clone().toFile(path);
    const bytes = readFileSync(path);
    for (const source of [path, bytes, new Uint8Array(bytes), sharp(path), brown, painted([200, 100, 50])]) {
      expect(await colorOf(source)).toEqual([200, 100, 50]);
    }
  });

  it("may be a sharp object that is used again", async () => {
    const half = brown.clone().extract({ left: 0, top: 0, width: 5, height: 5 });
    const { rows } = await embedder.embedAll([half, half]);
    expect([...rows]).toEqual([0, 1]);
    expect((await half.toBuffer({ resolveWithObject: true })).info.width).toBe(5);
  });

  it.each(["stored", "shown"] as const)("have Pillow's pixels, profile or not: %s", async (which) => {
    for (const preprocessing of [
      { ...preprocessings.gld2021First(2) },
      { ...preprocessings.timm({ size: 2, cropShare: 0.5 }) },
      { ...plain(2), geometry: squash({ width: 2, height: 2 }), kernel: "pillow-lanczos" as const },
    ]) {
      const echoes = await createEmbedder({
        model: echo,
        weights: {},
        preprocessing,
        normalize: false,
        autoOrient: which === "shown",
      });
      const { embeddings } = await echoes.embedAll([turned]);
      expect([...embeddings.data]).toEqual([...toInput(pillowPixels(which), preprocessing).data]);
    }
  });

  it("become red, green and blue of 8 bits", async () => {
    const gray = plate({ r: 90, g: 90, b: 90 });
    expect(await colorOf(await gray.clone().toColourspace("b-w").png().toBuffer())).toEqual([90, 90, 90]);
    expect(await colorOf(await gray.clone().toColourspace("b-w").jpeg().toBuffer())).toEqual([90, 90, 90]);
    expect(await colorOf(await gray.clone().toColourspace("grey16").png().toBuffer())).toEqual([90, 90, 90]);
    expect(await colorOf(await brown.clone().toColourspace("rgb16").png().toBuffer())).toEqual([
      200, 100, 50,
    ]);
    expect(await colorOf(await brown.clone().png({ palette: true }).toBuffer())).toEqual([200, 100, 50]);
    expect(await colorOf(await brown.clone().webp({ lossless: true }).toBuffer())).toEqual([200, 100, 50]);
    const inks = await colorOf(await brown.clone().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer());
    [200, 100, 50].forEach((value, i) => {
      expect(Math.abs(Number(inks[i]) - value)).toBeLessThan(40);
    });
  });

  it("lose their transparency, and keep the color beneath", async () => {
    const data = Buffer.from([200, 100, 50, 0, 200, 100, 50, 255]);
    const glass = sharp(data, { raw: { width: 2, height: 1, channels: 4 } });
    expect(await colorOf(await glass.clone().png().toBuffer())).toEqual([200, 100, 50]);
    expect(await colorOf(glass)).toEqual([200, 100, 50]);
    const grayGlass = sharp(Buffer.from([80, 0, 80, 255]), { raw: { width: 2, height: 1, channels: 2 } });
    expect(await colorOf(await grayGlass.png().toBuffer())).toEqual([80, 80, 80]);
  });

  it("are the first picture of an animation", async () => {
    const pictures = Buffer.concat([Buffer.alloc(48, 255), Buffer.alloc(48, 0)]);
    const raw = { width: 4, height: 8, channels: 3, pageHeight: 4 } as const;
    const gif = await sharp(pictures, { raw })
      .gif({ delay: [100, 100] })
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    expect(await colorOf(gif)).toEqual([255, 255, 255]);
  });
});

describe("failures", () => {
  it("say what is wrong, and stop nothing", async () => {
    const jpeg = await sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: "red",
        noise: { type: "gaussian", mean: 128, sigma: 60 },
      },
    })
      .jpeg()
      .toBuffer();
    const cut = join(folder, "cut.jpg");
    const text = join(folder, "text.jpg");
    const missing = join(folder, "missing.jpg");
    writeFileSync(cut, jpeg.subarray(0, jpeg.length / 2));
    writeFileSync(text, "not an image");
    const red = painted([255, 0, 0]);
    const { embeddings, rows, failures } = await embedder.embedAll([
      missing,
      red,
      cut,
      text,
      folder,
      "",
      red,
      jpeg.subarray(0, jpeg.length / 2),
      new Uint8Array(),
      new Uint8Array(12),
      sharp(missing),
      { data: new Uint8Array(16), width: 2, height: 2, channels: 4 },
      { data: new Uint8Array(5), width: 2, height: 2, channels: 3 },
      red,
    ]);
    expect([...rows]).toEqual([1, 6, 13]);
    expect(embeddings.rows).toBe(3);
    expect(failures).toEqual([
      { row: 0, path: missing, message: "Input file is missing" },
      { row: 2, path: cut, message: "Input file is truncated or corrupt" },
      { row: 3, path: text, message: "Input file contains unsupported image format" },
      { row: 4, path: folder, message: "Input file contains unsupported image format" },
      { row: 5, path: "", message: "Input file is missing" },
      { row: 7, message: "Input image is truncated or corrupt" },
      { row: 8, message: "Input Bit Array is empty" },
      { row: 9, message: "Input buffer contains unsupported image format" },
      { row: 10, message: `Input file is missing: ${missing}` },
      { row: 11, message: "toInput: expected `channels` to be 3, got 4" },
      { row: 12, message: "toInput: expected `data` to hold 2 × 2 × 3 bytes, got 5" },
    ]);
  });

  it("are those of the geometry too", async () => {
    const picky = await createEmbedder({
      model: colors,
      weights,
      preprocessing: {
        ...plain(4),
        geometry: ({ width }) => {
          if (width > 4) throw new RangeError("geometry: too wide\nby far");
          return { resize: { width, height: 4 } };
        },
      },
    });
    const { failures } = await picky.embedAll([painted([1, 2, 3], 5, 1), turned, painted([1, 2, 3])]);
    expect(failures).toEqual([
      { row: 0, message: "geometry: too wide" },
      { row: 1, path: turned, message: "geometry: too wide" },
    ]);
  });

  it("may be all there is", async () => {
    const batches = [];
    const seen: number[] = [];
    const onProgress = (done: number) => seen.push(done);
    for await (const batch of embedder.embed(["no.jpg", "none.jpg"], { onProgress })) batches.push(batch);
    expect(batches).toEqual([
      {
        embeddings: { data: new Float32Array(), rows: 0, columns: 3 },
        rows: new Int32Array(),
        failures: [
          { row: 0, path: "no.jpg", message: "Input file is missing" },
          { row: 1, path: "none.jpg", message: "Input file is missing" },
        ],
      },
    ]);
    expect(seen).toEqual([2]);
  });
});

describe("what is no image", () => {
  it("ends the run", async () => {
    const refused: [unknown, string][] = [
      [null, "Null"],
      [undefined, "Undefined"],
      [7, "Number"],
      [new URL("file:///photo.jpg"), "URL"],
      [{ data: new Uint8Array(3) }, "Object"],
    ];
    for (const [source, kind] of refused) {
      await expect(embedder.embedAll([painted([1, 2, 3]), source as ImageSource])).rejects.toThrow(
        new TypeError(
          `embed: expected \`images\` to hold paths, bytes, sharp objects or pixels, got ${kind} at 1`,
        ),
      );
    }
    await expect(embedder.embedAll("photo.jpg")).rejects.toThrow(
      new TypeError("embed: expected `images` to be a list or a stream of images, got one string"),
    );
  });
});
