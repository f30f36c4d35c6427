import type { Neighbors } from "@lmk/index";
import { rowsBetween } from "./neighbor-rows.ts";
import type { RankInputs } from "./rank-inputs.ts";
import { partsOfName } from "./search-lists.ts";

/**
 * Ranks some queries at a time: of lists of the whole index, what all networks make of them is in memory for so many alone.
 *
 * @param rows - All queries.
 * @param rowsAtOnce - 1 or more.
 * @param rankSome - Ranks the queries that its inputs have; all its lists are of one length.
 */
export function rankInBlocks(
  inputs: RankInputs,
  rows: number,
  rowsAtOnce: number,
  rankSome: (inputs: RankInputs) => Neighbors,
): Neighbors {
  if (rows <= rowsAtOnce) return rankSome(inputs);
  const blocks: Neighbors[] = [];
  for (let first = 0; first < rows; first += rowsAtOnce) {
    blocks.push(rankSome(inputsBetween(inputs, first, Math.min(first + rowsAtOnce, rows))));
  }
  const { k } = blocks[0]!;
  const joined = { ids: new Int32Array(rows * k), scores: new Float32Array(rows * k), rows, k };
  for (const [block, { ids, scores }] of blocks.entries()) {
    joined.ids.set(ids, block * rowsAtOnce * k);
    joined.scores.set(scores, block * rowsAtOnce * k);
  }
  return joined;
}

function inputsBetween(inputs: RankInputs, first: number, end: number): RankInputs {
  const { list, voted } = inputs;
  return {
    ...inputs,
    list(name) {
      // What is known of each index image is the same for all queries.
      const isOfQueries = !partsOfName(name).kind.startsWith("index-");
      return isOfQueries ? rowsBetween(list(name), first, end) : list(name);
    },
    ...(voted === undefined
      ? {}
      : { voted: new Map([...voted].map(([network, lists]) => [network, rowsBetween(lists, first, end)])) }),
  };
}
