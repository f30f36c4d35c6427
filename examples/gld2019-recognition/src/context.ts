import type { EnsembleNeeds, EnsembleOptions } from "@lmk-example/gld2019-kit";
import type { CompletedStage, Context } from "@lmk-example/kit";
import type { Config } from "./config.ts";

/** What every stage works with. */
export interface RecognitionContext extends Context<Config, EnsembleOptions> {
  /** Stages that several methods share, by name: each is come by, and told about, once. */
  readonly shared: Map<string, Promise<CompletedStage>>;
}

/** A context whose stages are come by once from here on. */
export function withShared(context: Context<Config, EnsembleOptions>): RecognitionContext {
  return { ...context, shared: new Map() };
}

/** Comes by a stage whose settings do not change while the process runs. */
export function once(
  { shared }: RecognitionContext,
  name: string,
  make: (name: string) => Promise<CompletedStage>,
): Promise<CompletedStage> {
  const stage = shared.get(name) ?? make(name);
  shared.set(name, stage);
  return stage;
}

/** What recognition needs besides the embeddings: the local features of the images that are verified. */
export function needsOf({ config }: RecognitionContext): EnsembleNeeds {
  const verifies = config.recognition.inlierCap > 0;
  return { extra: [], features: verifies ? ["train", "test"] : [] };
}
