/**
 * Where the time of a compiled training step or inference goes: per kind of op, and by the slowest nodes.
 *
 *     pnpm --filter @lmk-benchmark/all profile:compile <network> <px> <train|infer>
 *
 * Networks are torchvision's names: resnet18 … resnet152, efficientnet_b0, swin_t. The times are of kernels only,
 * per run, averaged over LMK_STEPS (default 5) runs after LMK_WARMUP (default 3). LMK_BATCH (default 8),
 * LMK_THREADS (default 2) and LMK_NODES (default 25) change what is run and how much is printed.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mode } from "../measure/peer.ts";
import { taskOf } from "./classifier.ts";
import { startCompiled } from "./compiled-peer.ts";
import { isNetworkName } from "./networks/all-networks.ts";

/** One event of onnxruntime's profile. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly ts: number;
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly Shapes[];
    readonly output_type_shape?: readonly Shapes[];
  };
}

type Shapes = Readonly<Record<string, readonly number[]>>;

const [network, px, mode] = process.argv.slice(2);
if (!isNetworkName(network) || !(Number(px) > 0) || !["train", "infer"].includes(mode)) {
  console.error("profile: expected <network> <px> <train|infer>, such as resnet50 128 train");
  process.exit(2);
}
const steps = Number(process.env.LMK_STEPS ?? 5);
const warmup = Number(process.env.LMK_WARMUP ?? 3);
const task = { ...taskOf(network, Number(px)), batch: Number(process.env.LMK_BATCH ?? 8) };
const threads = Number(process.env.LMK_THREADS ?? 2);

const folder = mkdtempSync(join(tmpdir(), "lmk-profile-"));
const peer = await startCompiled(task, mode as Mode, { threads, profile: join(folder, "profile") });
const { operators, nodes } = peer.compiled.report;
const total: number[] = [];
for (let i = -warmup; i < steps; i++) {
  const { milliseconds } = await peer.run();
  if (i >= 0) total.push(milliseconds);
}
await peer.close();
const events = readdirSync(folder).flatMap(
  (file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as ProfileEvent[],
);
rmSync(folder, { recursive: true });

const runs = events.filter(({ cat, name }) => cat === "Session" && name === "model_run");
const measuredFrom = runs.toSorted((a, b) => a.ts - b.ts)[warmup].ts;
const kernels = events.filter(
  ({ cat, name, ts }) => cat === "Node" && name.endsWith("_kernel_time") && ts >= measuredFrom,
);

/** Milliseconds per run and count of the kernels that share a key, slowest first. */
function grouped(keyOf: (event: ProfileEvent) => string) {
  const groups = new Map<string, { milliseconds: number; count: number; event: ProfileEvent }>();
  for (const event of kernels) {
    const group = groups.get(keyOf(event)) ?? { milliseconds: 0, count: 0, event };
    group.milliseconds += event.dur / 1000 / steps;
    group.count += 1 / steps;
    groups.set(keyOf(event), group);
  }
  return [...groups].toSorted(([, a], [, b]) => b.milliseconds - a.milliseconds);
}

const show = (milliseconds: number) => milliseconds.toFixed(2).padStart(9);
const shapes = (list: readonly Shapes[] = []) =>
  list.map((shape) => `[${Object.values(shape)[0].join(",")}]`).join(" ");

const mean = total.reduce((sum, time) => sum + time, 0) / steps;
console.log(
  `${network}, ${px} px, batch ${task.batch}, ${mode}, ${threads} threads: ${mean.toFixed(1)} ms per run`,
);
console.log(
  `${nodes} nodes before onnxruntime optimizes them, among them ${operators.Transpose ?? 0} Transpose`,
);
const byOp = grouped(({ args }) => args?.op_name ?? "");
const inKernels = byOp.reduce((sum, [, { milliseconds }]) => sum + milliseconds, 0);
console.log(`\n${show(inKernels)} ms in kernels per run, by op:`);
for (const [op, { milliseconds, count }] of byOp) {
  console.log(`${show(milliseconds)} ms  ${String(Math.round(count)).padStart(5)} × ${op}`);
}
console.log("\nslowest nodes:");
for (const [name, { milliseconds, event }] of grouped(({ name }) => name).slice(
  0,
  Number(process.env.LMK_NODES ?? 25),
)) {
  const { op_name, input_type_shape, output_type_shape } = event.args ?? {};
  console.log(
    `${show(milliseconds)} ms  ${op_name}  ${shapes(input_type_shape)} -> ${shapes(output_type_shape)}`,
  );
  console.log(`${" ".repeat(14)}${name.replace(/_kernel_time$/, "")}`);
}
