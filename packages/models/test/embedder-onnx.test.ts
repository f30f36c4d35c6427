import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createEmbedder, type Embedder, type EmbedderOptions, type OnnxModel } from "@lmk/models/embedder";
import { preprocessings, toInput } from "@lmk/models/images";
import { describe, expect, it } from "vitest";
import { painted, plain } from "./embedder-models.ts";
import { hashedPixels } from "./images-reference.ts";

const fileOf = (name: string): string =>
  fileURLToPath(new URL(`./embedder-files/${name}.onnx`, import.meta.url));

/** The files' networks: colors times this matrix. */
const matrix = [
  [1, 2, 3, 4],
  [5, 6, 7, 8],
  [9, 10, 11, 12],
] as const;

function create(
  model: Omit<OnnxModel, "onnx"> & { onnx: string | Uint8Array },
  options: object = {},
): Promise<Embedder> {
  const all: EmbedderOptions = { model, preprocessing: plain(6, 8), normalize: false, ...options };
  return createEmbedder(all);
}

const images = Array.from({ length: 5 }, (_, i) => painted([51 * i, 255 - 51 * i, 102]));
const expected = images.map((_, i) =>
  matrix[0].map((_, j) => 0.2 * i * matrix[0][j]! + (1 - 0.2 * i) * matrix[1][j]! + 0.4 * matrix[2][j]!),
);

async function expectRows(embedder: Embedder): Promise<void> {
  const { embeddings, rows } = await embedder.embedAll(images);
  expect([...rows]).toEqual([0, 1, 2, 3, 4]);
  expect([embeddings.rows, embeddings.columns]).toEqual([5, 4]);
  expected.flat().forEach((value, i) => {
    expect(Math.abs(embeddings.data[i]! - value)).toBeLessThan(1e-5);
  });
}

describe("an ONNX file", () => {
  it.each(["free", "one-image", "three-images", "last-axis"])("runs: %s", async (name) => {
    const embedder = await create({ onnx: fileOf(name) }, { batchSize: 2 });
    expect(embedder.dimension).toBe(4);
    await expectRows(embedder);
    await embedder.dispose();
    await embedder.dispose();
    await expect(embedder.embedAll(images)).rejects.toThrow(
      new RangeError("embed: expected the embedder to be in use, got a disposed one"),
    );
  });

  it("runs from bytes, with options of the session and all names given", async () => {
    const onnx = new Uint8Array(readFileSync(fileOf("free")));
    const session = { intraOpNumThreads: 1, executionProviders: ["cpu"] };
    await expectRows(await create({ onnx, input: "images", output: "embedding", layout: "NCHW", session }));
  });

  it("gives the size of its images where that is fixed", async () => {
    const photo = hashedPixels(2, 9, 11, 3);
    const [own, free] = [fileOf("one-image"), fileOf("free")].map((onnx) => ({ onnx }));
    const fixed = await createEmbedder({ model: own!, normalize: false });
    const { geometry: _, ...colors } = preprocessings.gld2021First(1);
    const input = toInput(photo, { ...plain(6, 8), ...colors });
    const { data } = await (await create(free!)).embedPrepared({ ...input, count: 1 });
    expect([...(await fixed.embedAll([photo])).embeddings.data]).toEqual([...data]);
    const square = await createEmbedder({ model: own!, size: 8 });
    await expect(square.embedAll([photo])).rejects.toThrow(
      new RangeError("embed: expected images of the network's 6 × 8 pixels, got 8 × 8"),
    );
    await expect(
      square.embedPrepared({ data: new Float32Array(8 * 8 * 3), count: 1, height: 8, width: 8 }),
    ).rejects.toThrow(
      new RangeError("embedPrepared: expected images of the network's 6 × 8 pixels, got 8 × 8"),
    );
    const large = await createEmbedder({ model: free!, normalize: false });
    expect((await large.embedAll([photo])).embeddings.columns).toBe(4);
  });

  it("runs prepared images", async () => {
    const embedder = await create({ onnx: fileOf("three-images") });
    const data = Float32Array.from({ length: 2 * 4 * 3 }, (_, i) => i % 3);
    const { data: rows } = await embedder.embedPrepared({ data, count: 2, height: 2, width: 2 });
    expect([...rows]).toEqual([23, 26, 29, 32, 23, 26, 29, 32]);
  });
});

describe("an ONNX file is refused", () => {
  it.each<[string, OnnxModel, string]>([
    [
      "an unknown output",
      { onnx: fileOf("free"), output: "logits" },
      "`output` to be one of embedding, best, sums, map, got logits",
    ],
    ["an unknown input", { onnx: fileOf("free"), input: "x" }, "`input` to be one of images, got x"],
    ["one of two inputs", { onnx: fileOf("two-inputs") }, "`input` to be one of images, scale, got none"],
    ["bytes as input", { onnx: fileOf("bytes") }, "the input images to be float32, got uint8"],
    [
      "whole numbers as output",
      { onnx: fileOf("free"), output: "best" },
      "the output best to be float32, got int64",
    ],
    [
      "the wrong layout",
      { onnx: fileOf("one-image"), layout: "NHWC" },
      "an input of shape [N, H, W, 3], got [1, 3, 8, 6]",
    ],
    [
      "an unknown layout",
      { onnx: fileOf("free"), layout: "CHWN" as "NHWC" },
      "`layout` to be NCHW or NHWC, got CHWN",
    ],
  ])("for %s", async (_, model, message) => {
    await expect(create({ ...model })).rejects.toThrow(new RangeError(`createEmbedder: expected ${message}`));
  });

  it.each(["map", "sums"])("when its output has no rows: %s", async (output) => {
    const embedder = await create({ onnx: fileOf("free"), output });
    const shape = output === "map" ? "5, 3, 8, 6" : "";
    await expect(embedder.embedAll(images)).rejects.toThrow(
      new RangeError(`embed: expected the output ${output} to have shape [5, D], got [${shape}]`),
    );
    const prepared = { data: new Float32Array(5 * 8 * 6 * 3), count: 5, height: 8, width: 6 };
    await expect(embedder.embedPrepared(prepared)).rejects.toThrow(
      new RangeError(`embedPrepared: expected the output ${output} to have shape [5, D], got [${shape}]`),
    );
  });

  it("when it lacks an input at run time", async () => {
    const embedder = await create({ onnx: fileOf("two-inputs"), input: "images" });
    await expect(embedder.embedAll(images)).rejects.toThrow("input 'scale' is missing in 'feeds'");
  });

  it("when it cannot be opened", async () => {
    await expect(create({ onnx: "missing.onnx" })).rejects.toThrow(
      /^createEmbedder: expected `onnx` to be an ONNX file that runs, got missing\.onnx: .*File doesn't exist/,
    );
    await expect(create({ onnx: new Uint8Array(9) })).rejects.toThrow(
      /^createEmbedder: expected `onnx` to be an ONNX file that runs, got 9 bytes: ./,
    );
    await expect(create({ onnx: new URL(import.meta.url).pathname })).rejects.toThrow(
      /^createEmbedder: expected `onnx` to be an ONNX file that runs, got .*embedder-onnx\.test\.ts: .*Protobuf/,
    );
  });
});
