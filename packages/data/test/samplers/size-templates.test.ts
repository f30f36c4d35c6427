import { createSizeTemplate, groupOfSize, scaleSize, sizeTemplates } from "@lmk/data";
import { describe, expect, it } from "vitest";

function written(name: keyof typeof sizeTemplates): string {
  return sizeTemplates[name].sizes.map(({ width, height }) => `${width}x${height}`).join(" ");
}

describe("sizeTemplates", () => {
  it("holds the sizes of the 2019 solution", () => {
    expect(Object.keys(sizeTemplates).map((name) => `${name} ${written(name as "S")}`)).toEqual([
      "SS 384x256 256x256 256x384",
      "SS2 480x320 480x352 384x384 352x480 320x480",
      "S 512x384 448x448 384x512",
      "S2 512x352 512x384 448x448 384x512 352x512",
      "SM2 736x512 704x544 608x608 544x704 512x736",
      "M 800x608 704x704 608x800",
      "M2 800x544 800x608 704x704 608x800 544x800",
      "L 800x608 800x800 608x800",
      "L2 800x544 800x608 800x800 608x800 544x800",
    ]);
  });

  it("has five groups where the name holds a 2, else three, and sides that are multiples of 32", () => {
    for (const [name, { edges, sizes }] of Object.entries(sizeTemplates)) {
      expect(edges).toEqual(name.includes("2") ? [0.67, 0.77, 1.33, 1.5] : [0.77, 1.33]);
      for (const { width, height } of sizes) expect([width % 32, height % 32]).toEqual([0, 0]);
    }
  });
});

describe("groupOfSize", () => {
  it.each([
    [0.5, 0],
    [0.67, 1],
    [0.75, 1],
    [0.77, 2],
    [1, 2],
    [1.33, 3],
    [1.4, 3],
    [1.5, 4],
    [2, 4],
  ])("puts ratio %d into group %d", (ratio, group) => {
    expect(groupOfSize(sizeTemplates.L2, { width: 1000, height: 1000 * ratio })).toBe(group);
  });

  it("refuses the size of an image that could not be read", () => {
    expect(() => groupOfSize(sizeTemplates.L2, { width: 0, height: 0 })).toThrow(
      new RangeError("groupOfSize: expected `width` to be an integer >= 1, got 0"),
    );
    expect(() => groupOfSize(sizeTemplates.L2, { width: 1, height: 0.5 })).toThrow(
      new RangeError("groupOfSize: expected `height` to be an integer >= 1, got 0.5"),
    );
  });
});

describe("createSizeTemplate", () => {
  it("copies what it is given", () => {
    const edges = [1];
    const template = createSizeTemplate(edges, [
      { width: 4, height: 2 },
      { width: 2, height: 4 },
    ]);
    edges[0] = 9;
    expect(template.edges).toEqual([1]);
    expect(createSizeTemplate([], [{ width: 8, height: 8 }]).sizes).toEqual([{ width: 8, height: 8 }]);
  });

  it("refuses edges that do not ascend, and sizes that do not fit", () => {
    const size = { width: 8, height: 8 };
    expect(() => createSizeTemplate([1, 1], [size, size, size])).toThrow(
      new RangeError("createSizeTemplate: expected `edges` to be positive and ascending, got 1, 1"),
    );
    expect(() => createSizeTemplate([0], [size, size])).toThrow(
      new RangeError("createSizeTemplate: expected `edges` to be positive and ascending, got 0"),
    );
    expect(() => createSizeTemplate([1], [size])).toThrow(
      new RangeError("createSizeTemplate: expected `sizes` to have one element more than `edges` (2), got 1"),
    );
    expect(() => createSizeTemplate([], [{ width: 8, height: 0 }])).toThrow(
      new RangeError("createSizeTemplate: expected `height` to be an integer >= 1, got 0"),
    );
  });
});

describe("scaleSize", () => {
  it("gives the multi-scale sizes of the 2019 solution", () => {
    const at = (width: number, height: number): string[] =>
      [0.75, 1, 1.25].map((scale) => {
        const size = scaleSize({ width, height }, scale);
        return `${size.height}x${size.width}`;
      });
    expect(at(800, 544)).toEqual(["384x576", "544x800", "672x992"]);
    expect(at(800, 608)).toEqual(["448x576", "608x800", "736x992"]);
    expect(at(800, 800)).toEqual(["576x576", "800x800", "992x992"]);
  });

  it("keeps sides at 128 at least, unless told otherwise", () => {
    expect(scaleSize({ width: 160, height: 96 }, 0.75)).toEqual({ width: 128, height: 128 });
    expect(scaleSize({ width: 160, height: 96 }, 0.75, { multiple: 8, minimum: 32 })).toEqual({
      width: 120,
      height: 72,
    });
  });

  it("refuses scales that are not above 0", () => {
    for (const scale of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => scaleSize({ width: 32, height: 32 }, scale)).toThrow(
        new RangeError(`scaleSize: expected \`scale\` to be a finite number above 0, got ${scale}`),
      );
    }
    expect(() => scaleSize({ width: 32, height: 32 }, 1, { multiple: 0 })).toThrow(
      new RangeError("scaleSize: expected `multiple` to be an integer >= 1, got 0"),
    );
    expect(() => scaleSize({ width: 32, height: 32 }, 1, { minimum: 0 })).toThrow(
      new RangeError("scaleSize: expected `minimum` to be an integer >= 1, got 0"),
    );
  });
});
