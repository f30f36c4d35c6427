import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { NamedArrays } from "./parameters.ts";
import { requireInteger } from "./require.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

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
  /** Writes a checkpoint; it counts only once it is complete. */
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
 * Each checkpoint is a folder `step-NNNNNNNNN` with `arrays.safetensors` and `progress.json`. It is written under another
 * name, flushed and renamed, so that a process killed at any moment leaves the checkpoints before it whole.
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
  for (const name of await readdir(folder)) {
    if (name.endsWith(".part")) await rm(join(folder, name), { recursive: true });
  }

  return {
    folder,
    async save({ step, arrays, progress }) {
      requireInteger("Checkpoints.save", "step", step, 0);
      const path = join(folder, `step-${String(step).padStart(9, "0")}`);
      const part = `${path}.part`;
      await rm(part, { recursive: true, force: true });
      await mkdir(part);
      await writeSafetensors(join(part, "arrays.safetensors"), arrays, { metadata: { step: String(step) } });
      await writeFlushed(join(part, "progress.json"), JSON.stringify({ step, progress }));
      await rm(path, { recursive: true, force: true });
      await rename(part, path);
      for (const old of (await namesOf(folder)).slice(keep)) await rm(join(folder, old), { recursive: true });
    },

    async latest() {
      const rejected: { path: string; reason: string }[] = [];
      for (const name of await namesOf(folder)) {
        const path = join(folder, name);
        try {
          const { step, progress } = JSON.parse(
            await readFile(join(path, "progress.json"), "utf8"),
          ) as Checkpoint<Progress>;
          const { arrays } = await readSafetensors(join(path, "arrays.safetensors"));
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

async function writeFlushed(path: string, text: string): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
