import {
  createImageIds,
  createNames,
  type ImageFolder,
  type LandmarkData,
  splitImageFolder,
} from "@lmk/data";
import { describe, expect, it } from "vitest";

function folderOf(counts: Readonly<Record<string, number>>): ImageFolder {
  const files = Object.entries(counts).flatMap(([place, count], landmark) =>
    Array.from({ length: count }, (_, i) => ({ id: `${place}/${i}.jpg`, landmark })),
  );
  return {
    places: Object.keys(counts),
    ids: createImageIds(files.map(({ id }) => id)),
    paths: createNames(files.length, (row) => `photos/${files[row].id}`),
    landmarkIds: Int32Array.from(files, ({ landmark }) => landmark),
  };
}

function idsOf(data: LandmarkData, split: "train" | "index" | "test"): string[] {
  return Array.from({ length: data[split].ids.length }, (_, row) => data[split].ids.at(row));
}

const folder = folderOf({ tower: 20, bridge: 7, hall: 2, gate: 1 });

describe("splitImageFolder", () => {
  it("puts every image into exactly one split, by the shares of each place", () => {
    const data = splitImageFolder(folder);
    const all = (["train", "index", "test"] as const).flatMap((split) => idsOf(data, split));
    expect(all.sort()).toEqual(Array.from({ length: 30 }, (_, row) => folder.ids.at(row)).sort());
    const count = (split: "train" | "index" | "test", place: string): number =>
      idsOf(data, split).filter((id) => id.startsWith(place)).length;
    expect(
      ["tower", "bridge", "hall", "gate"].map((p) => [
        count("train", p),
        count("index", p),
        count("test", p),
      ]),
    ).toEqual([
      [10, 7, 3],
      [4, 2, 1],
      [0, 1, 1],
      [0, 1, 0],
    ]);
  });

  it("derives solutions from the places", () => {
    const data = splitImageFolder(folder);
    const index = idsOf(data, "index");
    for (const [query, id] of idsOf(data, "test").entries()) {
      const place = id.split("/")[0];
      expect(Array.from(data.retrieval?.relevant[query] ?? [], (row) => index[row])).toEqual(
        index.filter((other) => other.startsWith(`${place}/`)),
      );
      expect([...(data.recognition?.landmarkIds[query] ?? [])]).toEqual(
        place === "hall" ? [] : [folder.places.indexOf(place)],
      );
    }
    expect(data.retrieval?.queries).toEqual(Int32Array.of(0, 1, 2, 3, 4));
    expect(data.retrieval?.usages.filter((usage) => usage === "Public")).toHaveLength(2);
    expect(data.landmarkNames.get(1)).toBe("bridge");
    expect(data.train.paths.at(0)).toBe(`photos/${data.train.ids.at(0)}`);
    expect(data.train.landmarkIds).toEqual(
      Int32Array.from(idsOf(data, "train"), (id) => folder.places.indexOf(id.split("/")[0])),
    );
    expect(data.clean).toBeUndefined();
  });

  it("depends on the seed alone, and for a place not on the others", () => {
    const first = idsOf(splitImageFolder(folder, { seed: 4 }), "train");
    expect(idsOf(splitImageFolder(folder, { seed: 4 }), "train")).toEqual(first);
    expect(idsOf(splitImageFolder(folder, { seed: 5 }), "train")).not.toEqual(first);
    const alone = idsOf(splitImageFolder(folderOf({ bridge: 7 }), { seed: 4 }), "train");
    expect(first.filter((id) => id.startsWith("bridge"))).toEqual(alone);
  });

  it("keeps at least one image of three in each split, whatever the shares", () => {
    const three = folderOf({ tower: 3 });
    for (const shares of [
      { trainShare: 0, testShare: 1 },
      { trainShare: 1, testShare: 0 },
      { trainShare: 0, testShare: 0 },
      { trainShare: 0.8, testShare: 0.2 },
    ]) {
      const data = splitImageFolder(three, shares);
      expect([data.train, data.index, data.test].map(({ ids }) => ids.length)).toEqual([1, 1, 1]);
    }
  });

  it("refuses shares that do not add up", () => {
    expect(() => splitImageFolder(folder, { trainShare: 0.75, testShare: 0.5 })).toThrow(
      new RangeError("splitImageFolder: expected `testShare` to be a number from 0 to 0.25, got 0.5"),
    );
    expect(() => splitImageFolder(folder, { trainShare: Number.NaN })).toThrow(
      new RangeError("splitImageFolder: expected `trainShare` to be a number from 0 to 1, got NaN"),
    );
    expect(() => splitImageFolder(folder, { publicShare: 2 })).toThrow(
      new RangeError("splitImageFolder: expected `publicShare` to be a number from 0 to 1, got 2"),
    );
    expect(() => splitImageFolder(folder, { seed: 1.5 })).toThrow(
      new RangeError("splitImageFolder: expected `seed` to be an integer >= 0, got 1.5"),
    );
  });
});
