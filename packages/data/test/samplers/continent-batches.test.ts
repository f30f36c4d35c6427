import { continentBatches, continentQuotas, gld2021ContinentShares } from "@lmk/data";
import { describe, expect, it } from "vitest";

const count = 3000;
// A quarter of the rows is noisy, every third is of no continent that has a share.
const columns = {
  continents: {
    values: ["Europe", "Asia", "null"],
    codes: Int32Array.from({ length: count }, (_, row) => row % 3),
  },
  noisy: Uint8Array.from({ length: count }, (_, row) => Number(row % 4 === 3)),
};
const shares = { Asia: 0.75, Europe: 0.25 };

describe("continentQuotas", () => {
  it("are those of a rank of the 2021 second place: 4,825,830 images on 8 ranks", () => {
    const quotas = continentQuotas(Math.floor(4_825_830 / 8));
    expect(quotas.map(({ continent, clean, noisy }) => [continent, clean, noisy])).toEqual([
      ["Asia", 199_065, 102_549],
      ["Europe", 79_625, 41_020],
      ["Africa", 59_719, 30_765],
      ["North America", 39_812, 20_510],
      ["South America", 7962, 4102],
      ["Antarctica", 3981, 2051],
      ["Oceania", 3981, 2051],
      ["OTHER", 3981, 2051],
    ]);
    expect(quotas.reduce((sum, { clean, noisy }) => sum + clean + noisy, 0)).toBe(603_225);
  });

  it("has shares that add up to 1", () => {
    expect(Object.values(gld2021ContinentShares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });
});

describe("continentBatches", () => {
  it("draws the quotas, evenly within each, and nothing else", () => {
    const rows = continentBatches(columns, { shares, batchSize: 100, length: 20_000 }).flatMap((batch) => [
      ...batch.rows,
    ]);
    expect(rows).toHaveLength(20_000);
    const drawn = (code: number, noisy: number): number[] =>
      rows.filter((row) => columns.continents.codes[row] === code && columns.noisy[row] === noisy);
    expect([drawn(1, 0), drawn(1, 1), drawn(0, 0), drawn(0, 1)].map(({ length }) => length)).toEqual([
      9900, 5100, 3300, 1700,
    ]);
    // 9,900 draws of 750 rows: 13.2 each, and all but a few of them at least once.
    const counts = new Map<number, number>();
    for (const row of drawn(1, 0)) counts.set(row, (counts.get(row) ?? 0) + 1);
    expect(counts.size).toBe(750);
    expect(Math.max(...counts.values())).toBeLessThan(35);
  });

  it("mixes the continents", () => {
    for (const { rows } of continentBatches(columns, { shares, batchSize: 100 })) {
      const asian = [...rows].filter((row) => columns.continents.codes[row] === 1).length;
      expect(Math.abs(asian - 75)).toBeLessThan(25);
    }
  });

  it("refuses a quota without images, or takes the continent's others", () => {
    const clean = { ...columns, noisy: new Uint8Array(count) };
    expect(() => continentBatches(clean, { shares, length: 100 })).toThrow(
      new RangeError(
        'continentBatches: expected noisy images of Asia, got none of 26 to draw; give it no share, or `empty: "other"`',
      ),
    );
    const batches = continentBatches(clean, { shares, length: 96, batchSize: 32, empty: "other" });
    expect(batches).toHaveLength(3);
    const absent = continentBatches(columns, {
      shares: { Europe: 0.5, Africa: 0.5 },
      length: 64,
      empty: "other",
      batchSize: 32,
    });
    expect(absent.flatMap(({ rows }) => [...rows].map((row) => columns.continents.codes[row]))).toEqual(
      Array(32).fill(0),
    );
  });

  it.each([
    ["shares", { shares: { Asia: 1.5 } }, "`shares.Asia` to be a number from 0 to 1, got 1.5"],
    ["sum of shares", { shares: { Asia: 0.75, Europe: 0.5 } }, "`shares` with a sum of at most 1, got 1.25"],
    ["cleanShare", { cleanShare: -1 }, "`cleanShare` to be a number from 0 to 1, got -1"],
    ["length", { length: 0.5 }, "`length` to be an integer >= 0, got 0.5"],
    ["empty", { empty: "drop" as "other" }, '`empty` to be one of throw, other, got "drop"'],
  ])("refuses a wrong %s", (_, options, message) => {
    expect(() => continentBatches(columns, { shares, ...options })).toThrow(
      new RangeError(`continentBatches: expected ${message}`),
    );
  });

  it("refuses columns that do not fit together", () => {
    expect(() => continentBatches({ ...columns, noisy: new Uint8Array(2) }, { shares })).toThrow(
      new RangeError("continentBatches: expected `noisy` to have 3000 elements, got 2"),
    );
    expect(() =>
      continentBatches(
        { ...columns, continents: { ...columns.continents, values: ["Europe", "Asia"] } },
        { shares },
      ),
    ).toThrow(new RangeError("continentBatches: expected `continents.codes` to be below 2, got 2 in row 2"));
  });
});
