import type { EmbeddingSource, Embeddings } from "../matrix.ts";
import { createRandom } from "../random.ts";
import { requirePositiveInteger } from "../require.ts";
import type { Pacer, Steps } from "../steps.ts";
import { createMoments, type Moments, type MomentsInput } from "./moments.ts";

/** Which rows of a sample are learned from. */
export interface SampleOptions {
  /**
   * How many rows are learned from, chosen by chance; all where there are no more. Some tens of rows per column are
   * enough for a covariance.
   *
   * @defaultValue all rows
   */
  readonly sampleRows?: number;
  /**
   * Chooses the rows, where there are more than `sampleRows`: the same seed, the same rows.
   *
   * @defaultValue 0
   */
  readonly seed?: number;
}

/** Rows asked of a source at a time. */
const blockRows = 1024;

/** Says for one row after the other whether it is among `sampleRows` chosen of `rows`, each choice as likely as any. */
export function createPicker(
  caller: string,
  rows: number,
  options: SampleOptions,
): { readonly picked: number; readonly pick: () => boolean } {
  const { sampleRows = rows, seed = 0 } = options;
  if (options.sampleRows !== undefined) requirePositiveInteger(caller, "sampleRows", sampleRows);
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`${caller}: expected \`seed\` to be a whole number, got ${seed}`);
  }
  if (sampleRows >= rows) return { picked: rows, pick: () => true };
  const random = createRandom(seed);
  let left = rows;
  let wanted = sampleRows;
  const pick = () => {
    const taken = random() * left < wanted;
    left--;
    if (taken) wanted--;
    return taken;
  };
  return { picked: sampleRows, pick };
}

/** Sums and products of a sample in memory. */
export function* momentsOf(sample: Embeddings, input: MomentsInput): ReturnType<Moments["finish"]> {
  const moments = createMoments(input);
  yield* moments.add(sample, 0);
  return yield* moments.finish();
}

/** As {@link momentsOf}, of rows that come block by block. */
export async function momentsOfSource(
  source: EmbeddingSource,
  input: MomentsInput,
  pacer: Pacer,
): Promise<StepsResult<ReturnType<Moments["finish"]>>> {
  const moments = createMoments(input);
  for await (const block of source.blocks({ first: 0, end: source.rows, blockRows })) {
    await pacer.run(moments.add(block.embeddings, block.firstRow));
  }
  return await pacer.run(moments.finish());
}

type StepsResult<Work> = Work extends Steps<infer Result> ? Result : never;
