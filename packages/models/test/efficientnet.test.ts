import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-layers";
import {
  type Backbone,
  createEfficientNet,
  type EfficientNetName,
  type EfficientNetOptions,
  efficientnetVariants,
} from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

function drawn(backbone: Backbone): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(backbone.initialize({ seed: 1 })).map(([name, { shape, data }]) => [
      name,
      tf.tensor(data, [...shape]),
    ]),
  );
}

function images(height: number, width: number): tf.Tensor4D {
  return tf.randomUniform([1, height, width, 3], -1, 1, "float32", 5);
}

/** Channels and number of blocks of each stage, read from the names and shapes of the parameters. */
function stagesOf({ shapes }: Backbone): { widths: number[]; depths: number[] } {
  const widths: number[] = [];
  const depths: number[] = [];
  for (const [name, shape] of Object.entries(shapes)) {
    const [, stage, block, last] =
      /^blocks\.(\d)\.(\d+)\.(conv_pwl|conv_pw)\.weight$/.exec(name)?.map(String) ?? [];
    if (last === undefined || (last === "conv_pw") !== (stage === "0")) continue;
    widths[Number(stage)] = shape[3]!;
    depths[Number(stage)] = Number(block) + 1;
  }
  return { widths, depths };
}

describe("an EfficientNet", () => {
  it("has timm's names and shapes", () => {
    const { shapes, classifier, channels, stride } = createEfficientNet("tf_efficientnet_b0_ns");
    expect(shapes).toMatchObject({
      "conv_stem.weight": [3, 3, 3, 32],
      "bn1.running_var": [32],
      "blocks.0.0.conv_dw.weight": [3, 3, 1, 32],
      "blocks.0.0.bn1.weight": [32],
      "blocks.0.0.se.conv_reduce.weight": [1, 1, 32, 8],
      "blocks.0.0.se.conv_expand.bias": [32],
      "blocks.0.0.conv_pw.weight": [1, 1, 32, 16],
      "blocks.0.0.bn2.bias": [16],
      "blocks.2.1.conv_pw.weight": [1, 1, 40, 240],
      "blocks.2.1.conv_dw.weight": [5, 5, 1, 240],
      "blocks.2.1.se.conv_reduce.bias": [10],
      "blocks.2.1.conv_pwl.weight": [1, 1, 240, 40],
      "blocks.2.1.bn3.running_mean": [40],
      "conv_head.weight": [1, 1, 320, 1280],
      "bn2.weight": [1280],
    });
    expect(Object.keys(shapes)).toHaveLength(309);
    expect(classifier).toEqual(["classifier.weight", "classifier.bias"]);
    expect([channels, stride]).toEqual([1280, 32]);
  });

  it.each([
    ["tf_efficientnet_b3_ns", 40, [24, 32, 48, 96, 136, 232, 384], [2, 3, 3, 5, 5, 6, 2], 1536],
    ["tf_efficientnet_b4_ns", 48, [24, 32, 56, 112, 160, 272, 448], [2, 4, 4, 6, 6, 8, 2], 1792],
    ["tf_efficientnet_b5_ns", 48, [24, 40, 64, 128, 176, 304, 512], [3, 5, 5, 7, 7, 9, 3], 2048],
    ["tf_efficientnet_b6_ns", 56, [32, 40, 72, 144, 200, 344, 576], [3, 6, 6, 8, 8, 11, 3], 2304],
    ["tf_efficientnet_b7_ns", 64, [32, 48, 80, 160, 224, 384, 640], [4, 7, 7, 10, 10, 13, 4], 2560],
    ["tf_efficientnet_lite4", 32, [24, 32, 56, 112, 160, 272, 448], [1, 4, 4, 6, 6, 8, 1], 1280],
  ] as const)("is widened and deepened by the compound rule: %s", (name, stem, widths, depths, head) => {
    const backbone = createEfficientNet(name);
    expect(backbone.shapes["conv_stem.weight"]).toEqual([3, 3, 3, stem]);
    expect(stagesOf(backbone)).toEqual({ widths, depths });
    expect(backbone.channels).toBe(head);
    const taps = [0, 1, 2, 4, 6].map((stage, i) => ({ channels: widths[stage], stride: 2 ** (i + 1) }));
    expect(backbone.levels).toEqual([...taps, { channels: head, stride: 32 }]);
  });

  it.each([
    ["tf_efficientnet_b0_ns", 5288548],
    ["tf_efficientnet_b1_ns", 7794184],
    ["tf_efficientnet_b2_ns", 9109994],
    ["tf_efficientnet_b3_ns", 12233232],
    ["tf_efficientnet_b4_ns", 19341616],
    ["tf_efficientnet_b5_ns", 30389784],
    ["tf_efficientnet_b6_ns", 43040704],
    ["tf_efficientnet_b7_ns", 66347960],
    ["tf_efficientnet_lite0", 4652008],
    ["tf_efficientnet_lite1", 5416680],
    ["tf_efficientnet_lite2", 6092072],
    ["tf_efficientnet_lite3", 8197096],
    ["tf_efficientnet_lite4", 13006568],
  ] as const)("has timm's number of weights, with a classifier of 1000 classes: %s", (name, count) => {
    const { shapes, channels } = createEfficientNet(name);
    const weights = Object.entries(shapes).filter(([key]) => !key.includes(".running_"));
    const sum = weights.reduce((total, [, shape]) => total + sizeOf(shape), 0);
    expect(sum + 1000 * (channels + 1)).toBe(count);
  });

  it("has the same parameters with PyTorch's padding", () => {
    const names = Object.keys(efficientnetVariants) as EfficientNetName[];
    for (const name of names.filter((key) => key.startsWith("efficientnet_"))) {
      const { shapes } = createEfficientNet(name);
      expect(shapes).toEqual(createEfficientNet(`tf_${name}_ns` as EfficientNetName).shapes);
    }
    expect(names).toHaveLength(21);
  });

  it("has no squeeze and excitation in its lite form", () => {
    const names = Object.keys(createEfficientNet("tf_efficientnet_lite0").shapes);
    expect(names.filter((name) => name.includes(".se."))).toEqual([]);
  });
});

describe("an EfficientNet's maps", () => {
  it("are TensorFlow's or PyTorch's, which differ only at even sizes", () => {
    const [theirs, ours] = (["efficientnet_b0", "tf_efficientnet_b0_ns"] as const).map((name) =>
      createEfficientNet(name, { width: 0.25 }),
    ) as [Backbone, Backbone];
    tf.tidy(() => {
      const parameters = drawn(theirs);
      // The two add 1e-5 and 1e-3 to a variance.
      const moved = Object.entries(parameters).map(([name, x]) => {
        return [name, name.endsWith(".running_var") ? tf.sub(x, 1e-3 - 1e-5) : x];
      });
      const difference = (height: number) => {
        const batch = images(height, 33);
        const expected = theirs.apply(parameters, batch).levels;
        const actual = ours.apply(Object.fromEntries(moved), batch).levels;
        const errors = expected.map((map, i) => tf.div(tf.norm(tf.sub(map, actual[i]!)), tf.norm(map)));
        return errors.map((error) => error.dataSync()[0]!);
      };
      expect(Math.max(...difference(33))).toBeLessThan(1e-4);
      expect(Math.min(...difference(32))).toBeGreaterThan(1e-2);
    });
  });

  it("pad the end of an even map, and not its beginning", () => {
    const backbone = createEfficientNet("tf_efficientnet_lite0", { width: 0.25, depth: 0.2 });
    tf.tidy(() => {
      const parameters = drawn(backbone);
      const side = 8;
      const stripe = (at: number) =>
        tf.tensor4d(
          Float32Array.from({ length: side * side * 3 }, (_, i) => (Math.floor(i / 3) % side === at ? 1 : 0)),
          [1, side, side, 3],
        );
      // The stem's first column sees the columns 0, 1, 2, and the next 3 × 3 convolution its columns 0 and 1, so 0 … 4.
      const first = (batch: tf.Tensor4D) =>
        tf.slice(backbone.apply(parameters, batch).levels[0]!, [0, 0, 0, 0], [1, 4, 1, 8]).dataSync();
      const empty = first(tf.zeros([1, side, side, 3]));
      expect(first(stripe(4))).not.toEqual(empty);
      expect(first(stripe(5))).toEqual(empty);
    });
  });

  it("are twice as fine with a stem of stride 1, from the same weights", () => {
    const options: EfficientNetOptions = { width: 0.25, depth: 0.5 };
    const coarse = createEfficientNet("tf_efficientnet_b5_ns", options);
    const fine = createEfficientNet("tf_efficientnet_b5_ns", { ...options, stemStride: 1 });
    expect(fine.shapes).toEqual(coarse.shapes);
    expect(fine.levels.map(({ stride }) => stride)).toEqual([1, 2, 4, 8, 16, 16]);
    expect([coarse.stride, fine.stride]).toEqual([32, 16]);
    tf.tidy(() => {
      const parameters = drawn(fine);
      const sides = (backbone: Backbone) =>
        backbone.apply(parameters, images(40, 70)).levels.map(({ shape }) => shape.slice(1, 3));
      expect(sides(fine)).toEqual([
        [40, 70],
        [20, 35],
        [10, 18],
        [5, 9],
        [3, 5],
        [3, 5],
      ]);
      expect(sides(coarse).at(-1)).toEqual([2, 3]);
    });
  });

  it("end at the last block without the head", () => {
    const whole = createEfficientNet("tf_efficientnet_b0_ns", { width: 0.25 });
    const backbone = createEfficientNet("tf_efficientnet_b0_ns", { width: 0.25, head: false });
    expect(backbone.levels).toEqual(whole.levels.slice(0, -1));
    expect([backbone.channels, backbone.stride]).toEqual([80, 32]);
    expect(backbone.classifier).toEqual([
      "conv_head.weight",
      "bn2.weight",
      "bn2.bias",
      "bn2.running_mean",
      "bn2.running_var",
      "classifier.weight",
      "classifier.bias",
    ]);
    expect({ ...whole.shapes }).toMatchObject(backbone.shapes);
    expect(Object.keys(whole.shapes).filter((name) => !(name in backbone.shapes))).toEqual(
      backbone.classifier.slice(0, 5),
    );
    tf.tidy(() => {
      const parameters = drawn(whole);
      const batch = images(32, 48);
      const expected = whole.apply(parameters, batch).levels;
      const { levels, features } = backbone.apply(parameters, batch);
      expect(levels.map((map) => map.dataSync())).toEqual(expected.slice(0, -1).map((map) => map.dataSync()));
      expect(features).toBe(levels.at(-1));
    });
  });
});

describe("an EfficientNet's initial weights", () => {
  it("are normal with variance 2 / (height · width · out / groups), biases zero", () => {
    const arrays = createEfficientNet("tf_efficientnet_b0_ns").initialize({ seed: 7 });
    const power = (name: string) =>
      arrays[name]!.data.reduce((sum, value) => sum + value ** 2, 0) / arrays[name]!.data.length;
    expect(power("blocks.5.1.conv_dw.weight") / (2 / 25)).toBeCloseTo(1, 1);
    expect(power("blocks.5.1.conv_pw.weight") / (2 / 1152)).toBeCloseTo(1, 1);
    expect(power("blocks.5.1.se.conv_reduce.weight") / (2 / 48)).toBeCloseTo(1, 1);
    expect(new Set(arrays["blocks.5.1.se.conv_expand.bias"]!.data)).toEqual(new Set([0]));
    expect(new Set(arrays["blocks.5.1.bn2.weight"]!.data)).toEqual(new Set([1]));
  });
});

describe("createEfficientNet", () => {
  it("refuses a name it does not know", () => {
    expect(() => createEfficientNet("tf_efficientnet_b8_ns" as EfficientNetName)).toThrow(
      new RangeError(
        `createEfficientNet: expected \`name\` to be one of ${Object.keys(efficientnetVariants).join(", ")}, got tf_efficientnet_b8_ns`,
      ),
    );
  });

  it.each([0, 3, 1.5, Number.NaN])("refuses a stem of stride %s", (stemStride) => {
    expect(() =>
      createEfficientNet("efficientnet_b0", { stemStride } as unknown as EfficientNetOptions),
    ).toThrow(new RangeError(`createEfficientNet: expected \`stemStride\` to be 1 or 2, got ${stemStride}`));
  });

  it.each([
    ["width", 0],
    ["width", Number.NaN],
    ["depth", -1],
    ["depth", Number.POSITIVE_INFINITY],
  ])("refuses a %s of %s", (option, value) => {
    expect(() => createEfficientNet("efficientnet_b0", { [option]: value })).toThrow(
      new RangeError(
        `createEfficientNet: expected \`${option}\` to be a finite number above 0, got ${value}`,
      ),
    );
  });
});
