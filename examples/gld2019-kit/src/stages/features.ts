import { compile } from "@lmk/compile";
import type { Split } from "@lmk/data";
import { createAlike } from "@lmk/models";
import { createLocalFeatureExtractor } from "@lmk/models/local-features";
import {
  type CompletedStage,
  engineSettings,
  extractLocalFeatures,
  type PreparedData,
  type Progress,
  UserError,
  usableRows,
} from "@lmk-example/kit";
import type { EnsembleContext } from "../context.ts";

/** Finds places in the images of a split, and describes them. */
export async function findFeatures(
  context: EnsembleContext,
  prepared: PreparedData,
  split: Split,
): Promise<CompletedStage> {
  const { config, options, run, progress, notice } = context;
  const { localFeatures } = config;
  const rows = usableRows(prepared, split);
  let bar: Progress | undefined;
  const stage = await extractLocalFeatures(run, `features/${split}`, {
    settings: { split, localFeatures, network: options.localFeatures },
    after: [prepared.stage],
    createExtractor: () => openExtractor(context),
    paths: prepared.data[split].paths,
    rows,
    onFailure: ({ path, message }) => notice(`no features of ${path}: ${message}`),
    onProgress(done) {
      bar ??= progress(`features ${split}`, rows.length);
      bar.update(done);
    },
  });
  bar?.stop();
  return stage;
}

/** The classical features of the settings, or the network that `--local-features` names. */
function openExtractor(context: EnsembleContext): ReturnType<typeof createLocalFeatureExtractor> {
  const { config, options } = context;
  const { limit, maxSide } = config.localFeatures;
  const file = options.localFeatures;
  if (file === undefined) {
    return createLocalFeatureExtractor({ method: { kind: "sift" }, limit, maxSide });
  }
  if (file.endsWith(".onnx")) {
    return createLocalFeatureExtractor({ method: { kind: "onnx", onnx: file }, limit, maxSide });
  }
  const [name] = /alike-[tsnl]/.exec(file) ?? [];
  if (name === undefined) {
    throw new UserError(
      `--local-features: expected an .onnx file or a checkpoint named alike-t, -s, -n or -l, got ${file}`,
    );
  }
  return createLocalFeatureExtractor({
    method: {
      kind: "network",
      model: createAlike(name as Parameters<typeof createAlike>[0]),
      weights: file,
      compile: (network, signature) => compile(network, signature, engineSettings(context)),
    },
    limit,
    maxSide,
  });
}
