import { UserError } from "@lmk-example/kit";
import type { NetworkConfig } from "./network-config.ts";

/** How the images of an update are shared. */
export interface BatchShares {
  /** Images that all processes take at a time. */
  readonly batchSize: number;
  /** Batches of each process whose gradients are averaged for one update. */
  readonly accumulate: number;
}

/** What images are shared among. */
export interface ShareOptions {
  /** Devices with `batch_size` images each. */
  readonly devices: number;
  readonly processes: number;
  /**
   * Parts that a device's images are cut into.
   *
   * @defaultValue 1
   */
  readonly parts?: number;
}

/**
 * Shares the images of an update among processes so that each batch has the images of one device, whatever the number of
 * processes: batch norm sees what it saw, where it is not synchronized. With parts it sees a part.
 *
 * @throws UserError if processes would have unequal numbers of devices, or parts of images.
 */
export function shareBatches(
  { batch_size, grad_accumulation }: Pick<NetworkConfig, "batch_size" | "grad_accumulation">,
  { devices, processes, parts = 1 }: ShareOptions,
): BatchShares {
  if (devices % processes !== 0) {
    throw new UserError(
      `train: expected processes that share ${devices} devices evenly, got ${processes}; start another number, or pass --devices`,
    );
  }
  if (batch_size % parts !== 0) {
    throw new UserError(
      `train: expected parts that divide batch_size, ${batch_size}, got ${parts}; choose another number`,
    );
  }
  return {
    batchSize: (batch_size / parts) * processes,
    accumulate: grad_accumulation * parts * (devices / processes),
  };
}
