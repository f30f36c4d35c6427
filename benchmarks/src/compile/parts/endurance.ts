import { longSteps } from "../../measure/settings.ts";
import { taskOf } from "../classifier.ts";
import { withWorker } from "../worker-process.ts";

const readings = 10;
/** How much more than at the second reading may be resident at the last. */
const growth = 1.02;

/** Many training steps in a row. */
export interface Endurance {
  readonly network: "resnet18";
  readonly size: number;
  readonly batch: number;
  /** Resident bytes and tfjs tensors, after garbage was collected. */
  readonly readings: readonly {
    readonly step: number;
    readonly resident: number;
    readonly tensors: number;
  }[];
  /** Whether memory stayed where it was at the second reading, and no tensor was left. */
  readonly flat: boolean;
}

/** Watches the memory of a small network that is trained for long. */
export async function measureEndurance(): Promise<Endurance> {
  const task = taskOf("resnet18", 32);
  const taken = await withWorker({ name: "lmk" }, task, "train", async (worker) => {
    const list = [];
    for (let step = 1; step <= longSteps; step++) {
      await worker.run();
      if (step % Math.ceil(longSteps / readings) !== 0) continue;
      const { resident, tensors } = await worker.memory();
      list.push({ step, resident, tensors });
    }
    return list;
  });
  const [, early = taken[0]] = taken;
  const last = taken[taken.length - 1];
  const flat = last.resident <= early.resident * growth && taken.every(({ tensors }) => tensors === 0);
  return { network: "resnet18", size: task.size, batch: task.batch, readings: taken, flat };
}
