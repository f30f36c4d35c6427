import { difference, interleave, type Summary } from "../measure/interleave.ts";
import type { Memory } from "../measure/peer.ts";
import { requirePython } from "../measure/settings.ts";
import { type HeadProcess, startLmkHead, startTorchHead } from "./head-processes.ts";
import type { HeadShape, HeadTask } from "./head-task.ts";

/** What one side of a head took. */
export interface HeadSide extends Summary {
  /** Resident bytes after the libraries were loaded, and at most during the steps. */
  readonly memory: Memory;
  /** Of the first and of the last step. */
  readonly losses: readonly number[];
}

/** One head on both sides; PyTorch has no sampled form here. */
export interface HeadRow extends HeadShape {
  readonly share: number;
  /** Whether the sides took turns step by step. */
  readonly inTurns: boolean;
  readonly lmk: HeadSide;
  readonly pytorch?: HeadSide;
  /** Of the first step: of the losses, over PyTorch's. */
  readonly lossDifference?: number;
  /** Of the first step's gradients of the embeddings, over PyTorch's largest. */
  readonly gradientDifference?: number;
  /** Of the last step's losses, over the first loss. */
  readonly lastLossDifference?: number;
  /** Whether the first step's differences are at most 1e-3. */
  readonly agrees?: boolean;
}

const tolerance = 1e-3;

/** Rows from which the sides run one after the other: two processes of them do not fit into 24 GiB. */
const largeRows = 200_000;

interface Measured extends HeadSide {
  readonly gradient: readonly number[];
}

/** Times both sides, in turns unless the head is large, and reads their memory. */
export async function measureHead(task: HeadTask): Promise<HeadRow> {
  const { classes, subCenters, dimension, share } = task;
  const starts = [() => startLmkHead(task)];
  if (share === 1) starts.push(() => startTorchHead(requirePython(), task));
  const inTurns = classes * subCenters < largeRows;
  const groups = inTurns ? [starts] : starts.map((start) => [start]);
  const measured: Measured[] = [];
  for (const group of groups) measured.push(...(await measureTogether(group)));
  const [lmk, pytorch] = measured.map(({ gradient: _, ...side }): HeadSide => side);
  const head = { classes, subCenters, dimension, share, inTurns, lmk };
  if (pytorch === undefined) return head;
  const [first, last] = [0, 1].map((step) => Math.abs(lmk.losses[step] - pytorch.losses[step]));
  const lossDifference = first / pytorch.losses[0];
  const lastLossDifference = last / pytorch.losses[0];
  const gradientDifference = difference(measured[0].gradient, measured[1].gradient);
  const agrees = lossDifference <= tolerance && gradientDifference <= tolerance;
  return { ...head, pytorch, lossDifference, gradientDifference, lastLossDifference, agrees };
}

async function measureTogether(starts: readonly (() => Promise<HeadProcess>)[]): Promise<Measured[]> {
  const sides: HeadProcess[] = [];
  try {
    for (const start of starts) sides.push(await start());
    for (const side of sides) await side.forgetPeak();
    const series = await interleave(sides);
    return await Promise.all(
      sides.map(async (side): Promise<Measured> => {
        const { median, min, max, first, last } = series[side.name];
        const gradient = Array.from(first).slice(1);
        return { median, min, max, memory: await side.memory(), losses: [first[0], last[0]], gradient };
      }),
    );
  } finally {
    for (const side of sides) await side.close();
  }
}
