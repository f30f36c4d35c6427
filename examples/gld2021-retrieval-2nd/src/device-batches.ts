import type { ImageBatch } from "@lmk/data";
import { UserError } from "@lmk-example/kit";
import { devicesOf } from "./sampler.ts";
import type { YmlConfig } from "./yml-config.ts";

/** How the images of a step are shared: each process takes so many parts of so many images, one after another. */
export interface StepShares {
  /** Parts of a process. */
  readonly parts: number;
  /** Images of a part. */
  readonly images: number;
}

/**
 * Shares the images of a step so that batch norm sees those of one device, as in the original, whose processes keep their own
 * statistics: a process takes the parts of several devices one after another.
 *
 * @param processes - Processes that train together.
 * @param partsOfDevice - Parts that the images of a device are cut into.
 * @throws UserError if either number does not divide its share.
 */
export function shareStep(
  config: Pick<YmlConfig, "MODEL" | "SOLVER">,
  { processes, partsOfDevice }: { readonly processes: number; readonly partsOfDevice: number },
): StepShares {
  const devices = devicesOf(config);
  const { IMS_PER_BATCH } = config.SOLVER;
  if (devices % processes !== 0) {
    throw new UserError(
      `train: expected a number of processes that divides the ${devices} devices of MODEL.DEVICE_ID, got ${processes}; start others, or set MODEL.DEVICE_ID`,
    );
  }
  if (IMS_PER_BATCH % partsOfDevice !== 0) {
    throw new UserError(
      `train: expected parts that divide SOLVER.IMS_PER_BATCH, ${IMS_PER_BATCH}, got ${partsOfDevice}; choose another number`,
    );
  }
  return { parts: (devices / processes) * partsOfDevice, images: IMS_PER_BATCH / partsOfDevice };
}

/** Cuts the batches of a process into their parts, each a batch of its own. */
export function cutIntoParts(
  batches: readonly ImageBatch[],
  { parts, images }: StepShares,
): readonly ImageBatch[] {
  if (parts === 1) return batches;
  return batches.flatMap(({ group, rows, copies }) =>
    Array.from({ length: parts }, (_, part) => {
      const [first, end] = [part * images, (part + 1) * images];
      const own = { group, rows: rows.subarray(first, end) };
      return copies === undefined ? own : { ...own, copies: copies.subarray(first, end) };
    }),
  );
}
