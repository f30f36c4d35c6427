import { expect, it } from "vitest";
import { blocksOf } from "../src/mpi/blocks.ts";

it("copies short arrays together and writes them back", () => {
  const arrays = [Float32Array.of(1, 2), new Float32Array(0), Float32Array.of(3)];
  const { blocks, writeBack } = blocksOf(arrays, 100);
  expect(blocks).toEqual([Float32Array.of(1, 2, 3)]);
  blocks[0]!.set([4, 5, 6]);
  expect(arrays[0]).toEqual(Float32Array.of(1, 2));
  writeBack();
  expect(arrays).toEqual([Float32Array.of(4, 5), new Float32Array(0), Float32Array.of(6)]);
});

it("takes one array, and long ones among others, where they lie", () => {
  const one = Float32Array.of(7);
  expect(blocksOf([one], 100).blocks[0]!.buffer).toBe(one.buffer);

  const long = new Float32Array(65_536);
  const { blocks } = blocksOf([one, long, one], 1_000_000);
  expect(blocks).toHaveLength(2);
  expect(blocks[0]).toEqual(Float32Array.of(7, 7));
  expect(blocks[1]!.buffer).toBe(long.buffer);
});

it("cuts what is too long for one call", () => {
  const { blocks, writeBack } = blocksOf([Float32Array.of(1, 2, 3), Float32Array.of(4, 5)], 2);
  expect(blocks).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4), Float32Array.of(5)]);
  writeBack();
  const one = Float32Array.of(1, 2, 3);
  expect(blocksOf([one], 2).blocks.map((block) => [block.byteOffset, block.length])).toEqual([
    [0, 2],
    [8, 1],
  ]);
});

it("gives no block for no numbers", () => {
  expect(blocksOf([], 10).blocks).toEqual([]);
  expect(blocksOf([new Float32Array(0), new Float32Array(0)], 10).blocks).toEqual([]);
});
