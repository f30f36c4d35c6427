import type { NamedArray, NamedArrays } from "@lmk/models";
import { describe, expect, it } from "vitest";
import { configs } from "../src/configs.ts";
import { handOver, imagenetWeights } from "../src/handover.ts";
import { createNetwork, headName } from "../src/network.ts";

function filled(value: number, ...shape: number[]): NamedArray {
  return { shape, data: new Float32Array(shape.reduce((size, side) => size * side, 1)).fill(value) };
}

/** Arrays of one value each, by the names of a network. */
function arraysOf(shapes: Readonly<Record<string, readonly number[]>>): NamedArrays {
  return Object.fromEntries(Object.keys(shapes).map((name) => [name, filled(1, 1)]));
}

describe("handOver", () => {
  const initial = {
    "conv1.weight": filled(0, 2, 2),
    "fcneck.weight": filled(0, 2, 2),
    [headName]: filled(0, 5, 2),
  };

  it("makes the classes of a smaller head the first ones, and keeps the others", () => {
    const { parameters, report } = handOver(initial, {
      "module.base.conv1.weight": filled(1, 2, 2),
      "module.classifier.weight": { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    });
    expect([...parameters[headName]!.data]).toEqual([1, 2, 3, 4, 5, 6, 0, 0, 0, 0]);
    expect(report.copiedRows).toEqual([{ name: headName, from: 3, to: 5, rows: 3 }]);
    expect([report.loaded, report.kept]).toEqual([["conv1.weight"], ["fcneck.weight"]]);
  });

  it("takes a head of as many classes whole", () => {
    const { report } = handOver(initial, { [headName]: filled(1, 5, 2) });
    expect(report.loaded).toEqual([headName]);
  });

  it("leaves out what the network does not have, or has in another shape", () => {
    const { report } = handOver(initial, {
      "conv1.weight": filled(1, 2, 2),
      "fcneck.weight": filled(1, 4, 2),
      "other.weight": filled(1, 1),
    });
    expect(report.loaded).toEqual(["conv1.weight"]);
  });

  it("refuses a head of more classes, and weights of which none fits", () => {
    expect(() => handOver(initial, { [headName]: filled(1, 6, 2) })).toThrow(
      "MODEL.PRETRAIN_PATH: expected a head of at most 5 classes and 2 columns, got 6 × 2; begin with a run of the same classes or fewer",
    );
    expect(() => handOver(initial, { "other.weight": filled(1, 1) })).toThrow(
      "MODEL.PRETRAIN_PATH: expected weights of this network, got none with its names and shapes; take those of MODEL.NAME",
    );
  });
});

describe("imagenetWeights", () => {
  it("leaves the 66 gates of SE-ResNet-101 random, unless they are asked for", () => {
    const config = configs.SER101ibn_384;
    const published = { ...arraysOf(createNetwork(config).shapes), "fc.weight": filled(1, 1) };
    delete (published as Record<string, NamedArray>)["fcneck.weight"];
    const all = Object.keys(published).filter((name) => !name.startsWith("fcneck"));
    const count = (loadSeFc: boolean) => {
      const taken = Object.keys(imagenetWeights(config, published, { loadSeFc }));
      expect(taken).not.toContain("fc.weight");
      return all.length - taken.filter((name) => !name.startsWith("fcneck")).length;
    };
    expect([count(false), count(true)]).toEqual([67, 1]);
  });

  it("takes the attention of a ResNeSt, whose layers have fc in their names", () => {
    const names = ["layer1.0.conv2.fc1.weight", "module.conv1.0.weight", "fc.weight", "fc.bias"];
    const published = Object.fromEntries(names.map((name) => [name, filled(1, 1)]));
    const taken = Object.keys(imagenetWeights(configs.ResNeSt101_384, published));
    expect(taken).toEqual(["layer1.0.conv2.fc1.weight", "conv1.0.weight"]);
  });

  it("puts the shortcuts of ResNet-50 that stride behind the means of pixels", () => {
    const stages = [1, 2, 3, 4].flatMap((stage) =>
      [0, 1].map((place) => `layer${stage}.0.downsample.${place}.weight`),
    );
    const published = Object.fromEntries(stages.map((name) => [name, filled(1, 1)]));
    const taken = Object.keys(imagenetWeights(configs.R50_256, published));
    expect(taken.map((name) => name.match(/\d+/g)!.join(""))).toEqual([
      "100",
      "101",
      "201",
      "202",
      "301",
      "302",
      "400",
      "401",
    ]);
    const { shapes } = createNetwork(configs.R50_256);
    for (const name of taken) expect(shapes).toHaveProperty([name]);
  });
});
