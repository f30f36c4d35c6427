import "@tensorflow/tfjs-backend-cpu";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddingModel, createResNet, embedMultiScale, multiScalePresets } from "@lmk/models";
import { CheckpointError } from "@lmk/models/checkpoints";
import { createEmbedder, type EmbedderOptions, fromFloat16, type Matrix } from "@lmk/models/embedder";
import { preprocessings, toInput } from "@lmk/models/images";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { colors, echo, fakeCompile, ownSize, painted, plain } from "./embedder-models.ts";
import { hashedPixels } from "./images-reference.ts";

const weights = colors.initialize({ seed: 0 });
const options = { model: colors, weights, preprocessing: plain(4), normalize: false } as const;
const red = painted([255, 0, 0]);
const green = painted([0, 255, 0]);

beforeAll(() => tf.setBackend("cpu"));

function rowsOf({ data, rows, columns }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, row) => [...data.subarray(row * columns, (row + 1) * columns)]);
}

describe("createEmbedder", () => {
  it("embeds images in their order", async () => {
    const embedder = await createEmbedder(options);
    const { embeddings, rows, failures } = await embedder.embedAll([red, green, red]);
    expect(rowsOf(embeddings)).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [1, 0, 0],
    ]);
    expect([...rows]).toEqual([0, 1, 2]);
    expect(failures).toEqual([]);
    expect(embedder.dimension).toBe(3);
    await embedder.dispose();
  });

  it("gives the same as the model on prepared images", async () => {
    const model = createEmbeddingModel({ backbone: createResNet("resnet18", { width: 4 }) });
    const initial = model.initialize({ seed: 3 });
    const photos = [2, 4, 6].map((seed) => hashedPixels(seed, 50 + seed, 40, 3));
    const embedder = await createEmbedder({
      model,
      weights: initial,
      size: 64,
      normalize: false,
      batchSize: 2,
    });
    const { embeddings } = await embedder.embedAll(photos);
    const inputs = photos.map((photo) => toInput(photo, preprocessings.gld2021First(64)));
    const expected = tf.tidy(() => {
      const parameters = Object.fromEntries(
        Object.entries(initial).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
      );
      const images = tf.stack(inputs.map(({ data }) => tf.tensor(data, [64, 64, 3]))) as tf.Tensor4D;
      return model.apply(parameters, images).embedding.dataSync();
    });
    expect(embeddings.data.length).toBe(expected.length);
    embeddings.data.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5);
    });
    await embedder.dispose();
  });

  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    const embedder = await createEmbedder(options);
    await embedder.embedAll([red, green]);
    await embedder.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("embeds at several scales", async () => {
    const photo = hashedPixels(8, 40, 30, 3);
    const scales = [0.5, 1.25];
    const all = { ...options, preprocessing: plain(32) };
    const parameters = { factor: tf.tensor([1, 1, 1]) };
    const images = tf.tensor4d(toInput(photo, plain(32)).data, [1, 32, 32, 3]);
    for (const [given, expected] of [
      [scales, { scales }],
      [multiScalePresets.dolg, multiScalePresets.dolg],
    ] as const) {
      const embedder = await createEmbedder({ ...all, scales: given });
      const { embeddings } = await embedder.embedAll([photo]);
      expect([...embeddings.data]).toEqual([
        ...embedMultiScale(colors, parameters, images, expected).dataSync(),
      ]);
    }
  });

  it("normalizes unless told not to, and leaves zeros", async () => {
    const embedder = await createEmbedder({ ...options, normalize: true });
    const { embeddings } = await embedder.embedAll([painted([51, 0, 68]), painted([0, 0, 0])]);
    const [first, zero] = rowsOf(embeddings);
    expect(first!.map((value) => value.toFixed(6))).toEqual(["0.600000", "0.000000", "0.800000"]);
    expect(zero).toEqual([0, 0, 0]);
    const exact = await createEmbedder(options);
    expect(
      [...(await exact.embedAll([painted([51, 0, 68])])).embeddings.data].map((v) => v.toFixed(4)),
    ).toEqual(["0.2000", "0.0000", "0.2667"]);
  });

  it("keeps halves where that is asked for", async () => {
    const embedder = await createEmbedder({ ...options, storage: "float16" });
    const { embeddings } = await embedder.embedAll([painted([51, 0, 68])]);
    expect(embeddings.data).toBeInstanceOf(Uint16Array);
    const expected = [0.2, 0, 68 / 255];
    fromFloat16(embeddings.data).forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(expected[i]! * 2 ** -11);
    });
  });

  it("gives no row for no image", async () => {
    const embedder = await createEmbedder(options);
    const none = { data: new Float32Array(), rows: 0, columns: 3 };
    expect(await embedder.embedAll([])).toEqual({ embeddings: none, rows: new Int32Array(), failures: [] });
    expect(await embedder.embedPrepared({ data: new Float32Array(), count: 0, height: 4, width: 4 })).toEqual(
      none,
    );
    const batches = [];
    for await (const batch of embedder.embed([])) batches.push(batch);
    expect(batches).toEqual([]);
  });
});

describe("createEmbedder with a compiled model", () => {
  it("compiles once for each size, and fills up short batches", async () => {
    const log = { events: [] as string[] };
    const compiled = await createEmbedder({
      ...options,
      preprocessing: ownSize,
      batchSize: 2,
      compile: fakeCompile(log),
    });
    const images = [red, painted([0, 0, 255], 5, 2), green, red, green, green];
    const { embeddings, rows } = await compiled.embedAll(images);
    expect(rowsOf(embeddings)).toEqual([
      [1, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
      [0, 1, 0],
      [0, 1, 0],
    ]);
    expect([...rows]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(log.events).toEqual(["compile 2×3×4×3", "compile 2×2×5×3"]);
    await compiled.dispose();
    expect(log.events.slice(2).sort()).toEqual(["dispose 2×2×5×3", "dispose 2×3×4×3"]);
  });

  it("keeps the functions of the 8 latest sizes", async () => {
    const log = { events: [] as string[] };
    const compile = fakeCompile(log);
    const embedder = await createEmbedder({ ...options, preprocessing: ownSize, batchSize: 1, compile });
    const widths = [1, 2, 3, 4, 5, 6, 7, 8, 1, 9, 2];
    const { embeddings } = await embedder.embedAll(widths.map((width) => painted([255, 0, 0], width, 1)));
    expect(embeddings.rows).toBe(11);
    expect(log.events.slice(8)).toEqual([
      "compile 1×1×9×3",
      "dispose 1×1×2×3",
      "compile 1×1×2×3",
      "dispose 1×1×3×3",
    ]);
  });

  it("runs prepared images in batches of any count", async () => {
    const log = { events: [] as string[] };
    const embedder = await createEmbedder({ ...options, batchSize: 4, compile: fakeCompile(log) });
    const data = Float32Array.from({ length: 7 * 3 }, (_, i) => i);
    for (const count of [1, 4, 5, 7]) {
      const { data: values, rows } = await embedder.embedPrepared({ data, count, height: 1, width: 1 });
      expect(rows).toBe(count);
      expect([...values]).toEqual([...data.subarray(0, count * 3)]);
    }
    expect(data[20]).toBe(20);
  });

  it("tries again after a failed compilation", async () => {
    const log = { events: [] as string[] };
    let attempts = 0;
    const embedder = await createEmbedder({
      ...options,
      compile: (fn, signature) => {
        if (attempts++ === 0) throw new Error("no memory");
        return fakeCompile(log)(fn, signature);
      },
    });
    await expect(embedder.embedAll([red])).rejects.toThrow(new Error("no memory"));
    expect((await embedder.embedAll([red])).embeddings.rows).toBe(1);
    await embedder.dispose();
  });
});

describe("embedPrepared", () => {
  it("leaves its images as they are", async () => {
    const embedder = await createEmbedder({ model: echo, weights: {} });
    const data = Float32Array.from({ length: 12 }, (_, i) => i + 1);
    const { data: unit } = await embedder.embedPrepared({ data, count: 1, height: 2, width: 2 });
    expect(data[11]).toBe(12);
    expect(unit[11]).toBeCloseTo(12 / Math.sqrt(650), 6);
  });

  it("refuses too few values", async () => {
    const embedder = await createEmbedder(options);
    await expect(
      embedder.embedPrepared({ data: new Float32Array(11), count: 1, height: 2, width: 2 }),
    ).rejects.toThrow(new RangeError("embedPrepared: expected `data` to hold 1 × 2 × 2 × 3 values, got 11"));
  });

  it.each([
    [{ count: -1 }, "`count` to be a whole number of at least 0, got -1"],
    [{ count: 0.5 }, "`count` to be a whole number of at least 0, got 0.5"],
    [{ count: Number.NaN }, "`count` to be a whole number of at least 0, got NaN"],
    [{ height: 0 }, "`height` to be a whole number above 0, got 0"],
    [{ width: 1.5 }, "`width` to be a whole number above 0, got 1.5"],
    [{ count: 0, width: -2 }, "`width` to be a whole number above 0, got -2"],
  ])("refuses %j", async (changed, message) => {
    const embedder = await createEmbedder(options);
    const images = { data: new Float32Array(12), count: 1, height: 2, width: 2, ...changed };
    await expect(embedder.embedPrepared(images)).rejects.toThrow(
      new RangeError(`embedPrepared: expected ${message}`),
    );
  });
});

describe("dispose", () => {
  const refusal = (caller: string) =>
    new RangeError(`${caller}: expected the embedder to be in use, got a disposed one`);

  it("may be called twice, and ends every use", async () => {
    const embedder = await createEmbedder(options);
    await Promise.all([embedder.dispose(), embedder.dispose()]);
    await embedder.dispose();
    await expect(embedder.embedAll([red])).rejects.toThrow(refusal("embed"));
    for (const count of [0, 1]) {
      await expect(
        embedder.embedPrepared({ data: new Float32Array(12), count, height: 2, width: 2 }),
      ).rejects.toThrow(refusal("embedPrepared"));
    }
  });

  it("waits for the batch under way", async () => {
    const log = { events: [] as string[] };
    const embedder = await createEmbedder({ ...options, batchSize: 1, compile: fakeCompile(log) });
    const images = { data: Float32Array.of(1, 2, 3), count: 1, height: 1, width: 1 };
    const running = embedder.embedPrepared(images);
    await embedder.dispose();
    expect([...(await running).data]).toEqual([1, 2, 3]);
    expect(log.events).toEqual(["compile 1×1×1×3", "dispose 1×1×1×3"]);
  });
});

describe("weights", () => {
  const folder = mkdtempSync(join(tmpdir(), "lmk-embedder-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A safetensors file of float32 arrays. */
  function safetensors(arrays: Record<string, { shape: readonly number[]; data: Float32Array }>): Uint8Array {
    let end = 0;
    const header = Object.fromEntries(
      Object.entries(arrays).map(([name, { shape, data }]) => {
        const begin = end;
        end += data.byteLength;
        return [name, { dtype: "F32", shape, data_offsets: [begin, end] }];
      }),
    );
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([
      length,
      text,
      ...Object.values(arrays).map(({ data }) => Buffer.from(data.buffer)),
    ]);
  }

  it("come from a checkpoint, by its path or bytes", async () => {
    const bytes = safetensors({ factor: { shape: [3], data: Float32Array.of(2, 3, 4) } });
    const path = join(folder, "colors.safetensors");
    writeFileSync(path, bytes);
    for (const given of [path, bytes]) {
      const embedder = await createEmbedder({ ...options, weights: given });
      const { embeddings } = await embedder.embedAll([painted([255, 255, 255])]);
      expect([...embeddings.data]).toEqual([2, 3, 4]);
    }
  });

  it("are refused where they do not fit", async () => {
    await expect(
      createEmbedder({
        ...options,
        weights: safetensors({ other: { shape: [3], data: new Float32Array(3) } }),
      }),
    ).rejects.toThrow(CheckpointError);
    await expect(createEmbedder({ ...options, weights: {} })).rejects.toThrow(
      new RangeError("createEmbedder: expected `weights` to have factor of shape [3], got none"),
    );
    const long = { factor: { shape: [4], data: new Float32Array(4) } };
    await expect(createEmbedder({ ...options, weights: long })).rejects.toThrow(
      new RangeError("createEmbedder: expected `weights` to have factor of shape [3], got [4]"),
    );
  });
});

describe("createEmbedder refuses", () => {
  const bare = { model: colors, weights } as const;
  it.each<[string, EmbedderOptions, string]>([
    ["no weights", { model: colors }, "expected `weights` to be a checkpoint or arrays by name, got none"],
    [
      "a batch of none",
      { ...bare, batchSize: 0 },
      "expected `batchSize` to be a whole number above 0, got 0",
    ],
    [
      "half an image ahead",
      { ...bare, concurrency: 0.5 },
      "expected `concurrency` to be a whole number above 0, got 0.5",
    ],
    ["no size", { ...bare, size: 0 }, "expected `size` to be a whole number above 0, got 0"],
    [
      "two sizes",
      { ...bare, size: 8, preprocessing: plain(4) },
      "expected `size` or `preprocessing`, got both",
    ],
    [
      "unknown storage",
      { ...bare, storage: "int8" as "float32" },
      "expected `storage` to be one of float32, float16, got int8",
    ],
    ["no scales", { ...bare, scales: [] }, "expected `scales` to hold at least one factor, got none"],
    [
      "a scale of 0, before it reads weights",
      { model: colors, weights: "none.pth", scales: [1, 0] },
      "expected `scales` to be a finite number above 0, got 0",
    ],
    [
      "half a pixel as smallest side",
      { ...bare, scales: { minimumSide: 0.5 } },
      "expected `minimumSide` to be a whole number above 0, got 0.5",
    ],
    ["no power", { ...bare, scales: { power: 0 } }, "expected `power` to be a finite number above 0, got 0"],
    [
      "unknown sides",
      { ...bare, scales: { sides: "ceil" as "floor" }, compile: fakeCompile({ events: [] }) },
      "expected `sides` to be one of stride, floor, round, got ceil",
    ],
    [
      "an unknown way to normalize",
      { ...bare, scales: { normalize: "all" as "both" } },
      "expected `normalize` to be one of none, each, mean, both, got all",
    ],
    [
      "weights beside an ONNX file",
      { model: { onnx: "none.onnx" }, weights },
      "expected no `weights` with an ONNX file, got some",
    ],
    [
      "scales beside an ONNX file",
      { model: { onnx: "none.onnx" }, scales: [1] },
      "expected no `scales` with an ONNX file, got some",
    ],
    [
      "a compiler beside an ONNX file",
      { model: { onnx: "none.onnx" }, compile: fakeCompile({ events: [] }) },
      "expected no `compile` with an ONNX file, got some",
    ],
  ])("%s", async (_, given, message) => {
    await expect(createEmbedder(given)).rejects.toThrow(new RangeError(`createEmbedder: ${message}`));
  });
});
