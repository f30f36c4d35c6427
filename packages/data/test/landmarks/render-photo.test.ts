import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { archetypeNames, archetypes } from "../../src/landmarks/archetypes/archetypes.ts";
import { createStyle } from "../../src/landmarks/archetypes/style.ts";
import { Mesh } from "../../src/landmarks/geometry/mesh.ts";
import { createRandom } from "../../src/landmarks/random.ts";
import type { Scene } from "../../src/landmarks/render/scene.ts";
import { Photographer, type PhotoOrder } from "../../src/landmarks/render-photo.ts";
import { composeLandmarkPhoto } from "../../src/landmarks/scene/landmark-photo.ts";
import { strainOf } from "../../src/landmarks/scene/strain.ts";
import { pickPhotoSize } from "../../src/landmarks/scene/viewpoint.ts";
import { Traits } from "../../src/landmarks/traits.ts";

function orderOf(changes: Partial<PhotoOrder> = {}): PhotoOrder {
  return {
    design: { seed: "a", twinOf: null, archetype: "church", coldness: 0.5 },
    seed: "photo",
    longSide: 48,
    sceneDifficulty: 0.5,
    ...changes,
  };
}

function build(archetype: (typeof archetypeNames)[number], traits: Traits): Mesh {
  const mesh = new Mesh();
  archetypes[archetype].build(mesh, traits, createStyle(traits.within("style")));
  return mesh;
}

describe("Photographer", () => {
  it("takes the same photo of the same order, whatever it took before", () => {
    const one = new Photographer();
    const other = new Photographer();
    other.take(orderOf({ seed: "another", longSide: 64 }));
    other.take(orderOf({ design: null }));
    expect(other.take(orderOf())).toEqual(one.take(orderOf()));
  });

  it("takes another photo for another seed", () => {
    const photographer = new Photographer();
    expect(photographer.take(orderOf({ seed: "b" })).data).not.toEqual(photographer.take(orderOf()).data);
  });

  it.each([...archetypeNames, null])("fills the photo of %s with more than one tone", (archetype) => {
    const design = archetype === null ? null : { seed: "tone", twinOf: null, archetype, coldness: 0.2 };
    const { data } = new Photographer().take(orderOf({ design, seed: "day" }));
    const mean = data.reduce((a, b) => a + b, 0) / data.length;
    const deviation = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
    expect(mean).toBeGreaterThan(20);
    expect(mean).toBeLessThan(235);
    expect(deviation).toBeGreaterThan(8);
  });
});

describe("photos from before", () => {
  it("have the same pixels: finished folders and results depend on them", () => {
    const hash = createHash("sha256");
    const photographer = new Photographer();
    for (const archetype of [...archetypeNames, null]) {
      for (const seed of ["one", "two", "three"]) {
        const twinOf = seed === "two" ? "model" : null;
        const design = archetype === null ? null : { seed: "golden", twinOf, archetype, coldness: 0.5 };
        hash.update(photographer.take(orderOf({ design, seed })).data);
      }
    }
    expect(hash.digest("hex")).toBe("32f0541225c84db6ab046d9537fc1b00644c69c256ffd33af5cbc1863c3b9075");
  });
});

describe("sceneDifficulty", () => {
  const design = orderOf().design!;
  const scenesAt = (difficulty: number): Scene[] =>
    Array.from({ length: 120 }, (_, i) =>
      composeLandmarkPhoto(design, { seed: `${i}`, longSide: 64, strain: strainOf(difficulty) }, new Mesh()),
    );
  const [easy, medium, hard] = [0, 0.5, 1].map(scenesAt) as [Scene[], Scene[], Scene[]];
  const mean = (scenes: readonly Scene[], value: (scene: Scene) => number): number =>
    scenes.reduce((sum, scene) => sum + value(scene), 0) / scenes.length;

  it.each<[string, (scene: Scene) => number]>([
    [
      "turns further from the front",
      ({ camera, focus }) =>
        Math.abs(Math.atan2(camera.position[0] - focus.center[0], camera.position[2] - focus.center[2])),
    ],
    ["meets bad light more often", ({ light }) => Number(!["clear", "scattered"].includes(light.condition))],
    ["has more in the way", ({ mesh }) => mesh.count],
  ])("%s", (_, value) => {
    expect(mean(easy, value)).toBeLessThan(mean(medium, value));
    expect(mean(medium, value)).toBeLessThan(mean(hard, value));
  });

  it("is 1/3, 1 and 3 times the usual strain", () => {
    expect([0, 0.5, 1].map(strainOf)).toEqual([1 / 3, 1, 3]);
  });
});

describe("pickPhotoSize", () => {
  it("makes lying, upright and squarish photos of anything, with the long side as asked", () => {
    const random = createRandom("shapes");
    for (const shape of [0.6, 1, 1.6]) {
      const ratios = Array.from({ length: 300 }, () => {
        const { width, height } = pickPhotoSize(random, 176, shape);
        expect(Math.max(width, height)).toBe(176);
        return height / width;
      });
      expect(ratios.filter((ratio) => ratio < 0.77).length).toBeGreaterThan(3);
      expect(ratios.filter((ratio) => ratio >= 0.77 && ratio < 1.33).length).toBeGreaterThan(20);
      expect(ratios.filter((ratio) => ratio >= 1.33).length).toBeGreaterThan(3);
    }
  });
});

describe("archetypes", () => {
  it.each(archetypeNames)("builds a %s of finite size that stands on the ground", (name) => {
    for (let i = 0; i < 8; i++) {
      const { min, max } = build(name, new Traits(`size ${i}`)).bounds();
      for (const value of [...min, ...max]) expect(Number.isFinite(value)).toBe(true);
      expect(max[1]).toBeGreaterThan(5);
      expect(min[1]).toBeLessThan(1);
      expect(Math.max(max[0] - min[0], max[1], max[2] - min[2])).toBeLessThan(220);
    }
  });
});

describe("Traits", () => {
  it("draws a value by its name, whatever was drawn before", () => {
    const traits = new Traits("seed");
    const first = traits.unit("width");
    traits.unit("height");
    expect(traits.unit("width")).toBe(first);
    expect(new Traits("seed").within("part").unit("width")).toBe(new Traits("seed").unit("part.width"));
  });

  it("gives a twin most values of its model and some of its own", () => {
    const names = Array.from({ length: 400 }, (_, i) => `trait ${i}`);
    const model = new Traits("model");
    const twin = new Traits("twin", { seed: "model", ownShare: 0.3 });
    const shared = names.filter((name) => twin.unit(name) === model.unit(name)).length;
    expect(shared / names.length).toBeGreaterThan(0.62);
    expect(shared / names.length).toBeLessThan(0.78);
  });
});
