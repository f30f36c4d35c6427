import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoints, TrainingError } from "@lmk/train";
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

  it("passes over a checkpoint whose values changed on the disk", async () => {
    const checkpoints = await openCheckpoints(folder);
    await checkpoints.save(checkpoint(1));
    await checkpoints.save(checkpoint(2));
    const path = join(folder, "step-000000002");
    const file = join(path, "arrays.safetensors");
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    const { checkpoint: found, rejected } = await checkpoints.latest();
    expect(found).toEqual(checkpoint(1));
    const { sha256 } = JSON.parse(readFileSync(join(path, "progress.json"), "utf8"));
    const actual = createHash("sha256").update(bytes).digest("hex");
    expect(rejected).toEqual([{ path, reason: `${file}: expected SHA-256 ${sha256}, got ${actual}` }]);
  });

  it("keeps what it has just saved beside a damaged checkpoint of more steps", async () => {
    mkdirSync(join(folder, "step-000000009"));
    const checkpoints = await openCheckpoints(folder, { keep: 1 });
    await checkpoints.save(checkpoint(5));
    expect((await checkpoints.latest()).checkpoint).toEqual(checkpoint(5));
  });

  it("refuses values that are not finite, and keeps the checkpoint before", async () => {
    const checkpoints = await openCheckpoints(folder, { keep: 1 });
    await checkpoints.save(checkpoint(1));
    const broken = { ...checkpoint(2), arrays: { w: { shape: [2], data: Float32Array.of(1, Number.NaN) } } };
    await expect(checkpoints.save(broken)).rejects.toThrow(
      new TrainingError(
        "not-finite",
        "Checkpoints.save: expected `w` to hold finite numbers, got NaN; lower the learning rate",
      ),
    );
    expect((await checkpoints.latest()).checkpoint).toEqual(checkpoint(1));
  });

  it("does not take what an interrupted save left for a checkpoint, and removes it at the next", async () => {
    mkdirSync(join(folder, "step-000000005.part"));
    writeFileSync(join(folder, "step-000000005.part", "arrays.safetensors"), "half");
    const checkpoints = await openCheckpoints<null>(folder);
    expect((await checkpoints.latest()).checkpoint).toBeUndefined();
    await checkpoints.save({ step: 6, arrays: {}, progress: null });
    expect(readdirSync(folder)).toEqual(["step-000000006"]);
  });

  it("refuses to keep none", async () => {
    await expect(openCheckpoints(folder, { keep: 0 })).rejects.toThrow(
      new RangeError("openCheckpoints: expected `keep` to be a whole number of at least 1, got 0"),
    );
  });
});
