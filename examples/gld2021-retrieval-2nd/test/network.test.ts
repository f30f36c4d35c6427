import { describe, expect, it } from "vitest";
import { chains } from "../src/chains.ts";
import { configs } from "../src/configs.ts";
import { createNetwork, headClasses, headName, initialParameters } from "../src/network.ts";
import type { YmlConfig } from "../src/yml-config.ts";

const { MODEL } = configs.R50_256;

/** A config with other keys of the model than the one of ResNet-50. */
function withModel(changes: Partial<YmlConfig["MODEL"]>): Pick<YmlConfig, "MODEL"> {
  return { MODEL: { ...MODEL, ...changes } };
}

/** Trained numbers of the backbone, in millions, with two digits. */
function millions(name: string): number {
  const { shapes } = createNetwork(withModel({ NAME: name }));
  let sum = 0;
  for (const [parameter, shape] of Object.entries(shapes)) {
    const counted = !parameter.includes("running_") && !parameter.startsWith("fcneck");
    if (counted) sum += shape.reduce((size, side) => size * side, 1);
  }
  return Math.round(sum / 1e4) / 100;
}

describe("backbones", () => {
  it.each([
    ["resnet50", 23.51],
    ["se_resnet101_ibn_a", 47.24],
    ["resnext101_ibn_a", 42.13],
    ["resnest101", 46.23],
    ["resnest269", 108.88],
    ["resnet101_ibn_a", 42.5],
  ])("%s has %d million parameters, and a map of 2048 numbers for every 16 pixels", (name, count) => {
    const model = createNetwork(withModel({ NAME: name }));
    expect(millions(name)).toBe(count);
    expect([model.stride, model.dimension]).toEqual([16, 512]);
    expect(model.shapes["fcneck.weight"]).toEqual([512, 2048]);
  });

  it.each([
    [0, 1280],
    [1, 1280],
    [2, 1408],
    [3, 1536],
    [4, 1792],
    [5, 2048],
    [6, 2304],
    [7, 2560],
  ])("efficientnet-b%i has %i numbers for every 32 pixels", (n, channels) => {
    const model = createNetwork(withModel({ NAME: `efficientnet-b${n}` }));
    expect([model.stride, model.shapes["fcneck.weight"]]).toEqual([32, [512, channels]]);
  });

  it("strides at last where LAST_STRIDE is 2, but for the two that do not look at it", () => {
    const strides = [
      "resnet50",
      "resnet101_ibn_a",
      "resnest101",
      "se_resnet101_ibn_a",
      "resnext101_ibn_a",
    ].map((NAME) => createNetwork(withModel({ NAME, LAST_STRIDE: 2 })).stride);
    expect(strides).toEqual([32, 32, 32, 16, 16]);
  });

  it("takes means of pixels before the shortcuts of ResNet-50 that stride", () => {
    const { shapes } = createNetwork(configs.R50_256);
    const names = ["layer1", "layer2", "layer3", "layer4"].map((layer) => [
      `${layer}.0.downsample.0.weight` in shapes,
      `${layer}.0.downsample.1.weight` in shapes && `${layer}.0.downsample.2.weight` in shapes,
    ]);
    expect(names).toEqual([
      [true, false],
      [false, true],
      [false, true],
      [true, false],
    ]);
  });

  it("refuses a name that the original cannot build", () => {
    expect(() => createNetwork(withModel({ NAME: "se_resnet152_ibn_a" }))).toThrow(
      "MODEL.NAME: expected one of resnet50, resnet101_ibn_a, se_resnet101_ibn_a, resnext101_ibn_a, efficientnet-b0 to -b7, resnest50, resnest101, resnest200, resnest269, got se_resnet152_ibn_a; correct it",
    );
  });
});

describe("the neck", () => {
  it("has a linear layer without bias and a batch norm whose bias stays", () => {
    const model = createNetwork(configs.SER101ibn_384);
    expect(Object.keys(model.shapes).filter((name) => name.startsWith("fcneck"))).not.toContain(
      "fcneck.bias",
    );
    expect(model.frozen).toEqual(["fcneck_bn.bias"]);
    expect(createNetwork(withModel({ NECK_BIAS: true })).frozen).toEqual([]);
  });

  it("is a batch norm of 2048 numbers without the layer", () => {
    const model = createNetwork(withModel({ NECK_DIM: 0, NECK_BIAS: true }));
    expect([model.dimension, model.frozen]).toEqual([2048, ["bottleneck.bias"]]);
  });
});

describe("the head", () => {
  it("has a row for each class of the list, or for all classes", () => {
    const size = { width: 16, depths: [1, 1, 1, 1] };
    for (const { published } of Object.values(chains)) {
      const model = createNetwork(configs[published], size);
      const { shape } = initialParameters(model, { classes: 7, seed: 1 })[headName]!;
      expect(shape).toEqual([7, 512]);
    }
    expect(headClasses(configs.SER101ibn_384, 81_313)).toBe(81_313);
    expect(headClasses(configs.ResNeSt269_512_all, 12)).toBe(203_094);
  });
});
