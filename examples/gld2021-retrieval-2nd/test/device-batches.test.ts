import { expect, it } from "vitest";
import { configs } from "../src/configs.ts";
import { cutIntoParts, shareStep } from "../src/device-batches.ts";
import { epochBatches } from "../src/sampler.ts";

it("gives a process the images of one device at a time", () => {
  const share = (processes: number, partsOfDevice = 1) =>
    shareStep(configs.R50_256, { processes, partsOfDevice });
  expect(share(8)).toEqual({ parts: 1, images: 128 });
  expect(share(2)).toEqual({ parts: 4, images: 128 });
  expect(share(1)).toEqual({ parts: 8, images: 128 });
  expect(share(4, 4)).toEqual({ parts: 8, images: 32 });
  expect(() => share(3)).toThrow(
    "train: expected a number of processes that divides the 8 devices of MODEL.DEVICE_ID, got 3; start others, or set MODEL.DEVICE_ID",
  );
  expect(() => share(8, 5)).toThrow(
    "train: expected parts that divide SOLVER.IMS_PER_BATCH, 128, got 5; choose another number",
  );
});

it("cuts a batch into parts in its order, with which copy of an image each is", () => {
  const batch = { group: 0, rows: Int32Array.of(5, 6, 5, 7), copies: Int32Array.of(0, 0, 1, 0) };
  expect(cutIntoParts([batch], { parts: 2, images: 2 })).toEqual([
    { group: 0, rows: Int32Array.of(5, 6), copies: Int32Array.of(0, 0) },
    { group: 0, rows: Int32Array.of(5, 7), copies: Int32Array.of(1, 0) },
  ]);
});

it("takes the same images with however many processes", () => {
  const { SOLVER, ...others } = configs.R50_256;
  const config = { ...others, SOLVER: { ...SOLVER, IMS_PER_BATCH: 2 } };
  const images = {
    classIds: new Int32Array(40),
    noisy: new Uint8Array(40),
    tags: { values: [], codes: new Int32Array(40).fill(-1) },
  };
  const partsOf = (rank: number, size: number): readonly Int32Array[] => {
    const batches = epochBatches(config, images, { seed: 1, epoch: 0, shard: { rank, size } });
    return cutIntoParts(batches, shareStep(config, { processes: size, partsOfDevice: 1 })).map(
      ({ rows }) => rows,
    );
  };
  const alone = partsOf(0, 1);
  expect(alone).toHaveLength(3 * 8);
  const [first, second] = [partsOf(0, 2), partsOf(1, 2)];
  for (const step of [0, 1, 2]) {
    const together = [...first.slice(4 * step, 4 * step + 4), ...second.slice(4 * step, 4 * step + 4)];
    expect(together).toEqual(alone.slice(8 * step, 8 * step + 8));
  }
});
