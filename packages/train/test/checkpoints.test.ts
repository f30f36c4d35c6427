import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoints } from "@lmk/train";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-checkpoints-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const checkpoint = (step: number) => ({
  step,
  arrays: { w: { shape: [2], data: Float32Array.of(step, -step) } },
  progress: { seed: 1, images: step * 32 },
});

describe("openCheckpoints", () => {
  it("finds nothing in a new folder", async () => {
    const checkpoints = await openCheckpoints(join(folder, "new"));
    expect(await checkpoints.latest()).toEqual({ checkpoint: undefined, rejected: [] });
  });

  it("gives back the checkpoint with the most steps and keeps the newest two", async () => {
    const checkpoints = await openCheckpoints(folder);
    for (const step of [900, 1000, 1100]) await checkpoints.save(checkpoint(step));
    expect(await checkpoints.latest()).toEqual({ checkpoint: checkpoint(1100), rejected: [] });
    expect(readdirSync(folder).sort()).toEqual(["step-000001000", "step-000001100"]);
  });

  it("keeps as many as told", async () => {
    const checkpoints = await openCheckpoints(folder, { keep: 1 });
    for (const step of [1, 2]) await checkpoints.save(checkpoint(step));
    expect(readdirSync(folder)).toEqual(["step-000000002"]);
  });

  it("passes over a damaged checkpoint and says why", async () => {
    const checkpoints = await openCheckpoints(folder);
    await checkpoints.save(checkpoint(1));
    await checkpoints.save(checkpoint(2));
    const path = join(folder, "step-000000002");
    truncateSync(join(path, "arrays.safetensors"), 100);
    const { checkpoint: found, rejected } = await checkpoints.latest();
    expect(found).toEqual(checkpoint(1));
    expect(rejected).toEqual([
      { path, reason: `${join(path, "arrays.safetensors")}: expected 8 bytes of values, got 4` },
    ]);
  });

  it("removes what an interrupted save left, and does not take it for a checkpoint", async () => {
    mkdirSync(join(folder, "step-000000005.part"));
    writeFileSync(join(folder, "step-000000005.part", "arrays.safetensors"), "half");
    const checkpoints = await openCheckpoints(folder);
    expect(readdirSync(folder)).toEqual([]);
    expect((await checkpoints.latest()).checkpoint).toBeUndefined();
  });

  it("refuses to keep none", async () => {
    await expect(openCheckpoints(folder, { keep: 0 })).rejects.toThrow(
      new RangeError("openCheckpoints: expected `keep` to be a whole number of at least 1, got 0"),
    );
  });
});
