import type { CompletedStage } from "./run-folder.ts";

/** The stage of the last training of each network, which holds its weights. */
export type TrainedNetworks<Name extends string> = ReadonlyMap<Name, CompletedStage>;

/** Stages of `embedSplit` by network, and by part of the images. */
export type PartEmbeddings<Name extends string, Part extends string> = ReadonlyMap<
  Name,
  Readonly<Record<Part, CompletedStage>>
>;

/** A system up to its embeddings. */
export interface EmbeddedSystem<Data, Name extends string, Part extends string> {
  readonly data: Data;
  readonly trained: TrainedNetworks<Name>;
  /** `embeddings.npy` of each stage: a row for each image, as the network gives it. */
  readonly embeddings: PartEmbeddings<Name, Part>;
}

/** Embeds parts with networks, one after another: every part with the first network, then with the next. */
export async function embedEach<Name extends string, Part extends string>(
  names: readonly Name[],
  parts: readonly Part[],
  embed: (name: Name, part: Part) => Promise<CompletedStage>,
): Promise<PartEmbeddings<Name, Part>> {
  const embeddings = new Map<Name, Readonly<Record<Part, CompletedStage>>>();
  for (const name of names) {
    const stages: Partial<Record<Part, CompletedStage>> = {};
    for (const part of parts) stages[part] = await embed(name, part);
    embeddings.set(name, stages as Record<Part, CompletedStage>);
  }
  return embeddings;
}
