import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Revisited, readRevisited, revisitedProtocol } from "@lmk/data";
import { type GenerateRevisitedOptions, generateRevisited } from "@lmk/data/landmarks";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ArchetypeName } from "../../src/landmarks/archetypes/archetype.ts";
import { Mesh } from "../../src/landmarks/geometry/mesh.ts";
import { findPhoto, type PhotoKind } from "../../src/landmarks/revisited/kinds.ts";
import { revisitedRecipeFrom } from "../../src/landmarks/revisited/options.ts";
import { type LandmarkOrder, Surveyor } from "../../src/landmarks/revisited/sight.ts";
import { composeLandmarkPhoto } from "../../src/landmarks/scene/landmark-photo.ts";
import { strainOf } from "../../src/landmarks/scene/strain.ts";

const tiny: GenerateRevisitedOptions = {
  landmarks: 3,
  queriesPerLandmark: 2,
  easyPerLandmark: 2,
  hardPerLandmark: 3,
  junkPerLandmark: 1,
  distractors: 8,
  nearDuplicateRate: 0.25,
  emptyRate: 0.25,
  longSide: 64,
};

let root: string;
let folder: string;
let data: Revisited;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "lmk-revisited-"));
  folder = join(root, "first");
  await generateRevisited(folder, tiny);
  data = await readRevisited(folder, { name: "generated" });
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  const files = (await readdir(path, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  const names = files.map((file) => join(file.parentPath, file.name)).sort();
  for (const name of names) hash.update(name.slice(path.length)).update(await readFile(name));
  return hash.digest("hex");
}

/** A photo of a kind, as the generator would look for it. */
function photoOf(kind: PhotoKind, seed: string, archetype: ArchetypeName = "castle"): LandmarkOrder {
  const surveyor = new Surveyor();
  const design = { seed, twinOf: null, archetype, coldness: 0.3 };
  return findPhoto(kind, { design, seed, longSide: 128 }, (order) => surveyor.survey(order))!.order;
}

/** The box around the corners of the landmark's triangles on a photo, as shares of the frame, by a pin-hole. */
function cornersOf(order: LandmarkOrder): number[] {
  const mesh = new Mesh();
  const strain = strainOf(order.sceneDifficulty);
  const { camera, landmarkTriangles } = composeLandmarkPhoto(order.design, { ...order, strain }, mesh);
  const [xs, ys]: [number[], number[]] = [[], []];
  for (let corner = 0; corner < 3 * landmarkTriangles; corner++) {
    const offset = [0, 1, 2].map((axis) => mesh.positions[3 * corner + axis]! - camera.position[axis]!);
    const along = (axis: readonly number[]): number =>
      offset.reduce((sum, value, i) => sum + value * axis[i]!, 0);
    const scale = camera.focal / along(camera.forward);
    xs.push((camera.centerX + scale * along(camera.right)) / camera.width);
    ys.push((camera.centerY - scale * along(camera.up)) / camera.height);
  }
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

describe("generateRevisited", () => {
  it("writes what readRevisited reads: every image once, queries apart", async () => {
    expect(data.index.ids.length).toBe(3 * (2 + 3 + 1) + 8);
    expect(data.queries.ids.length).toBe(6);
    const listed = [data.index, data.queries].flatMap(({ ids, paths }) =>
      Array.from({ length: ids.length }, (_, row) => paths.at(row)),
    );
    const written = (await readdir(join(folder, "jpg"))).map((name) => join(folder, "jpg", name));
    expect(listed.toSorted()).toEqual(written.toSorted());
    for (const path of listed) {
      const { width, height } = await sharp(path).metadata();
      expect(Math.max(width, height)).toBe(64);
    }
  });

  it("gives each query the photos of its landmark, in lists that do not overlap", () => {
    for (let query = 0; query < 6; query++) {
      const lists = [data.easy[query]!, data.hard[query]!, data.junk[query]!];
      expect(lists.map((rows) => rows.length)).toEqual([2, 3, 1]);
      const rows = lists.flatMap((list) => [...list]);
      expect(new Set(rows).size).toBe(6);
      const title = data.queries.ids.at(query).replace(/_\d+$/, "");
      for (const row of rows) expect(data.index.ids.at(row).replace(/_\d+$/, "")).toBe(title);
    }
    const { relevant, ignored } = revisitedProtocol(data, "medium");
    expect([relevant[5]!.length, ignored[5]!.length]).toEqual([5, 1]);
  });

  it("names near-duplicates, scenes and other landmarks as the shares say", () => {
    const labelled = new Set(
      [data.easy, data.hard, data.junk].flatMap((lists) => lists.flatMap((l) => [...l])),
    );
    const others = Array.from({ length: data.index.ids.length }, (_, row) => row).filter(
      (row) => !labelled.has(row),
    );
    const names = others.map((row) => data.index.ids.at(row));
    expect(names).toHaveLength(8);
    expect(names.filter((name) => /_twin_\d+$/.test(name))).toHaveLength(2);
    expect(names.filter((name) => name.startsWith("scene_"))).toHaveLength(2);
  });

  it("puts boxes around the buildings: inside the image, neither all of it nor nothing", async () => {
    for (let query = 0; query < 6; query++) {
      const [left, top, right, bottom] = data.boxes.subarray(4 * query, 4 * query + 4) as unknown as number[];
      const { width, height } = await sharp(data.queries.paths.at(query)).metadata();
      expect(Math.min(left!, top!, width - right!, height - bottom!)).toBeGreaterThan(0);
      const share = ((right! - left!) * (bottom! - top!)) / (width * height);
      expect(share).toBeGreaterThan(0.02);
      expect(share).toBeLessThan(0.9);
    }
  });

  it("gives the same bytes again and from worker threads, and others for another seed", async () => {
    const hash = await hashOf(folder);
    const [again, other] = [join(root, "again"), join(root, "other")];
    const report = await generateRevisited(again, { ...tiny, workers: 2 });
    expect(report).toEqual({ images: 26, queries: 6, easy: 6, hard: 9, junk: 3, rendered: 32, workers: 2 });
    expect(await hashOf(again)).toBe(hash);
    await generateRevisited(other, { ...tiny, seed: 2 });
    expect(await hashOf(other)).not.toBe(hash);
  });

  it("goes on where it was stopped, and makes nothing twice", async () => {
    const path = join(root, "stopped");
    const stop = new AbortController();
    const run = generateRevisited(path, {
      ...tiny,
      signal: stop.signal,
      onProgress: ({ done, total }) => {
        expect(total).toBe(32);
        if (done === 10) stop.abort(new Error("enough"));
      },
    });
    await expect(run).rejects.toThrow("enough");
    await expect(stat(join(path, "gnd_generated.json"))).rejects.toThrow("ENOENT");
    expect((await generateRevisited(path, tiny)).rendered).toBe(22);
    expect((await generateRevisited(path, tiny)).rendered).toBe(0);
    expect(await hashOf(path)).toBe(await hashOf(folder));
  });

  it("refuses a folder of other options, or with other files", async () => {
    await expect(generateRevisited(folder, { ...tiny, distractors: 9 })).rejects.toThrow(
      new RangeError(
        `generateRevisited: expected \`folder\` to be empty or made with the same options, got ${folder} made with ` +
          "`distractors` 8 instead of 9; choose another folder or delete it",
      ),
    );
    await writeFile(join(root, "strange.txt"), "");
    await expect(generateRevisited(root, tiny)).rejects.toThrow(
      /expected `folder` to be empty or made by it, got/,
    );
  });

  it.each([
    [{ landmarks: 0 }, "expected `landmarks` to be an integer from 1 to 10000, got 0"],
    [{ seed: Number.NaN }, "expected `seed` to be a finite number or a string, got NaN"],
    [
      { easyPerLandmark: 0, hardPerLandmark: 0 },
      "expected `easyPerLandmark` or `hardPerLandmark` to be at least 1, got none to find",
    ],
    [
      { nearDuplicateRate: 0.5, emptyRate: 0.6 },
      "expected `emptyRate` to be at most 0.5, beside the near-duplicates, got 0.6",
    ],
  ])("refuses %j", async (options, message) => {
    await expect(generateRevisited(join(root, "refused"), options)).rejects.toThrow(
      new RangeError(`generateRevisited: ${message}`),
    );
  });

  it("has 70 queries and 1,000 images by default", () => {
    const recipe = revisitedRecipeFrom({});
    const { landmarks, easyPerLandmark, hardPerLandmark, junkPerLandmark } = recipe;
    expect(landmarks * recipe.queriesPerLandmark).toBe(70);
    const labelled = landmarks * (easyPerLandmark + hardPerLandmark + junkPerLandmark);
    expect(labelled + recipe.distractors).toBe(1000);
  });
});

describe("what a photo shows", () => {
  it("has the box of the landmark's corners, projected one by one, where nothing hides them", () => {
    const surveyor = new Surveyor();
    for (let i = 0; i < 4; i++) {
      const order = photoOf("query", `box ${i}`);
      const { box, shown } = surveyor.survey(order);
      expect(shown).toBeGreaterThan(0.9);
      const corners = cornersOf(order);
      for (let side = 0; side < 4; side++) expect(Math.abs(box![side]! - corners[side]!)).toBeLessThan(0.02);
    }
  });

  it("shrinks with the distance", () => {
    const surveyor = new Surveyor();
    const order = photoOf("query", "far");
    const framing = { ...order.framing!, coverage: order.framing!.coverage / 2 };
    const ratio = surveyor.survey({ ...order, framing }).extent / surveyor.survey(order).extent;
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(0.62);
  });

  it("is less where the edge of the frame cuts it", () => {
    const surveyor = new Surveyor();
    const order = photoOf("query", "cut");
    for (const edge of ["left", "right"] as const) {
      const cut = surveyor.survey({ ...order, framing: { coverage: 0.9, inside: 0.3, edge } });
      expect(cut.shown).toBeLessThan(0.5);
      const atEdge = edge === "left" ? cut.box![0] : 1 - cut.box![2];
      expect(atEdge).toBe(0);
    }
  });

  it("is the same whatever the resolution that the photo is taken at", () => {
    const surveyor = new Surveyor();
    const order = photoOf("easy", "size");
    const small = surveyor.survey({ ...order, longSide: 256 });
    const large = surveyor.survey({ ...order, longSide: 1024 });
    expect(Math.abs(small.shown - large.shown)).toBeLessThan(0.02);
    for (let side = 0; side < 4; side++)
      expect(Math.abs(small.box![side]! - large.box![side]!)).toBeLessThan(0.02);
  });

  it.each(["church", "cable-bridge", "column", "rock"] as const)(
    "is what the lists promise, of a %s",
    (archetype) => {
      const surveyor = new Surveyor();
      const fair = ["clear", "scattered", "overcast", "golden"];
      for (let i = 0; i < 5; i++) {
        const sightOf = (kind: PhotoKind) => surveyor.survey(photoOf(kind, `${archetype} ${i}`, archetype));
        const [easy, hard, junk] = [sightOf("easy"), sightOf("hard"), sightOf("junk")];
        expect(Math.min(easy.shown / 0.75, easy.extent / 0.45)).toBeGreaterThanOrEqual(1);
        expect(easy.turn).toBeLessThanOrEqual(0.6);
        expect(fair).toContain(easy.condition);
        expect(Math.min(hard.shown / 0.4, hard.extent / 0.25)).toBeGreaterThanOrEqual(1);
        expect(hard.turn).toBeLessThanOrEqual(1.8);
        const troubles = [
          hard.shown <= 0.65,
          hard.extent <= 0.4,
          hard.turn >= 0.8,
          !fair.includes(hard.condition),
        ];
        expect(troubles).toContain(true);
        expect(Math.min(junk.shown / 0.25, junk.extent / 0.18)).toBeLessThanOrEqual(1);
        expect(junk.shown).toBeGreaterThanOrEqual(0.05);
      }
    },
  );
});
