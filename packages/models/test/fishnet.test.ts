import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-layers";
import { createFishNet, type FishNetName, fishnetVariants, type NamedArrays } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

const tensorsOf = (arrays: NamedArrays): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );

describe("a FishNet", () => {
  beforeAll(async () => {
    await tf.setBackend("wasm");
  });

  it.each([
    ["fishnet99", 16_628_904],
    ["fishnet150", 24_959_400],
    ["fishnet201", 44_584_552],
  ] as const)("has the authors' parameters but for the classifier's 3,293,608: %s", (name, all) => {
    const trained = Object.entries(createFishNet(name).shapes).filter(([key]) => !key.includes(".running_"));
    const count = trained.reduce((sum, [, shape]) => sum + shape.reduce((size, side) => size * side, 1), 0);
    // Two batch norms, of 2112 and 1056 channels, and convolutions from 2112 to 1056 and on to 1000 classes.
    const classifier = 2 * 2112 + 2112 * 1056 + 2 * 1056 + 1056 * 1000 + 1000;
    expect(classifier).toBe(3_293_608);
    expect(count + classifier).toBe(all);
  });

  it("gives the body's last map and the head's, with channels that go with the width", () => {
    for (const name of Object.keys(fishnetVariants) as FishNetName[]) {
      const { levels, channels, stride } = createFishNet(name);
      expect(levels).toEqual([
        { channels: 320, stride: 4 },
        { channels: 832, stride: 8 },
        { channels: 1600, stride: 16 },
        { channels: 2112, stride: 32 },
      ]);
      expect([channels, stride]).toEqual([2112, 32]);
    }
    const narrow = createFishNet("fishnet99", { width: 4 });
    expect(narrow.levels.map(({ channels }) => channels)).toEqual([20, 52, 100, 132]);
    expect(narrow.shapes["fish.fish.3.3.0.3.weight"]).toEqual([1, 1, 64, 2]);
  });

  it("can be shallower than published", () => {
    const depths = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    const transferDepths = [1, 1, 1, 1, 1, 1];
    const shallow = createFishNet("fishnet99", { width: 4, depths, transferDepths });
    expect(shallow.levels).toEqual(createFishNet("fishnet99", { width: 4 }).levels);
    const blocks = Object.keys(shallow.shapes).filter((key) => key.endsWith("conv2.weight"));
    const published = Object.keys(createFishNet("fishnet99").shapes).filter((key) =>
      key.endsWith("conv2.weight"),
    );
    // Ten stages and six transfers of one bottleneck each, where the published network has 20 and 9.
    expect([blocks.length, published.length]).toEqual([16, 29]);
    expect(() => createFishNet("fishnet99", { depths: [1, 2] })).toThrow(
      new RangeError("createFishNet: expected `depths` to be 10 whole numbers above 0, got [1, 2]"),
    );
    expect(() => createFishNet("fishnet99", { transferDepths: [1, 1, 1, 1, 1, 0] })).toThrow(
      new RangeError(
        "createFishNet: expected `transferDepths` to be 6 whole numbers above 0, got [1, 1, 1, 1, 1, 0]",
      ),
    );
  });

  it("takes sides that are multiples of 32 or up to 3 less", () => {
    const backbone = createFishNet("fishnet99", { width: 4 });
    tf.tidy(() => {
      const parameters = tensorsOf(backbone.initialize({ seed: 1 }));
      const { levels } = backbone.apply(parameters, tf.ones([1, 61, 96, 3]));
      expect(levels.map(({ shape }) => shape)).toEqual([
        [1, 16, 24, 20],
        [1, 8, 12, 52],
        [1, 4, 6, 100],
        [1, 2, 3, 132],
      ]);
      for (const [height, width] of [
        [60, 64],
        [64, 65],
        [224, 100],
      ] as const) {
        expect(() => backbone.apply(parameters, tf.ones([1, height, width, 3]))).toThrow(
          new RangeError(
            `fishnet99: expected \`images\` to have sides that are multiples of 32 or up to 3 less, got ${height} × ${width}`,
          ),
        );
      }
    });
  });

  it("draws biases of convolutions evenly between ± 1 / √in, everything else as ResNets do", () => {
    const arrays = createFishNet("fishnet99", { width: 32 }).initialize({ seed: 2 });
    const largest = (name: string): number => Math.max(...arrays[name]!.data.map(Math.abs));
    expect(largest("fish.fish.3.3.0.5.bias") * Math.sqrt(16)).toBeCloseTo(1, 1);
    expect(largest("fish.fish.3.1.bias") * Math.sqrt(128)).toBeCloseTo(1, 1);
    expect(largest("fish.fish.0.0.0.bn1.bias")).toBe(0);
    const { data } = arrays["fish.fish.6.0.0.conv2.weight"]!;
    const power = data.reduce((sum, value) => sum + value ** 2, 0) / data.length;
    expect(power / (2 / (9 * 32))).toBeCloseTo(1, 1);
  });

  it("refuses names and widths that it does not know", () => {
    expect(() => createFishNet("fishnet50" as FishNetName)).toThrow(
      new RangeError(
        "createFishNet: expected `name` to be one of fishnet99, fishnet150, fishnet201, got fishnet50",
      ),
    );
    for (const width of [0, -4, 6, Number.NaN]) {
      expect(() => createFishNet("fishnet99", { width })).toThrow(
        new RangeError(`createFishNet: expected \`width\` to be a multiple of 4 above 0, got ${width}`),
      );
    }
  });
});
