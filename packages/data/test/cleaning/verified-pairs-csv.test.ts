import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readVerifiedPairsCsv, type VerifiedPairs, writeVerifiedPairsCsv } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder } from "../temporary-folder.ts";

const folder = createTemporaryFolder();

describe("writeVerifiedPairsCsv and readVerifiedPairsCsv", () => {
  it("write a line a pair, and read it back", async () => {
    const file = join(folder.path, "pairs.csv");
    const pairs: VerifiedPairs = {
      rows: Int32Array.of(0, 0, 5),
      neighbors: Int32Array.of(5, 2147483647, 0),
      inliers: Int32Array.of(40, 0, 38),
    };
    await writeVerifiedPairsCsv(file, pairs);
    expect(readFileSync(file, "utf8")).toBe("row,neighbor,inliers\n0,5,40\n0,2147483647,0\n5,0,38\n");
    expect(await readVerifiedPairsCsv(file)).toEqual(pairs);
    expect(readdirSync(folder.path)).toEqual(["pairs.csv"]);
  });

  it("keep many pairs, and none", async () => {
    const file = join(folder.path, "many.csv");
    const rows = Int32Array.from({ length: 10_000 }, (_, i) => Math.floor(i / 3));
    const pairs = { rows, neighbors: rows.toReversed(), inliers: rows.map((row) => row % 77) };
    await writeVerifiedPairsCsv(file, pairs);
    expect(await readVerifiedPairsCsv(file)).toEqual(pairs);
    const none = new Int32Array(0);
    await writeVerifiedPairsCsv(file, { rows: none, neighbors: none, inliers: none });
    expect(await readVerifiedPairsCsv(file)).toEqual({ rows: none, neighbors: none, inliers: none });
  });

  it("refuse pairs and files that cannot be", async () => {
    const rows = Int32Array.of(1, 0);
    const file = join(folder.path, "refused.csv");
    await expect(writeVerifiedPairsCsv(file, { rows, neighbors: rows, inliers: rows })).rejects.toThrow(
      new RangeError("writeVerifiedPairsCsv: expected `pairs.rows` to ascend from 0, got 0 behind 1"),
    );
    const refuses = async (content: string, message: string) => {
      folder.write("refused.csv", content);
      await expect(readVerifiedPairsCsv(file)).rejects.toThrow(`${file}:${message}`);
    };
    await refuses(
      "row,neighbor,inliers\n4,0,30\n3,0,31\n",
      '3: expected `row` to be an integer from 4 to 2147483647, got "3"',
    );
    await refuses(
      "row,neighbor,inliers\n4,0,NaN\n",
      '2: expected `inliers` to be an integer from 0 to 2147483647, got "NaN"',
    );
    await refuses(
      "row,neighbor\n4,0\n",
      '1: expected a header with row,neighbor,inliers, got "row,neighbor"',
    );
    await refuses("", "1: expected a header with row,neighbor,inliers, got an empty file");
    await expect(readVerifiedPairsCsv(join(folder.path, "nowhere.csv"))).rejects.toThrow(
      `${join(folder.path, "nowhere.csv")}: expected a file, got none`,
    );
  });
});
