import { existsSync } from "node:fs";
import { join } from "node:path";
import { type CompletedStage, fileHash, runStage, UserError } from "@lmk-example/kit";
import { chains, type NetworkName } from "./chains.ts";
import type { InferenceSettings } from "./inference-keys/settings.ts";
import { createNetwork } from "./network.ts";
import { readNetworkWeights, weightsFile } from "./network-weights.ts";
import type { RetrievalContext } from "./retrieval-context.ts";
import { lastConfig } from "./stages/embed.ts";
import type { TrainedNetworks } from "./system.ts";
import { writeWeights } from "./weights-file.ts";

/** The networks of `MODEL_LIST`. */
export function listedNetworks({
  MODEL_LIST,
}: Pick<InferenceSettings, "MODEL_LIST">): readonly NetworkName[] {
  const unknown = MODEL_LIST.find((name) => !Object.hasOwn(chains, name));
  if (unknown === undefined && MODEL_LIST.length > 0) return MODEL_LIST as readonly NetworkName[];
  throw new UserError(
    `MODEL_LIST: expected networks among ${Object.keys(chains).join(", ")}, got ${unknown ?? "none"}; correct it`,
  );
}

/** The file with the weights of a network: `MODEL_NAME` of its `MODEL_PARAMS`, as `.pth` or as `.safetensors`. */
export function findNetworkFile(
  modelDir: string,
  { MODEL_PARAMS }: Pick<InferenceSettings, "MODEL_PARAMS">,
  network: NetworkName,
): string {
  const { MODEL_NAME } = MODEL_PARAMS[network]!;
  const names = [MODEL_NAME, MODEL_NAME.replace(/\.pth$/, ".safetensors")];
  const found = names.map((name) => join(modelDir, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new UserError(
    `${modelDir}: expected the weights of ${network} as ${names.join(" or ")}, got none; check --model-dir, or leave the network out of MODEL_LIST`,
  );
}

/** Takes the weights of all networks from files, in place of their training. */
export async function importNetworks(context: RetrievalContext, modelDir: string): Promise<TrainedNetworks> {
  const { chains: wanted, inference } = context.config;
  // All of them are looked for before the first is read.
  const files = wanted.map(({ network }) => findNetworkFile(modelDir, inference, network));
  const trained = new Map<NetworkName, CompletedStage>();
  for (const [i, { network }] of wanted.entries()) {
    context.notice(`${network}: ${files[i]}`);
    trained.set(network, await importWeights(context, network, files[i]!));
  }
  return trained;
}

async function importWeights(
  { run, config }: RetrievalContext,
  network: NetworkName,
  file: string,
): Promise<CompletedStage> {
  const { MODEL } = lastConfig(config, network);
  const size = config.sizes[network];
  const settings = { file: await fileHash(file), model: MODEL, size };
  return runStage(run, `weights/${network}`, { settings }, async (folder) => {
    const weights = await readNetworkWeights(file, createNetwork({ MODEL }, size));
    await writeWeights(join(folder, weightsFile), weights);
  });
}
