import type { EmbeddingBlock, EmbeddingSource } from "../matrix.ts";
import { requireEmbeddings } from "../require.ts";
import { type SearchThread, sendable } from "./search-threads.ts";

/** A block that is moved to a thread. */
export interface SentBlock {
  readonly block: EmbeddingBlock;
  readonly transfer: ArrayBuffer[];
}

/** The blocks of a source, which several threads take in turn. */
export interface SharedBlocks {
  /** The next block, undefined when there is none left. */
  take(): Promise<SentBlock | undefined>;
  /** Tells the source that no more are wanted. */
  end(): void;
}

/** Checks blocks as they come, since a source may be anybody's. */
export function shareBlocks(
  caller: string,
  source: EmbeddingSource,
  blockRows: number,
  mayShare: boolean,
): SharedBlocks {
  const { rows, columns } = source;
  const blocks = source.blocks({ first: 0, end: rows, blockRows })[Symbol.asyncIterator]();
  let next = 0;
  let last: Promise<unknown> = Promise.resolve();
  const read = async (): Promise<SentBlock | undefined> => {
    const { done, value } = await blocks.next();
    if (done) {
      if (next === rows) return undefined;
      throw new RangeError(`${caller}: expected \`database\` to give ${rows} rows, got ${next}`);
    }
    const { firstRow, embeddings } = value;
    const end = firstRow + embeddings.rows;
    if (firstRow !== next || end > rows || embeddings.columns !== columns) {
      throw new RangeError(
        `${caller}: expected \`database\` to give rows from ${next} with ${columns} columns, got rows ${firstRow} to ${end} with ${embeddings.columns}`,
      );
    }
    requireEmbeddings(caller, "database", embeddings);
    next = end;
    // Copied before the next one is asked for, which may overwrite it.
    return sendable(value, mayShare);
  };
  return {
    take: () => {
      const taken = last.then(read);
      last = taken.catch(() => undefined);
      return taken;
    },
    // Nobody waits for the source to end, nor for what it fails with then.
    end: () => void blocks.return?.().catch(() => undefined),
  };
}

/** Gives a thread blocks until there are none left: the next one is on its way while it works on one. */
export async function feedBlocks(
  thread: SearchThread,
  kind: "block" | "store",
  blocks: SharedBlocks,
  onDone: (rows: number) => void,
): Promise<void> {
  let previous: Promise<unknown> = Promise.resolve();
  for (;;) {
    const sent = await blocks.take();
    await previous;
    if (sent === undefined) return;
    const { rows } = sent.block.embeddings;
    previous = thread.request({ kind, block: sent.block }, sent.transfer).then(() => onDone(rows));
    // It is awaited a turn later; until then nobody else would look at its failure.
    previous.catch(() => undefined);
  }
}
