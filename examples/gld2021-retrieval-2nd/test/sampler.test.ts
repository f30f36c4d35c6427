import { describe, expect, it } from "vitest";
import { configs } from "../src/configs.ts";
import { batchSizeOf, epochBatches, type SampledImages } from "../src/sampler.ts";
import type { YmlConfig } from "../src/yml-config.ts";

const { R50_256, SER101ibn_512_all } = configs;

/** Images 0 to 7 of classes 0 to 3, of which 4 and 5 are noisy, and two of no landmark. */
const images: SampledImages = {
  classIds: Int32Array.of(0, 0, 0, 1, 1, 1, 2, 3, -1, -1),
  noisy: Uint8Array.of(0, 0, 0, 0, 1, 1, 0, 0, 0, 0),
  tags: { values: ["Asia", "Europe", "null"], codes: Int32Array.of(0, 0, 1, 0, 0, 1, 1, 0, 2, 2) },
};

const withoutTags: SampledImages = { ...images, tags: { values: [], codes: new Int32Array(10).fill(-1) } };

/** The rows of each batch of the first epoch. */
function rowsOf(
  changes: Partial<YmlConfig["DATALOADER"]>,
  options: { readonly batchSize: number; readonly shares?: Readonly<Record<string, number>> },
  sampled = withoutTags,
): number[][] {
  const config = { ...R50_256, DATALOADER: { ...R50_256.DATALOADER, ...changes } };
  return epochBatches(config, sampled, { seed: 1, epoch: 0, ...options }).map(({ rows }) => [...rows]);
}

it("takes 1544 steps for an epoch of the cleaned list, as the authors' code says", () => {
  const classIds = new Int32Array(1_580_470);
  const many = { ...withoutTags, classIds, noisy: new Uint8Array(classIds.length) };
  expect(epochBatches(R50_256, many, { seed: 1, epoch: 0 }).length).toBe(1544);
});

it("has batches of all eight devices together", () => {
  const sizes = [R50_256, SER101ibn_512_all, configs.ResNeSt269_512_all].map(batchSizeOf);
  expect(sizes).toEqual([1024, 144, 48]);
});

describe("epochBatches", () => {
  it("softmax: draws each image of a landmark once, and fills up the last batch", () => {
    const batches = rowsOf({ SAMPLER: "softmax" }, { batchSize: 3 });
    expect(batches.map(({ length }) => length)).toEqual([3, 3, 3]);
    const drawn = batches.flat();
    expect(drawn.slice(0, 8).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(drawn[8]).toBe(drawn[0]);
  });

  it("gld: draws as many images as have a landmark, by the shares of their continents", () => {
    const shares = { Asia: 0.5, Europe: 0.5 };
    const [batch] = rowsOf({ SAMPLER: "gld" }, { batchSize: 8, shares }, images);
    // Of four images of a continent, two are on the cleaned list.
    const counts = batch!.reduce<Record<string, number>>((sums, row) => {
      const key = `${images.tags.codes[row]}${images.noisy[row]}`;
      return Object.assign(sums, { [key]: (sums[key] ?? 0) + 1 });
    }, {});
    expect(counts).toEqual({ "00": 2, "01": 2, "10": 2, "11": 2 });
  });

  it("gld: has the shares of the original, and refuses a continent without images as it does", () => {
    const many = {
      classIds: new Int32Array(1000),
      noisy: new Uint8Array(1000),
      tags: { values: ["Asia"], codes: new Int32Array(1000) },
    };
    expect(() => rowsOf({ SAMPLER: "gld" }, { batchSize: 8 }, many)).toThrow("got none of 170 to draw");
  });

  it("gld: refuses a list without continents", () => {
    expect(() => rowsOf({ SAMPLER: "gld" }, { batchSize: 8 })).toThrow(
      "DATALOADER.SAMPLER: expected a list with continents for gld, got one without; take cache_all_list.pkl",
    );
  });

  it("id_uniform: goes over all classes once for each device, with other images", () => {
    const batches = rowsOf({ SAMPLER: "id_uniform", NUM_INSTANCE: 2 }, { batchSize: 8 });
    expect(batches).toHaveLength(8);
    for (const rows of batches) {
      const classes = rows.map((row) => images.classIds[row]!);
      expect(classes.toSorted()).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    }
    expect(new Set(batches.map(String)).size).toBeGreaterThan(1);
  });

  it("img_uniform: draws classes with more images more often", () => {
    const batches = rowsOf({ SAMPLER: "img_uniform", NUM_INSTANCE: 1 }, { batchSize: 2 });
    const drawn = batches.flat();
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(drawn.filter((row) => row < 6).length).toBeGreaterThanOrEqual(4);
  });

  it("refuses a batch that NUM_INSTANCE does not divide", () => {
    expect(() => rowsOf({ SAMPLER: "id_uniform", NUM_INSTANCE: 3 }, { batchSize: 8 })).toThrow(
      "DATALOADER.NUM_INSTANCE: expected a number that divides a batch of 8, got 3; change one of them",
    );
  });

  it("leaves out classes that are smaller than REMOVE_TAIL", () => {
    const batches = rowsOf({ REMOVE_TAIL: 3 }, { batchSize: 6 });
    expect(batches.flat().toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("draws others in another epoch, and the same ones again", () => {
    const draw = (epoch: number) =>
      String(epochBatches(R50_256, withoutTags, { seed: 1, epoch, batchSize: 8 }).map(({ rows }) => rows));
    expect(draw(1)).toBe(draw(1));
    expect(draw(1)).not.toBe(draw(0));
  });
});
