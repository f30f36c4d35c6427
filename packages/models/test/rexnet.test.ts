import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-layers";
import { type Backbone, createReXNet, type ReXNetName } from "@lmk/models";
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

/** Input, depthwise, squeezed and output channels of each block, read from the shapes of its parameters. */
function blocksOf({ shapes }: Backbone): (readonly (number | undefined)[])[] {
  return Array.from({ length: 16 }, (_, index) => {
    const name = `features.${index + 3}.out`;
    const [depthwise, project] = index === 0 ? [0, 3] : index < 3 ? [3, 6] : [3, 7];
    return [
      (index === 0 ? shapes["features.0.weight"]! : shapes[`${name}.0.weight`]!).at(index === 0 ? 3 : 2),
      shapes[`${name}.${depthwise}.weight`]![3],
      shapes[`${name}.5.fc.0.weight`]?.[3],
      shapes[`${name}.${project}.weight`]![3],
    ];
  });
}

describe("a ReXNet", () => {
  it("has the channels of the reference at width 2", () => {
    const backbone = createReXNet("rexnet_200");
    expect(blocksOf(backbone)).toEqual([
      [64, 64, undefined, 32],
      [32, 192, undefined, 54],
      [54, 324, undefined, 77],
      [77, 462, 38, 100],
      [100, 600, 50, 122],
      [122, 732, 61, 144],
      [144, 864, 72, 167],
      [167, 1002, 83, 190],
      [190, 1140, 95, 212],
      [212, 1272, 106, 234],
      [234, 1404, 117, 257],
      [257, 1542, 128, 280],
      [280, 1680, 140, 302],
      [302, 1812, 151, 324],
      [324, 1944, 162, 347],
      [347, 2082, 173, 370],
    ]);
    expect(backbone.shapes["features.19.weight"]).toEqual([1, 1, 370, 2560]);
    expect(backbone.levels).toEqual([
      { channels: 32, stride: 2 },
      { channels: 77, stride: 4 },
      { channels: 122, stride: 8 },
      { channels: 257, stride: 16 },
      { channels: 370, stride: 32 },
      { channels: 2560, stride: 32 },
    ]);
    expect([backbone.channels, backbone.stride]).toEqual([2560, 32]);
  });

  it.each([
    [0.5, 32, [16, 22, 27, 33, 38, 44, 50, 55, 61, 67, 72, 78, 84, 89, 95, 100], 640],
    [0.7, 32, [16, 24, 32, 40, 48, 55, 63, 71, 79, 87, 95, 103, 110, 118, 126, 134], 896],
    [1.3, 42, [21, 35, 50, 65, 79, 94, 109, 123, 138, 152, 167, 182, 196, 211, 226, 240], 1664],
    [1.5, 48, [24, 41, 58, 75, 92, 108, 125, 142, 159, 176, 193, 210, 226, 243, 260, 277], 1920],
    [3.0, 96, [48, 82, 116, 149, 183, 217, 250, 284, 318, 352, 386, 419, 453, 487, 520, 554], 3840],
  ])("rounds channels as Python does: width %s", (width, stem, outputs, last) => {
    const backbone = createReXNet("rexnet_100", { width });
    expect(backbone.shapes["features.0.weight"]).toEqual([3, 3, 3, stem]);
    expect(blocksOf(backbone).map((block) => block[3])).toEqual(outputs);
    expect(backbone.channels).toBe(last);
  });

  it("has the names of the reference", () => {
    const { shapes, classifier } = createReXNet("rexnet_100");
    expect(shapes).toMatchObject({
      "features.1.running_mean": [32],
      "features.3.out.0.weight": [3, 3, 1, 32],
      "features.3.out.1.weight": [32],
      "features.3.out.3.weight": [1, 1, 32, 16],
      "features.3.out.4.bias": [16],
      "features.4.out.0.weight": [1, 1, 16, 96],
      "features.4.out.3.weight": [3, 3, 1, 96],
      "features.4.out.7.running_var": [27],
      "features.6.out.5.fc.0.weight": [1, 1, 228, 19],
      "features.6.out.5.fc.0.bias": [19],
      "features.6.out.5.fc.1.weight": [19],
      "features.6.out.5.fc.3.weight": [1, 1, 19, 228],
      "features.6.out.5.fc.3.bias": [228],
      "features.6.out.7.weight": [1, 1, 228, 50],
      "features.6.out.8.weight": [50],
      "features.20.weight": [1280],
    });
    expect(Object.keys(shapes)).toHaveLength(349);
    expect(classifier).toEqual(["output.1.weight", "output.1.bias"]);
  });

  it.each([
    ["rexnet_100", 4796873],
    ["rexnet_130", 7557091],
    ["rexnet_150", 9728593],
    ["rexnet_200", 16366620],
    ["rexnet_300", 34708792],
  ] as const)("has the reference's number of weights, with 1000 classes: %s", (name, count) => {
    const { shapes, channels } = createReXNet(name);
    const weights = Object.entries(shapes).filter(([key]) => !key.includes(".running_"));
    const sum = weights.reduce((total, [, shape]) => total + sizeOf(shape), 0);
    expect(sum + 1000 * (channels + 1)).toBe(count);
  });

  it("adds a block's input to the first channels of its output alone", () => {
    const backbone = createReXNet("rexnet_100");
    tf.tidy(() => {
      const parameters = drawn(backbone);
      const images = tf.randomUniform([1, 32, 32, 3], -1, 1, "float32", 5) as tf.Tensor4D;
      const silenced = {
        ...parameters,
        "features.5.out.7.weight": tf.zeros([38]),
        "features.5.out.7.bias": tf.fill([38], 2),
      };
      // The second level is the output of features.5, whose input has 27 channels.
      const map = backbone.apply(silenced, images).levels[1]!;
      const [first, rest] = tf.split(map, [27, 11], 3) as [tf.Tensor, tf.Tensor];
      expect(new Set(rest.dataSync())).toEqual(new Set([2]));
      const spread = tf.moments(first, [0, 1, 2]).variance.dataSync();
      expect(Math.min(...spread)).toBeGreaterThan(0);
    });
  });

  it("draws filters and biases uniformly within 1 / √inputs", () => {
    const arrays = createReXNet("rexnet_100").initialize({ seed: 7 });
    const largest = (name: string) =>
      arrays[name]!.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const [name, inputs] of [
      ["features.0.weight", 27],
      ["features.18.out.3.weight", 9],
      ["features.18.out.0.weight", 174],
      ["features.18.out.5.fc.0.bias", 1044],
      ["features.18.out.5.fc.3.bias", 87],
    ] as const) {
      expect(largest(name) * Math.sqrt(inputs), name).toBeGreaterThan(0.9);
      expect(largest(name) * Math.sqrt(inputs), name).toBeLessThanOrEqual(1 + 1e-6);
    }
    expect(new Set(arrays["features.18.out.5.fc.1.bias"]!.data)).toEqual(new Set([0]));
    expect(new Set(arrays["features.18.out.8.weight"]!.data)).toEqual(new Set([1]));
    expect(new Set(arrays["features.18.out.8.running_var"]!.data)).toEqual(new Set([1]));
  });

  it("refuses to be trained on a single image, whose squeeze has one value per channel", () => {
    const backbone = createReXNet("rexnet_100", { width: 0.3 });
    tf.tidy(() => {
      const parameters = drawn(backbone);
      expect(() => backbone.apply(parameters, tf.zeros([1, 64, 64, 3]), { training: true })).toThrow(
        new RangeError(
          'batchNorm: expected `features.6.out.5.fc.1` to see more than one value per channel, got 1; use a larger batch or batchNorm: "running"',
        ),
      );
    });
  });

  it("refuses a name it does not know", () => {
    expect(() => createReXNet("rexnet_220" as ReXNetName)).toThrow(
      new RangeError(
        "createReXNet: expected `name` to be one of rexnet_100, rexnet_130, rexnet_150, rexnet_200, rexnet_300, got rexnet_220",
      ),
    );
  });

  it.each([0, -1, 1 / 1281, Number.NaN, Number.POSITIVE_INFINITY])("refuses a width of %s", (width) => {
    expect(() => createReXNet("rexnet_100", { width })).toThrow(
      new RangeError(
        `createReXNet: expected \`width\` to be a finite number of at least 1 / 1280, got ${width}`,
      ),
    );
  });
});
