import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNeighbors, writeNeighbors } from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-neighbors-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("gives back ids and scores, padding among them", async () => {
  const neighbors = {
    ids: Int32Array.of(16_777_216, 3, 0, -1),
    scores: Float32Array.of(0.9, -0.1, 0.5, Number.NEGATIVE_INFINITY),
    rows: 2,
    k: 2,
  };
  await writeNeighbors(join(folder, "n"), neighbors);
  expect(await readNeighbors(join(folder, "n"))).toEqual(neighbors);
});

it("refuses an id that float32 cannot hold", async () => {
  const neighbors = { ids: Int32Array.of(16_777_217), scores: Float32Array.of(1), rows: 1, k: 1 };
  await expect(writeNeighbors(join(folder, "m"), neighbors)).rejects.toThrow(
    new RangeError("writeNeighbors: expected `ids` to be at most 16777216, got 16777217"),
  );
});

it("says so when there is nothing", async () => {
  expect(await readNeighbors(join(folder, "absent"))).toBeUndefined();
});
