import { toReferenceLayout } from "@lmk/models";
import { difference, interleave, type Summary } from "../../measure/interleave.ts";
import type { Mode, Peer } from "../../measure/peer.ts";
import { requirePython, tfjsNode, threads } from "../../measure/settings.ts";
import { type Task, taskOf } from "../classifier.ts";
import { type CompiledPeer, startCompiled } from "../compiled-peer.ts";
import { startExported } from "../exported-peer.ts";
import type { NetworkName } from "../networks/all-networks.ts";
import { startTorch, type TorchProcess, torchPeer } from "../torch-process.ts";
import { startWorker, withWorker } from "../worker-process.ts";

/** First losses, and logits, may differ by this much. */
const tolerance = 1e-3;
/** Gradients may differ by more: a ReLU within rounding of its kink, open on one side alone, changes whole arrays. */
const gradientTolerance = 0.1;

/** One peer's part of a {@link SpeedRow}. */
export interface PeerRow extends Summary {
  readonly times: readonly number[];
  /** The time of lmk over that of this peer, medians. */
  readonly ratio: number;
  /** How far lmk's loss, or logits, are from this peer's, over the largest: in the first and in the last run. */
  readonly differences: { readonly first: number; readonly last: number };
}

/** One network at one image size. */
export interface SpeedRow {
  readonly network: NetworkName;
  readonly size: number;
  readonly batch: number;
  readonly lmk: Summary & { readonly times: readonly number[] };
  readonly peers: Readonly<Record<string, PeerRow>>;
  /** Why a peer has no row. */
  readonly refused: Readonly<Record<string, string>>;
  /** Of a training step: how far the first gradients are from PyTorch's, each over its largest value; the median. */
  readonly gradientDifference?: number;
  readonly compileMilliseconds: number;
  readonly nodes: number;
  /** Whether every peer's first values are those of lmk, and PyTorch's gradients. */
  readonly agrees: boolean;
}

/** Times a training step, or inference, beside PyTorch, its exported graph and tfjs-node. */
export async function measureSpeed(mode: Mode, network: NetworkName, size: number): Promise<SpeedRow> {
  const task = taskOf(network, size);
  const opened: Peer[] = [];
  const open = <T extends Peer>(peer: T): T => {
    opened.push(peer);
    return peer;
  };
  try {
    const lmk = open(await startCompiled(task, mode, { threads }));
    const torch = await startTorch(requirePython(), task, { threads });
    open(torchPeer(torch, mode));
    if (mode === "infer") open(await startExported(torch, task, threads));
    const refused = await openTfjsNode(task, mode, open);

    let gradientDifference: number | undefined;
    const { lmk: ours, ...others } = await interleave(opened, async () => {
      if (mode === "train") gradientDifference = await compareGradients(lmk, torch);
    });
    const peers = Object.entries(others).map(([name, { first, last, ...theirs }]) => {
      const differences = { first: difference(ours.first, first), last: difference(ours.last, last) };
      return [name, { ...theirs, ratio: ours.median / theirs.median, differences }] as const;
    });
    const { first: _first, last: _last, ...times } = ours;
    return {
      network,
      size,
      batch: task.batch,
      lmk: times,
      peers: Object.fromEntries(peers),
      refused,
      ...(gradientDifference === undefined ? {} : { gradientDifference }),
      compileMilliseconds: lmk.compileMilliseconds,
      nodes: lmk.compiled.report.nodes,
      agrees:
        peers.every(([, { differences }]) => differences.first <= tolerance) &&
        (gradientDifference ?? 0) <= gradientTolerance,
    };
  } finally {
    for (const peer of opened) await peer.close();
  }
}

/** After one step the velocities are the gradients, with weight decay. */
async function compareGradients({ state }: CompiledPeer, torch: TorchProcess): Promise<number> {
  const velocities = Object.entries(state.read()).filter(([name]) => name.startsWith("sgd/"));
  const errors = await torch.compare(toReferenceLayout(Object.fromEntries(velocities)));
  const sorted = Object.values(errors).toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** tfjs-node may be absent, and may lack a kernel: then there is a reason instead of a row. */
async function openTfjsNode(
  task: Task,
  mode: Mode,
  open: (peer: Peer) => Peer,
): Promise<Record<string, string>> {
  if (tfjsNode === undefined) return { "tfjs-node": "LMK_TFJS_NODE is not set" };
  // A worker of its own tries first, since a step that fails would end the comparison.
  const engine = { name: "tfjs-node", folder: tfjsNode } as const;
  try {
    await withWorker(engine, { ...task, batch: 2, size: 64 }, mode, (trial) => trial.run());
    open(await startWorker(engine, task, mode));
    return {};
  } catch (error) {
    return { "tfjs-node": (error as Error).message };
  }
}
