import { describe, expect, it } from "vitest";
import { ensembles, kindOf, type MemberName } from "../src/ensembles.ts";
import { plainConfigs } from "../src/plain-configs.ts";
import { publishedResults } from "../src/published-results.ts";
import { recipes } from "../src/recipes.ts";
import { imageSide } from "../src/tokens.ts";

const stepsOf = (member: MemberName) => recipes.find((recipe) => recipe.member === member)!.steps;

/** Side, table, rate, epochs, stop, batch of a device, devices of each step. */
function table(member: MemberName): unknown[][] {
  return stepsOf(member).map(({ source, config: c, devices }) => [
    ...[source, c.img_size[0], c.train_df, c.lr, c.epochs, c.stop_at, c.batch_size, devices],
  ]);
}

const [c, x, all] = ["train.csv", "train_gldv2x.csv", "train_full.csv"];

describe("recipes of DOLG", () => {
  it.each([
    [
      "dolg-b7",
      [
        ["config", 256, c, 1e-4, 10, -1, 64, 8],
        ["config", 448, x, 1e-4, 40, 29, 20, 8],
        ["config", 448, x, 5e-5, 15, -1, 4, 8],
      ],
    ],
    [
      "dolg-b5",
      [
        ["paper", 256, c, 1e-4, 10, -1, 64, 8],
        ["paper", 448, x, 1e-4, 40, 29, 20, 8],
        ["config", 768, x, 5e-5, 7, -1, 10, 8],
      ],
    ],
    [
      "dolg-b6",
      [
        ["paper", 256, c, 1e-4, 10, -1, 64, 8],
        ["paper", 448, x, 1e-4, 40, 25, 20, 8],
        ["config", 768, x, 1e-4, 7, -1, 10, 8],
      ],
    ],
  ] as const)("%s are three steps", (member, rows) => {
    expect(table(member)).toEqual(rows);
  });

  it("keep the network and its decay from the first step on", () => {
    for (const member of ["dolg-b5", "dolg-b6", "dolg-b7"] as const) {
      const same = stepsOf(member).map(({ config }) =>
        JSON.stringify([config.backbone, config.dilations, config.weight_decay]),
      );
      expect(new Set(same).size).toBe(1);
    }
  });
});

describe("recipes of hybrids", () => {
  it.each([
    ["swin-b3", 224, 448, ["config", 896, x, 1e-4, 40, 16, 12, 8]],
    ["swin-b5", 224, 448, ["config", 448, x, 5e-5, 40, 16, 8, 8]],
    ["swin-b6", 384, 384, ["paper", 384, x, 5e-5, 40, 16, 8, 8]],
  ] as const)("%s are four steps", (member, small, medium, last) => {
    const step3 = member === "swin-b6" ? "config" : "paper";
    expect(table(member)).toEqual([
      ["paper", small, c, 1e-4, 10, -1, 64, 8],
      ["paper", medium, x, 2.5e-4, 1, -1, 16, 8],
      [step3, medium, x, 2.5e-4, 40, 29, 16, 8],
      last,
    ]);
    for (const { config } of stepsOf(member)) expect(imageSide(config)).toBe(config.img_size[0]);
  });

  it.each(["swin-b3", "swin-b5", "swin-b6"] as const)("%s freeze all but the tokens in step 2", (member) => {
    const steps = stepsOf(member).map(({ config }) => config);
    expect(steps.map(({ freeze_backbone_head }) => freeze_backbone_head)).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(steps.map(({ pop_weights }) => pop_weights)).toEqual([
      null,
      ["patch_embed"],
      null,
      ["patch_embed.proj.weight"],
    ]);
    expect(steps.map(({ pretrained_weights_strict: strict }) => strict)).toEqual([true, false, true, false]);
    expect(steps[0]!.model).toBe("swin");
    expect(new Set(steps.map(({ backbone }) => backbone)).size).toBe(1);
  });
});

describe("recipes of the EfficientNets", () => {
  it("are those of 2020", () => {
    expect(table("effnet-b3")).toEqual([
      ["2020", 256, all, 1e-4, 10, -1, 128, 2],
      ["2020", 544, x, 1e-4, 40, 29, 17, 8],
      ["2020", 768, x, 5e-5, 5, -1, 22, 8],
      ["2020", 768, x, 5e-5, 5, -1, 22, 8],
    ]);
    expect(table("effnet-b6")).toEqual([
      ["2020", 256, all, 1e-4, 10, -1, 64, 4],
      ["2020", 512, x, 1e-4, 40, 36, 22, 8],
    ]);
    expect(table("effnet-b5").map((row) => row.slice(1, 4))).toEqual([
      [448, c, 0.01],
      [448, x, 0.01],
      [704, x, 0.01],
    ]);
  });

  it("have the losses of 2020", () => {
    for (const config of [...plainConfigs.b3, ...plainConfigs.b6]) {
      const margins = { loss: "adaptive_arcface", arcface_s: 80, arcface_m_x: 0.45, arcface_m_y: 0.05 };
      expect(config).toMatchObject({ ...margins, optimizer: "Adam", schedule: "gradual_warmup", warmup: 1 });
    }
    for (const config of plainConfigs.b5) {
      const margin = { loss: "arcface", arcface_s: 30, arcface_m: 0.3, label_smoothing: 0.1 };
      const sgd = { optimizer: "SGD", sgd_momentum: 0.9, weight_decay: 1e-5, sgd_nesterov: false };
      expect(config).toMatchObject({ ...margin, ...sgd });
    }
  });

  it("begin with all landmarks and then take a new head", () => {
    for (const member of ["effnet-b3", "effnet-b6"] as const) {
      const [first, second, ...others] = stepsOf(member).map(({ config }) => config);
      expect([first!.n_classes, second!.n_classes]).toEqual([203_094, 81_313]);
      expect(second!.pop_weights).toEqual(["metric_classify"]);
      for (const { pop_weights } of others) expect(pop_weights).toBeNull();
    }
  });
});

it("each step loads the one before, and no two steps have the same name", () => {
  const names = recipes.flatMap(({ steps }) => steps.map(({ config }) => config.name));
  expect(new Set(names).size).toBe(names.length);
  for (const { steps } of recipes) {
    expect(steps.map(({ config }) => config.pretrained_weights)).toEqual([
      null,
      ...steps.slice(0, -1).map(({ config }) => config.name),
    ]);
  }
});

describe("ensembles", () => {
  it("have three networks of DOLG, three hybrids and two EfficientNets", () => {
    const three = ["dolg-b5", "dolg-b6", "dolg-b7", "swin-b3", "swin-b5", "swin-b6"];
    expect(ensembles.recognition).toEqual([...three, "effnet-b3", "effnet-b6"]);
    expect(ensembles.retrieval).toEqual([...three, "effnet-b6", "effnet-b5"]);
    expect(ensembles.recognition.map(kindOf)).toEqual([
      ...["dolg", "dolg", "dolg", "swin", "swin", "swin", "effnet", "effnet"],
    ]);
  });
});

describe("published results", () => {
  it("are table 1", () => {
    const rows = publishedResults.map(({ system, size, stemStride, data, recognition: g, retrieval: m }) => [
      ...[system, size, stemStride, data, g?.private, g?.public, m?.private, m?.public],
    ]);
    const none = undefined;
    expect(rows).toEqual([
      ["dolg-b5", 768, 2, "GLDv2x", 47.6, 49.7, 47.8, 46.4],
      ["dolg-b6", 768, 2, "GLDv2x", 47.6, 47.9, 47.4, 45.4],
      ["dolg-b7", 448, 1, "GLDv2x", 46.5, 48.4, 47.0, 45.8],
      ["swin-b3", 896, 2, "GLDv2x", 46.2, 48.7, 48.1, 45.4],
      ["swin-b5", 448, 1, "GLDv2x", 46.2, 48.2, 47.6, 44.3],
      ["swin-b6", 384, 1, "GLDv2x", 46.7, 49.2, 48.7, 46.2],
      ["effnet-b3", 768, 2, "GLDv2", 46.3, 48.7, none, none],
      ["effnet-b6", 512, 2, "GLDv2", 47.0, 48.4, 45.4, 44.1],
      ["effnet-b5", 704, 2, "GLDv2x", none, none, 45.9, 42.8],
      ["ensemble", none, none, none, 51.3, 53.4, 53.7, 51.8],
    ]);
  });

  it("are of the networks that the recipes end with", () => {
    for (const { system, size, stemStride } of publishedResults) {
      if (system === "ensemble") continue;
      const { img_size, stride } = stepsOf(system).at(-1)!.config;
      expect([system, img_size[0], stride?.[0] ?? 2]).toEqual([system, size, stemStride]);
    }
  });

  it("are there for the members of each ensemble", () => {
    for (const task of ["recognition", "retrieval"] as const) {
      const scored = publishedResults.filter((result) => result[task] && result.system !== "ensemble");
      expect(scored.map(({ system }) => system)).toEqual(ensembles[task]);
    }
  });
});
