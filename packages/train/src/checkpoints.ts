import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { NamedArrays } from "./parameters.ts";
import { requireInteger } from "./require.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import { TrainingError } from "./training-error.ts";

/** Options of {@link openCheckpoints}. */
export interface CheckpointsOptions {
  /**
   * How many checkpoints stay; older ones are removed after a new one is complete.
   *
   * @defaultValue 2
   */
  readonly keep?: number;
}

/** A complete checkpoint. */
export interface Checkpoint<Progress> {
  /** Steps done. */
  readonly step: number;
  /** Parameters and optimizer slots by name. */
  readonly arrays: NamedArrays;
  /** Where schedule, sampler and seeds stood. */
  readonly progress: Progress;
}

/** A folder of checkpoints. */
export interface Checkpoints<Progress> {
  readonly folder: string;
  /**
   * Writes a checkpoint; it counts only once it is complete. Rejects with the TrainingError `not-finite` if an array holds
   * NaN or an infinity: the checkpoints before stay.
   */
  readonly save: (checkpoint: Checkpoint<Progress>) => Promise<void>;
  /** The complete checkpoint with the most steps, and those that had to be passed over. */
  readonly latest: () => Promise<LatestCheckpoint<Progress>>;
}

/** What {@link Checkpoints.latest} finds. */
export interface LatestCheckpoint<Progress> {
  /** `undefined` if the folder holds no complete checkpoint. */
  readonly checkpoint: Checkpoint<Progress> | undefined;
  /** Newer ones that could not be read, each with the reason. */
  readonly rejected: readonly { readonly path: string; readonly reason: string }[];
}

const namePattern = /^step-(\d{9})$/;

/**
 * Opens a folder of checkpoints, making it if needed.
 *
 * Each checkpoint is a folder `step-NNNNNNNNN` with `arrays.safetensors` and `progress.json`, which holds the first one's
 * SHA-256. It is written under another name, flushed and renamed, so that a process killed at any moment leaves the
 * checkpoints before it whole.
 *
 * @typeParam Progress - JSON that says where the run stood.
 * @throws RangeError if `keep` is not a positive whole number.
 */
export async function openCheckpoints<Progress>(
  folder: string,
  options: CheckpointsOptions = {},
): Promise<Checkpoints<Progress>> {
  const { keep = 2 } = options;
  requireInteger("openCheckpoints", "keep", keep, 1);
  await mkdir(folder, { recursive: true });

  return {
    folder,
    async save({ step, arrays, progress }) {
      requireInteger("Checkpoints.save", "step", step, 0);
      requireFinite(arrays);
      const path = join(folder, `step-${String(step).padStart(9, "0")}`);
      const part = `${path}.part`;
      // What a killed process left behind, this checkpoint's own beginning among it.
      for (const name of await readdir(folder)) {
        if (name.endsWith(".part")) await rm(join(folder, name), { recursive: true, force: true });
      }
      await mkdir(part);
      const file = join(part, "arrays.safetensors");
      await writeSafetensors(file, arrays, { metadata: { step: String(step) } });
      const sha256 = await digestOf(file);
      await writeFlushed(join(part, "progress.json"), JSON.stringify({ step, sha256, progress }));
      await rm(path, { recursive: true, force: true });
      await rename(part, path);
      const older = (await namesOf(folder)).filter((name) => join(folder, name) < path);
      for (const old of older.slice(keep - 1)) await rm(join(folder, old), { recursive: true });
    },

    async latest() {
      const rejected: { path: string; reason: string }[] = [];
      for (const name of await namesOf(folder)) {
        const path = join(folder, name);
        try {
          const { step, sha256, progress } = JSON.parse(
            await readFile(join(path, "progress.json"), "utf8"),
          ) as Checkpoint<Progress> & { readonly sha256: string };
          const file = join(path, "arrays.safetensors");
          const { arrays } = await readSafetensors(file);
          const actual = await digestOf(file);
          if (actual !== sha256)
            throw new TrainingError("damaged", `${file}: expected SHA-256 ${sha256}, got ${actual}`);
          return { checkpoint: { step, arrays, progress }, rejected };
        } catch (error) {
          rejected.push({ path, reason: (error as Error).message });
        }
      }
      return { checkpoint: undefined, rejected };
    },
  };
}

/** Complete checkpoints, most steps first. */
async function namesOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => namePattern.test(name));
  return names.sort().reverse();
}

/** Refuses values from which training cannot go on. */
function requireFinite(arrays: NamedArrays): void {
  for (const [name, { data }] of Object.entries(arrays)) {
    const wrong = firstNotFinite(data);
    if (wrong === undefined) continue;
    throw new TrainingError(
      "not-finite",
      `Checkpoints.save: expected \`${name}\` to hold finite numbers, got ${wrong}; lower the learning rate`,
    );
  }
}

/** A plain loop: arrays of hundreds of millions of values take seconds otherwise. */
function firstNotFinite(data: Float32Array): number | undefined {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) return data[i];
  }
  return undefined;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function writeFlushed(path: string, text: string): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
