import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRows } from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rowsOf, rowsOfSet, type SearchedSystem, sizeOfSet } from "../src/member-rows.ts";
import { matrixOf, systemOf } from "./retrieval-context.ts";

let folder = "";
let system: SearchedSystem;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-rows-"));
  const references = matrixOf([
    [0, 2],
    [1, 0],
    [0, 1],
  ]);
  const first = { queries: matrixOf([[2, 0]]), index: matrixOf([[3, 4]]), references };
  const second = { queries: matrixOf([[0, 5]]), index: matrixOf([[0, -1]]), references };
  system = await systemOf(
    folder,
    new Map([
      ["R50", first],
      ["ResNeSt101", second],
    ]),
    { classes: Int32Array.of(0, 1, 1), countries: Int32Array.of(0, 0, 0), trainCount: 2 },
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("gives rows whose inner product is the weighted mean of the networks' cosines", async () => {
  const networks = [
    { network: "R50", weight: 3 },
    { network: "ResNeSt101", weight: 1 },
  ] as const;
  const [query, image] = [
    await readRows(rowsOf(system, "queries", networks)),
    await readRows(rowsOf(system, "index", networks)),
  ];
  const product = query.data.reduce((sum, value, i) => sum + value * image.data[i]!, 0);
  // Cosines are 0.6 and -1.
  expect(product).toBeCloseTo((3 * 0.6 - 1) / 4, 6);
});

it("takes train images alone from all references", async () => {
  const all = rowsOf(system, "references", [{ network: "R50", weight: 7 }]);
  const { references } = system.searched;
  expect(sizeOfSet(references, "full")).toBe(2);
  expect([...(await readRows(rowsOfSet(all, references, "full"))).data]).toEqual([0, 1, 1, 0]);
  expect(rowsOfSet(all, references, "index_train")).toBe(all);
});

it("refuses a network that was not embedded", () => {
  expect(() => rowsOf(system, "index", [{ network: "SER101ibn", weight: 1 }])).toThrow(
    new RangeError("expected embeddings of index by SER101ibn, got none"),
  );
});
