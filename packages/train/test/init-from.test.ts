import { initFrom, type NamedArray, type NamedArrays, TrainingError } from "@lmk/train";
import { describe, expect, it } from "vitest";

/** An array whose values count on from a number. */
function counting(shape: readonly number[], from = 0): NamedArray {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, i) => from + i) };
}

function frozenCopies(arrays: NamedArrays): Record<string, number[]> {
  return Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name, [...data]]));
}

describe("initFrom", () => {
  it("takes arrays of the same names and shapes, sharing them", () => {
    const initial = { a: counting([2]), b: counting([3]) };
    const checkpoint = { b: counting([3], 10), a: counting([2], 20) };
    const { parameters, report } = initFrom(initial, checkpoint);
    expect(parameters.a).toBe(checkpoint.a);
    expect(parameters.b).toBe(checkpoint.b);
    expect(Object.keys(parameters)).toEqual(["a", "b"]);
    expect(report).toEqual({ loaded: ["a", "b"], copiedRows: [], dropped: [], kept: [], unexpected: [] });
  });

  it("drops the class rows of 2019, whatever loss they belong to", () => {
    const initial = { "pool.p": counting([1]), "final.weight": counting([3, 2]) };
    const checkpoint = {
      "pool.p": counting([1], 5),
      "final.weight": counting([4, 2], 7),
      "final.bias": counting([4]),
    };
    const { parameters, report } = initFrom(initial, checkpoint, { drop: [/^final\.(weight|W|bias)$/] });
    expect(parameters["final.weight"]).toBe(initial["final.weight"]);
    expect(parameters["pool.p"]).toBe(checkpoint["pool.p"]);
    expect(report.dropped).toEqual(["final.weight", "final.bias"]);
    expect(report.kept).toEqual(["final.weight"]);
  });

  it("drops by whole name or by a pattern that is found, as pop_weights of 2021's first place", () => {
    const checkpoint = {
      "patch_embed.proj.weight": counting([1], 1),
      "x.patch_embed.proj.weight": counting([1], 2),
    };
    const initial = { "patch_embed.proj.weight": counting([2]), "x.patch_embed.proj.weight": counting([1]) };
    expect(initFrom(initial, checkpoint, { drop: ["patch_embed.proj.weight"] }).report.loaded).toEqual([
      "x.patch_embed.proj.weight",
    ]);
    expect(initFrom(initial, checkpoint, { drop: [/patch_embed\.proj\.weight/g] }).report.loaded).toEqual([]);
  });

  it("copies the rows of 4 classes into the first of 6, as 2021's second place 81,313 into 203,094", () => {
    const initial = { "classifier.weight": counting([6, 2], 100), neck: counting([2]) };
    const checkpoint = { "module.classifier.weight": counting([4, 2]), "module.neck": counting([2], 9) };
    const before = frozenCopies({ ...initial, ...checkpoint });
    const { parameters, report } = initFrom(initial, checkpoint, {
      stripPrefix: "module.",
      copyRows: ["classifier.weight"],
    });
    expect([...parameters["classifier.weight"].data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 108, 109, 110, 111]);
    expect(parameters["classifier.weight"].shape).toEqual([6, 2]);
    expect(parameters.neck).toBe(checkpoint["module.neck"]);
    expect(report.copiedRows).toEqual([{ name: "classifier.weight", from: 4, to: 6, rows: 4 }]);
    expect(frozenCopies({ ...initial, ...checkpoint })).toEqual(before);
  });

  it("copies class-major sub-centers and vectors alike", () => {
    const initial = { weight: counting([9, 2], 100), counts: counting([3], 50) };
    const checkpoint = { weight: counting([6, 2]), counts: counting([2]) };
    const { parameters } = initFrom(initial, checkpoint, { copyRows: [/./] });
    expect([...parameters.weight.data.subarray(0, 12)]).toEqual([...checkpoint.weight.data]);
    expect([...parameters.weight.data.subarray(12)]).toEqual([112, 113, 114, 115, 116, 117]);
    expect([...parameters.counts.data]).toEqual([0, 1, 52]);
  });

  it("loads an array whole that a rule for rows would cover, if its shape is the same", () => {
    const checkpoint = { weight: counting([2, 2], 5) };
    const { parameters, report } = initFrom({ weight: counting([2, 2]) }, checkpoint, {
      copyRows: ["weight"],
    });
    expect(parameters.weight).toBe(checkpoint.weight);
    expect(report).toMatchObject({ loaded: ["weight"], copiedRows: [] });
  });

  it("sends each class with its sub-centers to its place, and leaves classes out", () => {
    const initial = { weight: counting([8, 1], 100) }; // 4 classes of 2 rows
    const checkpoint = { weight: counting([6, 1]) }; // 3 classes of 2 rows
    const rule = { match: "weight", classes: Int32Array.of(3, -1, 0) };
    const { parameters, report } = initFrom(initial, checkpoint, { copyRows: [rule] });
    expect([...parameters.weight.data]).toEqual([4, 5, 102, 103, 104, 105, 0, 1]);
    expect(report.copiedRows).toEqual([{ name: "weight", from: 6, to: 8, rows: 4 }]);
  });

  it("reorders classes by a row map where the shapes are the same, and takes part of a larger head", () => {
    const swap = { match: /weight/, classes: Int32Array.of(1, 0) };
    const same = initFrom(
      { weight: counting([2, 2]) },
      { weight: counting([2, 2], 5) },
      { copyRows: [swap] },
    );
    expect([...same.parameters.weight.data]).toEqual([7, 8, 5, 6]);
    const fewer = { match: "weight", classes: Int32Array.of(-1, 0, -1) };
    const part = initFrom({ weight: counting([1, 2]) }, { weight: counting([3, 2]) }, { copyRows: [fewer] });
    expect([...part.parameters.weight.data]).toEqual([2, 3]);
  });

  it("names what is missing and unexpected, unless it may be", () => {
    const initial = { a: counting([1]), b: counting([1]) };
    const checkpoint = { a: counting([1], 3), c: counting([1]) };
    expect(() => initFrom(initial, checkpoint)).toThrow(
      new TrainingError(
        "wrong-arrays",
        'initFrom: expected `checkpoint` to hold all arrays that the network has, got one that lacks "b"; set `strict` to false if this is meant',
      ),
    );
    expect(() => initFrom({ a: initial.a }, checkpoint)).toThrow(
      new TrainingError(
        "wrong-arrays",
        'initFrom: expected `checkpoint` to hold no arrays that the network lacks, got one that holds "c"; set `strict` to false if this is meant',
      ),
    );
    const { parameters, report } = initFrom(initial, checkpoint, { strict: false });
    expect(parameters).toEqual({ a: checkpoint.a, b: initial.b });
    expect(report).toEqual({ loaded: ["a"], copiedRows: [], dropped: [], kept: ["b"], unexpected: ["c"] });
  });

  it("names eight of many", () => {
    const names = Array.from({ length: 10 }, (_, i) => [`n${i}`, counting([1])]);
    expect(() => initFrom(Object.fromEntries(names), {})).toThrow(/"n0", .*"n7" and 2 more;/);
  });

  it("gives its error a code", () => {
    expect(() => initFrom({ a: counting([1]) }, {})).toThrow(
      expect.objectContaining({ code: "wrong-arrays" }),
    );
  });

  it.each([
    ["no rule", {}, [4, 2], [3, 2]],
    ["more rows than the new array", { copyRows: ["w"] }, [3, 2], [4, 2]],
    ["rows of another length", { copyRows: ["w"] }, [4, 2], [3, 3]],
    ["another rank", { copyRows: ["w"] }, [4, 2], [3]],
    [
      "a row map and rows of another length",
      { copyRows: [{ match: "w", classes: Int32Array.of(0) }] },
      [1, 2],
      [1, 3],
    ],
  ])("refuses another shape: %s", (_, options, wanted, got) => {
    expect(() => initFrom({ w: counting(wanted) }, { w: counting(got) }, options)).toThrow(
      new TrainingError(
        "wrong-arrays",
        `initFrom: expected "w" of \`checkpoint\` to have the shape [${wanted}], got [${got}]; drop it, or copy its rows if only their number is smaller`,
      ),
    );
  });

  it("refuses patterns that match nothing, since they are misspelt", () => {
    const arrays = { a: counting([1]) };
    expect(() => initFrom(arrays, arrays, { drop: ["finall.weight"] })).toThrow(
      new RangeError(
        'initFrom: expected each pattern of `drop` to match an array of the checkpoint, got "finall.weight", which matches none',
      ),
    );
    expect(() =>
      initFrom(arrays, arrays, { copyRows: [{ match: /^b/, classes: Int32Array.of(0) }] }),
    ).toThrow(
      new RangeError(
        "initFrom: expected each pattern of `copyRows` to match an array of the checkpoint, got /^b/, which matches none",
      ),
    );
  });

  it("refuses row maps that do not fit", () => {
    const arrays = { w: counting([6, 1]) };
    const withClasses = (...classes: number[]) =>
      initFrom({ w: counting([8, 1]) }, arrays, {
        copyRows: [{ match: "w", classes: Int32Array.from(classes) }],
      });
    expect(() => withClasses(0, 1, 2, 3)).toThrow(
      new RangeError(
        'initFrom: expected `classes` of the row map for "w" to divide its 6 rows, and these 8, into classes, got 4 classes',
      ),
    );
    expect(() => withClasses(0, 1)).toThrow(/divide its 6 rows, and these 8, into classes, got 2 classes/);
    expect(() => withClasses()).toThrow(/got 0 classes/);
    for (const [wrong, classes] of [
      [4, [4, 0, 1]],
      [0, [0, 0, 1]],
      [-2, [-2, 0, 1]],
    ] as [number, number[]][]) {
      expect(() => withClasses(...classes)).toThrow(
        new RangeError(
          `initFrom: expected \`classes\` of the row map for "w" to hold different classes below 4, or -1, got ${wrong} at ${classes.lastIndexOf(wrong)}`,
        ),
      );
    }
  });

  it("refuses names that differ by the prefix alone, and arrays that are not whole", () => {
    const arrays = { a: counting([1]) };
    expect(() => initFrom(arrays, { a: arrays.a, "module.a": arrays.a }, { stripPrefix: "module." })).toThrow(
      new RangeError(
        'initFrom: expected the names of `checkpoint` to differ without "module.", got "a" twice',
      ),
    );
    const short = { a: { shape: [2, 2], data: new Float32Array(3) } };
    expect(() => initFrom(arrays, short)).toThrow(
      new RangeError('initFrom: expected "a" of `checkpoint` to hold the 4 values of its shape [2,2], got 3'),
    );
    expect(() => initFrom(short, arrays)).toThrow(/expected "a" of `initial` to hold the 4 values/);
  });
});
