import { shippedConfigs } from "./configs.ts";
import { type MemberName, memberNames } from "./ensembles.ts";
import { type HybridParts, hybridSteps } from "./hybrid-steps.ts";
import type { NetworkConfig } from "./network-config.ts";
import { plainConfigs } from "./plain-configs.ts";
import { swinB6Stride1 } from "./swin-b6-stride-1.ts";

/** Where the numbers of a step are from. */
export type StepSource =
  /** A config that the authors published; only the checkpoint that it begins with has another name. */
  | "config"
  /** The authors' paper, and where it says nothing, a published config of the same step of another network. */
  | "paper"
  /** The solutions of 2020 that the member is taken from. */
  | "2020";

/** One training of a member. */
export interface RecipeStep {
  readonly source: StepSource;
  /** What is trained and how; `pretrained_weights` is the name of the step before. */
  readonly config: NetworkConfig;
  /** Devices with `batch_size` images each. */
  readonly devices: number;
}

/** A step before it is known what it begins with. */
type Part = readonly [source: StepSource, config: NetworkConfig, devices?: number];

const { dolgB7Step1, dolgB7Step2, dolgB7Step3, dolgB5Step3, dolgB6Step3 } = shippedConfigs;
const { swinB3Step4, swinB5Step4, swinB6Step3 } = shippedConfigs;

/** The two steps before a published step 3: those of B7, with another network and weight decay. */
function dolgSteps(network: string, step3: NetworkConfig, stopAt: number): readonly Part[] {
  const { backbone, dilations, weight_decay } = step3;
  const own = { backbone, dilations, weight_decay };
  return [
    ["paper", { ...dolgB7Step1, ...own, name: `dolg_${network}_step1` }],
    ["paper", { ...dolgB7Step2, ...own, name: `dolg_${network}_step2`, stop_at: stopAt }],
    ["config", step3],
  ];
}

const swinB3: HybridParts = { last: swinB3Step4, joined: "ch_mdl_hybrid_transformer_2x", size: [448, 448] };
const swinB5: HybridParts = { last: swinB5Step4, joined: "ch_mdl_hybrid_transformer_2x", size: [448, 448] };
const swinB6: HybridParts = {
  last: swinB6Step3,
  joined: "ch_mdl_hybrid_transformer",
  size: [384, 384],
};

const parts: Readonly<Record<MemberName, readonly Part[]>> = {
  "dolg-b5": dolgSteps("b5", dolgB5Step3, dolgB7Step2.stop_at),
  "dolg-b6": dolgSteps("b6", dolgB6Step3, 25), // the epoch of the checkpoint that step 3 begins with
  "dolg-b7": [
    ["config", dolgB7Step1],
    ["config", dolgB7Step2],
    ["config", dolgB7Step3],
  ],
  "swin-b3": [...hybridSteps("b3", swinB3).map(ofPaper), ["config", swinB3Step4]],
  "swin-b5": [...hybridSteps("b5", swinB5).map(ofPaper), ["config", swinB5Step4]],
  "swin-b6": [
    ...hybridSteps("b6", swinB6).slice(0, 2).map(ofPaper),
    ["config", swinB6Step3],
    ["paper", swinB6Stride1],
  ],
  "effnet-b3": plainConfigs.b3.map((config, i) => ["2020", config, [2, 8, 8, 8][i]!]),
  "effnet-b6": plainConfigs.b6.map((config, i) => ["2020", config, [4, 8][i]!]),
  "effnet-b5": plainConfigs.b5.map((config) => ["2020", config, 4]),
};

function ofPaper(config: NetworkConfig): Part {
  return ["paper", config];
}

/** How a member is made. */
export interface Recipe {
  readonly member: MemberName;
  /** In order; each begins with the weights of the one before, the first with ImageNet's. */
  readonly steps: readonly RecipeStep[];
}

/** The recipes of the nine members. */
export const recipes: readonly Recipe[] = memberNames.map((member) => ({
  member,
  steps: parts[member].map(chained),
}));

function chained([source, config, devices = 8]: Part, i: number, steps: readonly Part[]): RecipeStep {
  const before = steps[i - 1]?.[1];
  return { source, config: { ...config, pretrained_weights: before?.name ?? null }, devices };
}
