import type { EmbeddingBlock, EmbeddingSource } from "../matrix.ts";
import { sendable } from "./search-threads.ts";

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
    end: () => void blocks.return?.(),
  };
}
