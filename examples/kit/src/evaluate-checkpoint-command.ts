import { availableParallelism } from "node:os";
import { basename, join, resolve } from "node:path";
import { compile } from "@lmk/compile";
import { type GenerateRevisitedOptions, generateRevisited } from "@lmk/data/landmarks";
import { type MultiScaleOptions, multiScalePresets } from "@lmk/models";
import { createEmbedder } from "@lmk/models/embedder";
import Table from "cli-table3";
import { Command, InvalidArgumentError, Option } from "commander";
import {
  backboneNames,
  type CheckpointNetworkOptions,
  poolingNames,
  readCheckpointNetwork,
} from "./checkpoint-network.ts";
import { fileHash } from "./file-hash.ts";
import { type EvaluateRevisitedOptions, evaluateRevisitedSet, type RevisitedScores } from "./revisited.ts";
import { revisitedScales, scalesOf } from "./revisited-embeddings.ts";
import type { QueryCrop } from "./revisited-images.ts";
import { findRevisitedSet, type RevisitedSetName, revisitedSetNames } from "./revisited-set.ts";
import { openRunFolder, type RunFolder } from "./run-folder.ts";
import { UserError } from "./user-error.ts";

/** What `evaluate-revisited` takes from its command line. */
export interface EvaluateCheckpointOptions extends CheckpointNetworkOptions {
  /** A folder with a set; without it one is made. */
  readonly data?: string;
  readonly set?: RevisitedSetName;
  readonly scales: MultiScaleOptions;
  readonly maxSide: number;
  readonly queryCrop: QueryCrop;
  /** Seed of a set that is made. */
  readonly seed: number;
  readonly run?: string;
  readonly provider: "cpu" | "webgpu";
  readonly threads: number;
}

/** Where the command shows what it does. */
export interface EvaluateCheckpointTerminal {
  /** Shows a line, or several. */
  readonly say: (text: string) => void;
  readonly progress: NonNullable<EvaluateRevisitedOptions["progress"]>;
  readonly onStage?: RunFolder["onStage"];
  /** The set that is made where there is no `--data`; its defaults are those of `generateRevisited`. */
  readonly generated?: Omit<GenerateRevisitedOptions, "onProgress" | "signal" | "seed">;
}

/** The sub-command `evaluate-revisited`: scores any checkpoint of any backbone on revisited Oxford or Paris. */
export function evaluateCheckpointCommand(terminal: EvaluateCheckpointTerminal): Command {
  return new Command("evaluate-revisited")
    .description("score a checkpoint on revisited Oxford or Paris, or on a set made for it")
    .requiredOption("--checkpoint <file>", "weights: .safetensors, PyTorch or ONNX")
    .addOption(
      new Option("--backbone <name>", "the network that they are of, such as resnet101")
        .makeOptionMandatory()
        .argParser(backboneName),
    )
    .addOption(
      new Option("--pooling <name>", "how its features are pooled").choices(poolingNames).default("gem"),
    )
    .option("--power <p>", "power of gem, where the checkpoint holds none", aboveZero, 3)
    .option("--dimension <n>", "length of an embedding, to check the checkpoint's", positiveInteger)
    .option("--data <dir>", "a folder with gnd_<set>.pkl or .json and the images in jpg/")
    .addOption(new Option("--set <name>", "which set --data holds").choices(revisitedSetNames))
    .option(
      "--scales <list>",
      "multi and single as in 2019, radenovic, dolg, or factors such as 0.5,1",
      scalesArgument,
      revisitedScales.multi,
    )
    .option("--max-side <n>", "longer side of images, at most", positiveInteger, 1024)
    .addOption(
      new Option("--query-crop <kind>", "shrink the cut query to --max-side, or in proportion to its image")
        .choices(["published", "head"])
        .default("published"),
    )
    .option("--seed <n>", "seed of a set that is made", wholeNumber, 1)
    .option("--run <dir>", "where to keep embeddings and scores; an interrupted run goes on")
    .addOption(
      new Option("--provider <name>", "where networks run").choices(["cpu", "webgpu"]).default("cpu"),
    )
    .option("--threads <n>", "threads for networks", positiveInteger, availableParallelism())
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .action(async (options: EvaluateCheckpointOptions) => {
      await evaluateCheckpoint(options, terminal);
    });
}

/** Does what the command says, shows the table and returns the scores. */
export async function evaluateCheckpoint(
  options: EvaluateCheckpointOptions,
  terminal: EvaluateCheckpointTerminal,
): Promise<RevisitedScores> {
  const { checkpoint, backbone, pooling, power, provider, threads, scales, maxSide, queryCrop } = options;
  const { say, progress } = terminal;
  const run = openRunFolder(resolve(options.run ?? join("runs", "evaluate-revisited")), terminal.onStage);
  const { model, weights } = await readCheckpointNetwork(options);
  const network = { checkpoint: await fileHash(checkpoint), backbone, pooling, power, provider, threads };
  const { folder, name } = await setOf(options, terminal, run);
  say(`${name}: ${basename(checkpoint)}, ${backbone}, embeddings of ${model.dimension} numbers`);
  const scores = await evaluateRevisitedSet({
    run,
    folder,
    name,
    network,
    scales,
    maxSide,
    queryCrop,
    progress,
    openEmbedder: (how) =>
      createEmbedder({
        ...how,
        model,
        weights,
        compile: (fn, signature) => compile(fn, signature, { provider, threads }),
      }),
  });
  say(revisitedTable(scores!));
  return scores!;
}

/** Scores in percent, a line for each protocol. */
export function revisitedTable({ set, images, queries, ranks, protocols }: RevisitedScores): string {
  const table = new Table({
    head: [set, "queries", "mAP", ...ranks.map((rank) => `mP@${rank}`)],
    colAligns: ["left", ...Array.from({ length: 2 + ranks.length }, () => "right" as const)],
    style: { head: [], border: [] },
  });
  for (const { protocol, queries: scored, meanAveragePrecision, meanPrecisions } of protocols) {
    const values = [meanAveragePrecision, ...meanPrecisions];
    table.push([protocol, scored, ...values.map((value) => (100 * value).toFixed(2))]);
  }
  return `${table.toString()}\n${queries} queries, ${images} images; in percent`;
}

/** The set in `--data`, or one that is made in the run folder. */
async function setOf(
  { data, set, seed }: EvaluateCheckpointOptions,
  { say, progress, generated = {} }: EvaluateCheckpointTerminal,
  run: RunFolder,
): Promise<{ readonly folder: string; readonly name: RevisitedSetName }> {
  if (data !== undefined) return { folder: data, name: set ?? findRevisitedSet(data) };
  if (set !== undefined && set !== "generated") {
    throw new UserError(
      `--set ${set}: expected a folder that holds it, got none; pass --data DIR, or leave --set out for a generated set`,
    );
  }
  const folder = join(run.path, `revisited-generated-data-${seed}`);
  say(
    `no --data: a set of generated landmarks in the same format, in ${folder}; its scores are not those of Oxford or Paris`,
  );
  let bar: ReturnType<typeof progress> | undefined;
  try {
    await generateRevisited(folder, {
      ...generated,
      seed,
      onProgress: ({ done, total }) => {
        bar ??= progress("generate", total);
        bar.update(done);
      },
    });
  } finally {
    bar?.stop();
  }
  return { folder, name: "generated" };
}

function backboneName(text: string): string {
  if (backboneNames.includes(text)) return text;
  throw new InvalidArgumentError(`expected one of ${backboneNames.join(", ")}, got ${text}.`);
}

function scalesArgument(text: string): MultiScaleOptions {
  if (text === "multi" || text === "single") return revisitedScales[text];
  if (text === "radenovic" || text === "dolg") return multiScalePresets[text];
  const factors = text.split(",").map(Number);
  if (factors.every((factor) => factor > 0 && factor < 16)) return scalesOf(factors);
  throw new InvalidArgumentError(
    `expected multi, single, radenovic, dolg, or factors above 0 and below 16 such as 0.5,1, got ${text}.`,
  );
}

function aboveZero(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError(`expected a number above 0, got ${text}.`);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError(`expected a whole number of at least 0, got ${text}.`);
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError(`expected a whole number of at least 1, got ${text}.`);
}
