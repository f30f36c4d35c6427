import { normalizationOf } from "./augmentation.ts";
import { type Chain, chains, type NetworkName } from "./chains.ts";
import { configs } from "./configs.ts";
import type { InferenceSettings } from "./inference-keys/settings.ts";
import type { NetworkSize } from "./network.ts";
import { referenceDepth } from "./reference-depth.ts";
import type { RetrievalConfig } from "./retrieval-context.ts";
import { listedNetworks } from "./trained-files.ts";

/** What the settings of inference do not say. */
interface RetrieveConfigOptions {
  /** As in `SearchConfig`. */
  readonly depth: number;
  /** What makes networks smaller than the published ones. */
  readonly sizes: Readonly<Partial<Record<NetworkName, NetworkSize>>>;
}

/** The published runs of the networks, with the settings' backbones. */
export function retrieveConfig(
  inference: InferenceSettings,
  { depth, sizes }: RetrieveConfigOptions,
): RetrievalConfig {
  const { MODEL_PARAMS } = inference;
  const networks = listedNetworks(inference);
  const runs = networks.map((network) => {
    const { published } = chains[network];
    const config = configs[published];
    const MODEL = { ...config.MODEL, NAME: MODEL_PARAMS[network]!.BACKBONE };
    return [published, { ...config, MODEL }] as const;
  });
  const none = Object.fromEntries(Object.keys(chains).map((network) => [network, {}]));
  return {
    images: {
      check: "header",
      normalization: normalizationOf(runs[0]![1]),
      kernel: "opencv-linear",
      cache: false,
    },
    chains: networks.map((network) => publishedAlone(chains[network])),
    runs: Object.fromEntries(runs),
    sizes: { ...none, ...sizes } as RetrievalConfig["sizes"],
    inference,
    search: { depth, referenceDepth, references: "index_train", imagesPerPart: 1024 },
  };
}

/** The published run of a chain, whatever it begins with. */
function publishedAlone({ network, published }: Chain): Chain {
  return { network, published, runs: [{ name: published }] };
}
