import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-layers";
import {
  type Backbone,
  createSwin,
  type NamedArrays,
  type SwinName,
  type SwinOptions,
  swinVariants,
} from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const tiny = (options: SwinOptions = {}) =>
  createSwin("swin_tiny_patch4_window7_224", { size: 32, window: 1, ...options });

const drawn = new Map<string, NamedArrays>();

/** Initial weights, drawn once for all models of the same shapes. */
function parametersOf(model: Backbone): Record<string, tf.Tensor> {
  const key = JSON.stringify(model.shapes);
  const arrays = drawn.get(key) ?? model.initialize({ seed: 1 });
  drawn.set(key, arrays);
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );
}

const noise = (batch: number, height: number, width = height): tf.Tensor4D =>
  tf.randomUniform([batch, height, width, 3], -1, 1, "float32", 3);

const deviation = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

describe("createSwin", () => {
  it.each([
    ["swin_tiny_patch4_window7_224", 28_288_354],
    ["swin_small_patch4_window7_224", 49_606_258],
    ["swin_base_patch4_window7_224", 87_768_224],
    ["swin_base_patch4_window12_384", 87_903_584],
  ] as const)("has timm's number of values, less the classifier's: %s", (name, total) => {
    const { shapes, channels } = createSwin(name);
    const values = Object.values(shapes).map((shape) => shape.reduce((product, side) => product * side, 1));
    expect(values.reduce((sum, size) => sum + size, 0)).toBe(total - 1000 * (channels + 1));
  });

  it("gives four levels, the last of which is the features", () => {
    const backbone = tiny({ window: 2, size: 64 });
    expect(backbone.levels).toEqual([
      { channels: 96, stride: 4 },
      { channels: 192, stride: 8 },
      { channels: 384, stride: 16 },
      { channels: 768, stride: 32 },
    ]);
    expect([backbone.channels, backbone.stride]).toEqual([768, 32]);
    expect(backbone.classifier).toEqual(["head.weight", "head.bias"]);
    tf.tidy(() => {
      const { levels, features, statistics } = backbone.apply(parametersOf(backbone), noise(1, 64, 128));
      expect(levels.map(({ shape }) => shape)).toEqual([
        [1, 16, 32, 96],
        [1, 8, 16, 192],
        [1, 4, 8, 384],
        [1, 2, 4, 768],
      ]);
      expect(features).toBe(levels[3]);
      expect(statistics).toEqual({});
    });
  });

  it("is as wide and as deep as its options say", () => {
    const options = { width: 12, depths: [1, 2], size: 16, window: 2 };
    const backbone = createSwin("swin_tiny_patch4_window7_224", options);
    expect(backbone.levels).toEqual([
      { channels: 12, stride: 4 },
      { channels: 24, stride: 8 },
    ]);
    const { shapes } = backbone;
    const blocks = Object.keys(shapes).filter((name) => name.endsWith(".attn.qkv.weight"));
    expect(blocks).toEqual(
      ["0.blocks.0", "1.blocks.0", "1.blocks.1"].map((at) => `layers.${at}.attn.qkv.weight`),
    );
    expect(shapes["layers.1.blocks.1.attn.relative_position_bias_table"]).toEqual([9, 6]);
    expect(shapes["layers.1.blocks.1.attn.qkv.weight"]).toEqual([72, 24]);
    expect(shapes["norm.weight"]).toEqual([24]);
    const headed = createSwin("swin_tiny_patch4_window7_224", { ...options, heads: [1, 2] });
    expect(headed.shapes["layers.1.blocks.0.attn.relative_position_bias_table"]).toEqual([9, 2]);
    tf.tidy(() => {
      const { features } = headed.apply(parametersOf(headed), noise(1, 16));
      expect(features.shape).toEqual([1, 2, 2, 24]);
      expect(features.dataSync().every(Number.isFinite)).toBe(true);
    });
  });

  it.each<[SwinOptions, string]>([
    [{ width: 1.5 }, "`width` to be a whole number above 0, got 1.5"],
    [{ depths: [] }, "`depths` to be of 1 to 4 stages, got 0"],
    [{ depths: [1, 1, 1, 1, 1] }, "`depths` to be of 1 to 4 stages, got 5"],
    [{ depths: [1, 0] }, "`depths` to be 2 whole numbers above 0, got [1, 0]"],
    [{ depths: [1, 1], heads: [3] }, "`heads` to be 2 whole numbers above 0, got [3]"],
    [{ width: 16 }, "`heads` to divide the channels of their stage, got 3 for 16 channels"],
    [
      { width: 12, heads: [3, 6, 5, 24] },
      "`heads` to divide the channels of their stage, got 5 for 48 channels",
    ],
    [{ depths: [1], size: 6 }, "`size` to fit windows of 1 in its one stage, as 4 and 8 do, got 6"],
    [
      { depths: [1, 1], size: 12, window: 2 },
      "`size` to fit windows of 2 in both stages, as 8 and 16 do, got 12",
    ],
  ])("refuses %o", (options, message) => {
    expect(() => tiny(options)).toThrow(new RangeError(`createSwin: expected ${message}`));
  });

  it("shrinks tables with the window, and windows with the map", () => {
    const table = (options: SwinOptions, stage: number) =>
      createSwin("swin_tiny_patch4_window7_224", options).shapes[
        `layers.${stage}.blocks.0.attn.relative_position_bias_table`
      ];
    expect(table({}, 0)).toEqual([169, 3]);
    expect(table({ size: 384, window: 12 }, 3)).toEqual([529, 24]);
    expect(table({ size: 64, window: 4 }, 3)).toEqual([9, 24]);
  });

  it("leaves out the norm of the patches", () => {
    expect(tiny().shapes["patch_embed.norm.weight"]).toEqual([96]);
    const without = tiny({ patchNorm: false });
    expect(Object.keys(without.shapes).filter((name) => name.startsWith("patch_embed."))).toEqual([
      "patch_embed.proj.weight",
      "patch_embed.proj.bias",
    ]);
  });

  it("keeps windows apart until they are shifted", () => {
    // Stage 0 of 16 × 16 cells in windows of 4: the first block sees one window, the shifted second one its neighbors.
    const backbone = tiny({ size: 64, window: 4, dropPathRate: 0 });
    tf.tidy(() => {
      const parameters = parametersOf(backbone);
      const images = noise(1, 64);
      const changed = tf.add(
        images,
        tf.pad(tf.ones([1, 4, 4, 3]), [
          [0, 0],
          [0, 60],
          [0, 60],
          [0, 0],
        ]),
      );
      const first = (x: tf.Tensor) => backbone.apply(parameters, x as tf.Tensor4D).levels[0]!;
      const moved = tf.max(tf.abs(tf.sub(first(images), first(changed))), 3).arraySync() as number[][][];
      const touched = moved[0]!.map((row) => row.map((change) => change > 0));
      // Windows of the second block begin at 2: cells 0 to 1 with 14 to 15 kept apart, 2 to 5 reached.
      expect(touched.map((row) => row.map(Number).join(""))).toEqual([
        ...Array.from({ length: 6 }, () => "1111110000000000"),
        ...Array.from({ length: 10 }, () => "0000000000000000"),
      ]);
    });
  });

  it("draws weights as timm does", () => {
    const arrays = tiny().initialize({ seed: 5 });
    expect(deviation(arrays["layers.3.blocks.0.attn.qkv.weight"]!.data)).toBeCloseTo(0.02, 4);
    expect(Math.max(...arrays["patch_embed.proj.weight"]!.data)).toBeLessThan(1 / Math.sqrt(48));
    expect(deviation(arrays["patch_embed.proj.weight"]!.data)).toBeCloseTo(1 / 12, 2);
    expect(new Set(arrays["norm.weight"]!.data)).toEqual(new Set([1]));
    expect(new Set(arrays["layers.0.blocks.0.mlp.fc1.bias"]!.data)).toEqual(new Set([0]));
  });
});

describe("stochastic depth", () => {
  it("draws twice for each block that it may drop, at rates that grow evenly", () => {
    const backbone = tiny({ dropPathRate: 0.11 });
    const calls: [readonly number[], number][] = [];
    const random = (shape: readonly number[], probability: number) => {
      calls.push([shape, probability]);
      return tf.ones([...shape]);
    };
    tf.tidy(() => void backbone.apply(parametersOf(backbone), noise(2, 32), { training: true, random }));
    expect(calls).toHaveLength(22);
    expect(calls.every(([shape]) => String(shape) === "2,1,1,1")).toBe(true);
    calls.forEach(([, keep], i) => {
      expect(keep).toBeCloseTo(1 - 0.01 * (Math.floor(i / 2) + 1), 10);
    });
  });

  it("drops the branches of one image, and scales those of another", () => {
    const backbone = tiny({ dropPathRate: 0.5 });
    tf.tidy(() => {
      const parameters = parametersOf(backbone);
      const images = tf.concat([noise(1, 32), noise(1, 32)], 0) as tf.Tensor4D;
      const run = (training: boolean, random?: (shape: readonly number[]) => tf.Tensor) =>
        backbone.apply(parameters, images, { training, ...(random ? { random } : {}) }).levels[1]!;
      const first = (x: tf.Tensor) => tf.slice(x, [0], [1]).dataSync();
      const second = (x: tf.Tensor) => tf.slice(x, [1], [1]).dataSync();
      const onlyFirst = run(true, ([count]) =>
        tf.tensor([1, ...Array<number>(count! - 1).fill(0)], [count!, 1, 1, 1]),
      );
      const all = run(true, (shape) => tf.ones([...shape]));
      const plain = run(false);
      expect(first(onlyFirst)).toEqual(first(all));
      expect(second(onlyFirst)).not.toEqual(second(all));
      expect(first(all)).not.toEqual(first(plain));
    });
  });

  it("needs chance while it trains, and none at a rate of 0", () => {
    const images = noise(1, 32);
    const apply = (dropPathRate: number, training: boolean) => {
      const backbone = tiny({ dropPathRate });
      return tf.tidy(() => backbone.apply(parametersOf(backbone), images, { training }).features.dataSync());
    };
    expect(() => apply(0.1, true)).toThrow(
      new RangeError(
        "swin_tiny_patch4_window7_224: expected `random` to draw what training drops, got none; give one, or set the rate to 0",
      ),
    );
    expect(apply(0, true)).toEqual(apply(0.1, false));
  });
});

describe("createSwin refuses", () => {
  it.each<[string, SwinOptions, string]>([
    ["swin_huge", {}, `name\` to be one of ${Object.keys(swinVariants).join(", ")}, got swin_huge`],
    ["", { size: 0 }, "size` to be a whole number above 0, got 0"],
    ["", { window: 1.5 }, "window` to be a whole number above 0, got 1.5"],
    ["", { size: 300 }, "size` to fit windows of 7 in all four stages, as 224 and 448 do, got 300"],
    ["", { size: 100 }, "size` to fit windows of 7 in all four stages, as 224 does, got 100"],
    ["", { dropPathRate: 1 }, "dropPathRate` to be from 0 to below 1, got 1"],
  ])("%s %o", (name, options, message) => {
    const swin = (name === "" ? "swin_tiny_patch4_window7_224" : name) as SwinName;
    expect(() => createSwin(swin, options)).toThrow(new RangeError(`createSwin: expected \`${message}`));
  });

  it.each([
    [[1, 224, 300, 3], "sides that fit the windows, as 224 and 448 do, got 300 pixels"],
    [[1, 100, 224, 3], "sides that fit the windows, as 224 does, got 100 pixels"],
  ])("images %s", (shape, message) => {
    const backbone = createSwin("swin_tiny_patch4_window7_224");
    tf.tidy(() => {
      const parameters = Object.fromEntries(
        Object.entries(backbone.shapes).map(([name, sides]) => [name, tf.zeros([...sides])]),
      );
      expect(() => backbone.apply(parameters, tf.zeros(shape as [number, number, number, number]))).toThrow(
        new RangeError(`swin_tiny_patch4_window7_224: expected \`images\` to have ${message}`),
      );
    });
  });
});
