import { describe, expect, it } from "vitest";
import { configs } from "../src/configs.ts";
import { learningRates, optimizerOf, parameterGroups } from "../src/learning-rates.ts";
import { createNetwork } from "../src/network.ts";
import type { YmlConfig } from "../src/yml-config.ts";

const { R50_256, SER101ibn_512_all } = configs;

function withSolver(changes: Partial<YmlConfig["SOLVER"]>): Pick<YmlConfig, "SOLVER"> {
  return { SOLVER: { ...R50_256.SOLVER, ...changes } };
}

describe("learningRates", () => {
  it("warms up for an epoch, and falls by a cosine that did not wait", () => {
    const perEpoch = 100_000;
    const rate = learningRates(R50_256, perEpoch);
    const at = (epoch: number) => Number(rate(epoch * perEpoch).toFixed(5));
    expect([0, 0.5, 0.99999, 1, 5, 9, 10, 11].map(at)).toEqual([
      0.0008, 0.0404, 0.08, 0.07805, 0.04008, 0.00211, 0.00016, 0.00016,
    ]);
  });

  it("begins with the highest rate where there is no warm-up", () => {
    const rate = learningRates(SER101ibn_512_all, 10);
    expect([0, 20, 40].map(rate).map((value) => Number(value.toPrecision(4)))).toEqual([
      8e-4, 4.008e-4, 1.6e-6,
    ]);
  });
});

describe("parameterGroups", () => {
  const model = createNetwork(R50_256, { width: 8, depths: [1, 1, 1, 1] });
  const groupOf = (config: Pick<YmlConfig, "SOLVER">, name: string) =>
    parameterGroups(config, model, 10).find(({ match }) =>
      match instanceof RegExp ? match.test(name) : match(name, []),
    );

  it("keeps the bias of the neck, and gives other biases twice the rate from the same start to the same end", () => {
    expect(groupOf(R50_256, "fcneck_bn.bias")?.frozen).toBe(true);
    const biases = groupOf(R50_256, "layer1.0.bn1.bias");
    const rates = [0, 5, 10, 50, 100].map((step) => Number(biases!.schedule!(step).toFixed(5)));
    expect(rates).toEqual([0.0008, 0.0804, 0.15609, 0.08008, 0.00016]);
    expect(biases?.weightDecay).toBe(5e-4);
    expect(groupOf(SER101ibn_512_all, "bn1.bias")?.weightDecay).toBe(1e-5);
    expect(groupOf(R50_256, "layer1.0.bn1.weight")).toBeUndefined();
  });

  it("gives the head ten times the rate with LARGE_FC_LR alone", () => {
    expect(groupOf(R50_256, "classifier.weight")).toBeUndefined();
    const head = groupOf(withSolver({ LARGE_FC_LR: true }), "classifier.weight");
    expect(head?.schedule?.(50).toFixed(4)).toBe("0.4001");
  });
});

describe("optimizerOf", () => {
  it("is SGD with momentum in the published runs", () => {
    const { name, slots, weightDecay } = optimizerOf(SER101ibn_512_all);
    expect([name, slots, weightDecay]).toEqual(["sgd", ["momentum"], 1e-5]);
    expect(optimizerOf(withSolver({ MOMENTUM: 0 })).slots).toEqual([]);
  });

  it("can be Adam or AdamW", () => {
    const names = ["Adam", "AdamW"].map((OPTIMIZER_NAME) => optimizerOf(withSolver({ OPTIMIZER_NAME })).name);
    expect(names).toEqual(["adam", "adamW"]);
  });
});
