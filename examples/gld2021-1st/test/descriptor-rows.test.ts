import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Matrix } from "@lmk/index";
import { applyQuantileTransform, learnQuantileTransform } from "@lmk/rerank/recognition";
import { type EmbeddingRows, readRows, rowsOfFile, writeRows } from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { descriptorRows, quantileRows, quantilesOf } from "../src/descriptor-rows.ts";
import { recognitionDescriptors } from "../src/recognition-descriptor.ts";

const matrix = (start: number): Matrix => ({
  data: Float32Array.from({ length: 21 }, (_, i) => Math.sin(start + i)),
  rows: 7,
  columns: 3,
});

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-descriptors-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function rows(name: string, values: Matrix): Promise<EmbeddingRows> {
  const own = join(folder, name);
  mkdirSync(own);
  await writeRows(own, values);
  return rowsOfFile({ folder: own, key: name, seconds: 0 }, values.rows);
}

it("makes descriptors block by block as of all rows at once", async () => {
  const [a, b, c] = [matrix(1), matrix(40), matrix(90)];
  const made = descriptorRows([[await rows("a", a), await rows("b", b)], [await rows("c", c)]]);
  const whole = recognitionDescriptors([[a, b], [c]]);
  expect(await readRows(made)).toEqual(whole);
  expect(await readRows(made, { first: 2, end: 5 })).toEqual({
    data: whole.data.subarray(12, 30),
    rows: 3,
    columns: 6,
  });
  expect(made.stages.map(({ key }) => key)).toEqual(["a", "b", "c"]);
});

it("makes numbers normal by those of the test images, which are read once", async () => {
  const [test, gallery] = [matrix(3), matrix(70)];
  const known = await rows("test", test);
  let opened = 0;
  const quantiles = quantilesOf({
    ...known,
    open: () => {
      opened += 1;
      return known.open();
    },
  });
  const mapped = quantileRows(await rows("gallery", gallery), quantiles);
  const expected = applyQuantileTransform(learnQuantileTransform(test), gallery);
  expect(await readRows(mapped)).toEqual(expected);
  expect((await readRows(mapped, { first: 6, end: 7 })).data).toEqual(expected.data.subarray(18));
  expect(opened).toBe(1);
  expect(mapped.stages.map(({ key }) => key)).toEqual(["gallery", "test"]);
});
