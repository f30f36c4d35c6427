import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromReferenceLayout, type NamedArray, type NamedArrays } from "@lmk/models";
import {
  CheckpointError,
  loadWeights,
  type MatchWeightsOptions,
  matchWeights,
  type NameMapName,
  nameMaps,
  type WeightsReport,
} from "@lmk/models/checkpoints";
import { describe, expect, it } from "vitest";

type Shapes = Readonly<Record<string, readonly number[]>>;

/** Names and shapes of real checkpoints: see checkpoint-files/name-lists.py. */
const lists = JSON.parse(
  readFileSync(new URL("./checkpoint-files/golden/name-lists.json", import.meta.url), "utf8"),
) as Record<string, Shapes>;

function array(...shape: readonly number[]): NamedArray {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
  return { shape, data };
}

function arraysOf(shapes: Shapes): NamedArrays {
  const empty = new Float32Array();
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, data: empty }]));
}

/** A network's shapes in memory, from those of its reference. */
function memoryShapes(shapes: Shapes): Shapes {
  const moved = fromReferenceLayout(arraysOf(shapes));
  return Object.fromEntries(Object.entries(moved).map(([name, { shape }]) => [name, shape]));
}

function refusal(shapes: Shapes, arrays: NamedArrays, options?: MatchWeightsOptions): string {
  try {
    matchWeights(shapes, arrays, options);
  } catch (error) {
    if (error instanceof CheckpointError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error("expected a CheckpointError, got none");
}

const shapes = { "conv.weight": [1, 2, 3, 4], "fc.bias": [2] };
const arrays = { "fc.bias": array(2), "conv.weight": array(4, 3, 1, 2) };

describe("matchWeights", () => {
  it("gives filters as [height, width, in, out], in the network's order", () => {
    const weights = matchWeights(shapes, arrays);
    expect(Object.keys(weights)).toEqual(["conv.weight", "fc.bias"]);
    const { shape, data } = weights["conv.weight"]!;
    expect(shape).toEqual([1, 2, 3, 4]);
    // The reference's [o, i, 0, w] stands at [0, w, i, o].
    expect(data[1 * 12 + 2 * 4 + 3]).toBe(3 * 6 + 2 * 2 + 1);
  });

  it("takes filters as they are from files of this package", () => {
    const own = { ...arrays, "conv.weight": array(1, 2, 3, 4) };
    expect(matchWeights(shapes, own, { layout: "memory" })["conv.weight"]).toBe(own["conv.weight"]);
  });

  it("cuts module., or the prefixes that it is told", () => {
    const prefixed = { "module.fc.bias": array(2), "module.conv.weight": array(4, 3, 1, 2) };
    expect(Object.keys(matchWeights(shapes, prefixed))).toEqual(Object.keys(shapes));
    const deeper = { "module.net.fc.bias": array(2), "net.conv.weight": array(4, 3, 1, 2) };
    const weights = matchWeights(shapes, deeper, { prefix: ["module.", "net."] });
    expect(Object.keys(weights)).toEqual(Object.keys(shapes));
  });

  it("renames by a table or a function, and drops what a function gives nothing for", () => {
    const other = { bias: array(2), "conv.weight": array(4, 3, 1, 2) };
    const rename = { bias: "fc.bias" };
    expect(matchWeights(shapes, other, { rename })["fc.bias"]).toBe(other.bias);
    const named = { ...arrays, "head.weight": array(5) };
    const drop = (name: string) => (name.startsWith("head.") ? undefined : name);
    expect(Object.keys(matchWeights(shapes, named, { rename: drop }))).toEqual(Object.keys(shapes));
  });

  it.each([
    [["final.weight"], ["final.weight"]],
    [["final."], ["final.weight", "final.fc"]],
    [[/fc$/], ["final.fc"]],
    [[/final/g], ["final.weight", "final.fc"]],
  ])("drops names by %o", (drop, dropped) => {
    const extra = { "final.weight": array(3), "final.fc": array(3) };
    let report: WeightsReport | undefined;
    matchWeights(
      shapes,
      { ...arrays, ...extra },
      {
        drop,
        ignoreUnexpected: true,
        onReport: (value) => {
          report = value;
        },
      },
    );
    expect(report).toEqual({
      naming: "none",
      loaded: ["fc.bias", "conv.weight"],
      initial: [],
      dropped,
      unexpected: Object.keys(extra).filter((name) => !dropped.includes(name)),
    });
  });

  it("passes over counters and Swin's tables", () => {
    const buffers = {
      "bn.num_batches_tracked": array(),
      "layers.0.attn_mask": array(1),
      "a.relative_position_index": array(1),
    };
    expect(Object.keys(matchWeights(shapes, { ...arrays, ...buffers }))).toEqual(Object.keys(shapes));
  });

  it("fills what is missing from initial weights", () => {
    const initial = { "fc.bias": array(2), "conv.weight": array(1, 2, 3, 4) };
    let report: WeightsReport | undefined;
    const onReport = (value: WeightsReport) => {
      report = value;
    };
    const weights = matchWeights(shapes, { "conv.weight": arrays["conv.weight"]! }, { initial, onReport });
    expect(weights["fc.bias"]).toBe(initial["fc.bias"]);
    expect(report).toMatchObject({ loaded: ["conv.weight"], initial: ["fc.bias"] });
  });

  it("refuses initial weights of another shape, and to load nothing at all", () => {
    const conv = { "conv.weight": arrays["conv.weight"]! };
    expect(refusal(shapes, conv, { initial: { "fc.bias": array(3) } })).toBe(
      "mismatch: matchWeights: expected `arrays` to have the network's names and shapes, got 1 of another shape: initial fc.bias [3] for [2]",
    );
    const initial = { "fc.bias": array(2), "conv.weight": array(1, 2, 3, 4) };
    expect(refusal(shapes, {}, { initial })).toBe(
      "mismatch: matchWeights: expected `arrays` to fill some of the network's names, got none of them",
    );
  });

  it("lists all that does not fit in one error", () => {
    const wanted = { ...shapes, a: [1], b: [2] };
    const given = { ...arrays, "fc.bias": array(3), c: array(1) };
    expect(refusal(wanted, given)).toBe(
      "mismatch: matchWeights: expected `arrays` to have the network's names and shapes, got 2 missing: a, b; 1 unexpected: c; 1 of another shape: fc.bias [3] for [2]",
    );
  });

  it("shortens long lists", () => {
    const wanted = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`n${i}`, [1]]));
    expect(refusal(wanted, {})).toBe(
      "mismatch: matchWeights: expected `arrays` to have the network's names and shapes, got 20 missing: n0, n1, n2, n3, n4, n5, n6, n7 and 12 more",
    );
  });

  it("says which prefix would have fitted", () => {
    const prefixed = { "backbone.fc.bias": array(2), "backbone.conv.weight": array(4, 3, 1, 2) };
    expect(refusal(shapes, prefixed)).toBe(
      'mismatch: matchWeights: expected `arrays` to have the network\'s names and shapes, got 2 missing: conv.weight, fc.bias; 2 unexpected: backbone.fc.bias, backbone.conv.weight. The option prefix: "backbone." would make them fit',
    );
  });

  it("says what the network's names begin with", () => {
    const wanted = { "net.conv.weight": [1, 2, 3, 4], "net.fc.bias": [2] };
    expect(refusal(wanted, arrays)).toBe(
      "mismatch: matchWeights: expected `arrays` to have the network's names and shapes, got 2 missing: net.conv.weight, net.fc.bias; 2 unexpected: fc.bias, conv.weight. The network's names begin with \"net.\"; the option rename can put it before the file's",
    );
  });

  it("says which naming would have fitted", () => {
    const wanted = { "layer0.conv1.weight": [1], "layer1.0.se_module.fc1.bias": [1] };
    const given = { "conv1.weight": array(1), "layer1.0.se.fc1.bias": array(1) };
    expect(refusal(wanted, given, { naming: "none" })).toBe(
      'mismatch: matchWeights: expected `arrays` to have the network\'s names and shapes, got 2 missing: layer0.conv1.weight, layer1.0.se_module.fc1.bias; 2 unexpected: conv1.weight, layer1.0.se.fc1.bias. The option naming: "timm-seresnext" would make 2 of 2 fit',
    );
  });

  it("refuses two arrays of one name", () => {
    expect(refusal(shapes, { ...arrays, "module.fc.bias": array(2) })).toBe(
      "mismatch: matchWeights: expected `arrays` to have the network's names and shapes, got 1 for a name that has an array already: module.fc.bias",
    );
  });

  it("refuses a naming that it does not know", () => {
    expect(() => matchWeights(shapes, arrays, { naming: "keras" as NameMapName })).toThrow(
      new RangeError(
        `matchWeights: expected \`naming\` to be one of auto, none, ${Object.keys(nameMaps).join(", ")}, got keras`,
      ),
    );
  });

  it("does not take inherited names for a network's", () => {
    expect(
      refusal({ a: [1] }, { a: array(1), constructor: array(1), toString: array(1) } as NamedArrays),
    ).toBe(
      "mismatch: matchWeights: expected `arrays` to have the network's names and shapes, got 2 unexpected: constructor, toString",
    );
  });
});

describe("nameMaps", () => {
  const cases: readonly (readonly [NameMapName, string, string, RegExp])[] = [
    ["timm-swin-0.9", "timm 1.0 swin_tiny", "timm 0.6 swin_tiny", /\.(attn_mask|relative_position_index)$/],
    ["timm-rexnet", "timm 0.6 rexnet_100", "clovaai rexnet 1.0", /^output\./],
    ["timm-seresnext", "timm 0.6 gluon_seresnext50_32x4d", "timm 0.6 legacy_seresnext50_32x4d", /^$/],
    ["lukemelas-efficientnet", "lukemelas efficientnet_lite0", "timm 0.6 tf_efficientnet_lite0", /^$/],
    ["lukemelas-efficientnet", "lukemelas efficientnet-b0", "timm 0.6 tf_efficientnet_b0", /^$/],
  ];

  it.each(cases)("%s turns the names of %s into those of %s", (naming, from, to, left) => {
    const wanted = Object.fromEntries(Object.entries(lists[to]!).filter(([name]) => !left.test(name)));
    const memory = memoryShapes(wanted);
    const source = arraysOf(lists[from]!);
    let used: string | undefined;
    const weights = matchWeights(memory, source, {
      naming: naming === "timm-seresnext" ? naming : "auto",
      drop: [left, /^head\.fc\./].filter((rule) => naming === "timm-rexnet" || rule === left),
      onReport: (report) => {
        used = report.naming;
      },
    });
    const found = Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape]));
    expect([used, found]).toEqual([naming, memory]);
  });

  it("does not find a naming by itself under which the network computes something else", () => {
    const names = lists["timm 0.6 gluon_seresnext50_32x4d"]!;
    const memory = memoryShapes(lists["timm 0.6 legacy_seresnext50_32x4d"]!);
    expect(refusal(memory, arraysOf(names), {})).toMatch(
      /\. The option naming: "timm-seresnext" would make 331 of 331 fit$/,
    );
  });

  it("leaves older Swin checkpoints of timm as they are", () => {
    const names = lists["timm 0.6 swin_tiny"]!;
    const kept = Object.entries(names).filter(([name]) => !/attn_mask|relative_position_index/.test(name));
    let used: string | undefined;
    matchWeights(memoryShapes(Object.fromEntries(kept)), arraysOf(names), {
      onReport: (report) => {
        used = report.naming;
      },
    });
    expect(used).toBe("none");
  });

  it("fishnet-published moves the tail's and the head's last modules", () => {
    const map = nameMaps["fishnet-published"](new Set());
    const names = [
      "3.1.0.weight",
      "3.1.1.bias",
      "3.1.3.weight",
      "9.4.0.weight",
      "9.4.1.bias",
      "9.4.4.weight",
    ];
    expect(names.map((name) => map(`fish.fish.${name}`))).toEqual(
      ["3.0.2.weight", "3.0.3.bias", "3.1.weight", "9.3.2.weight", "9.3.3.bias", "9.4.1.weight"].map(
        (name) => `fish.fish.${name}`,
      ),
    );
    expect(["fish.3.1.0.weight", "fish.fish.3.0.0.weight", "conv1.0.weight"].map(map)).toEqual([
      "fish.3.0.2.weight",
      "fish.fish.3.0.0.weight",
      "conv1.0.weight",
    ]);
  });

  it("torchvision-average-downsample shifts only where the network pools first", () => {
    const targets = new Set(["layer2.0.downsample.1.weight", "layer2.0.downsample.2.weight"]);
    const map = nameMaps["torchvision-average-downsample"](targets);
    const names = [
      "layer2.0.downsample.0.weight",
      "layer2.0.downsample.1.bias",
      "layer4.0.downsample.0.weight",
    ];
    expect(names.map(map)).toEqual([
      "layer2.0.downsample.1.weight",
      "layer2.0.downsample.2.bias",
      "layer4.0.downsample.0.weight",
    ]);
    const memory = { "layer2.0.downsample.1.weight": [1, 1, 2, 4], "layer2.0.downsample.2.weight": [4] };
    const source = {
      "layer2.0.downsample.0.weight": array(4, 2, 1, 1),
      "layer2.0.downsample.1.weight": array(4),
    };
    expect(Object.keys(matchWeights(memory, source))).toEqual(Object.keys(memory));
  });

  it("timm-swin-0.9 also works within a larger model", () => {
    const map = nameMaps["timm-swin-0.9"](new Set());
    expect(map("backbone.layers.2.downsample.reduction.weight")).toBe(
      "backbone.layers.1.downsample.reduction.weight",
    );
    expect(map("layers.0.blocks.1.attn_mask")).toBeUndefined();
  });
});

describe("loadWeights", () => {
  const path = fileURLToPath(new URL("./checkpoint-files/training.tar", import.meta.url));
  const network = {
    shapes: { "0.weight": [2, 1, 2, 3], "0.bias": [3] },
    classifier: ["1.weight", "1.bias", "1.running_mean", "1.running_var"],
  };

  it("reads, cuts module. and drops the classifier", async () => {
    const weights = await loadWeights(network, path);
    expect(Object.entries(weights).map(([name, { shape }]) => [name, shape])).toEqual(
      Object.entries(network.shapes),
    );
  });

  it("refuses the classifier's arrays where it shall not drop them", async () => {
    await expect(loadWeights(network, path, { dropClassifier: false })).rejects.toThrow(
      new CheckpointError(
        "mismatch",
        `loadWeights: expected ${path} to have the network's names and shapes, got 4 unexpected: module.1.weight, module.1.bias, module.1.running_mean, module.1.running_var`,
      ),
    );
  });

  it("names the file, or the argument where it is bytes, in each refusal", async () => {
    const bytes = new Uint8Array(readFileSync(path));
    for (const [source, holder] of [
      [path, path],
      [bytes, "`source`"],
    ] as const) {
      await expect(loadWeights({ shapes: { a: [1] } }, source, { ignoreUnexpected: true })).rejects.toThrow(
        new CheckpointError(
          "mismatch",
          `loadWeights: expected ${holder} to have the network's names and shapes, got 1 missing: a`,
        ),
      );
      const initial = { a: { shape: [1], data: new Float32Array(1) } };
      const filled = { initial, ignoreUnexpected: true };
      await expect(loadWeights({ shapes: { a: [1] } }, source, filled)).rejects.toThrow(
        new CheckpointError(
          "mismatch",
          `loadWeights: expected ${holder} to fill some of the network's names, got none of them`,
        ),
      );
    }
    await expect(loadWeights(network, path, { naming: "keras" as "none" })).rejects.toThrow(
      new RangeError(
        `loadWeights: expected \`naming\` to be one of auto, none, ${Object.keys(nameMaps).join(", ")}, got keras`,
      ),
    );
  });
});
