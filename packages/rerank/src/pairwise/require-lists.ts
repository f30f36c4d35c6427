import type { Neighbors } from "../matrix.ts";
import { requireNeighbors } from "../require.ts";

/** No database is known here whose rows ids could be compared with. */
const anyRow = 2 ** 31;

/** Lists whose scores are finite and descend, with what is missing at their end. */
export function requireRankedLists(caller: string, neighbors: Neighbors): void {
  requireNeighbors(caller, neighbors, anyRow);
  const { ids, scores, rows, k } = neighbors;
  for (let row = 0; row < rows; row++) {
    let ended = false;
    for (let i = row * k; i < (row + 1) * k; i++) {
      if (ids[i]! < 0) {
        ended = true;
        continue;
      }
      if (ended) {
        throw new RangeError(
          `${caller}: expected \`neighbors.ids\` to have -1 at the end of a list only, got ${ids[i]} after it for query ${row}`,
        );
      }
      if (!Number.isFinite(scores[i]!)) {
        throw new RangeError(
          `${caller}: expected \`neighbors.scores\` to be finite, got ${scores[i]} for query ${row}`,
        );
      }
      if (i > row * k && scores[i]! > scores[i - 1]!) {
        throw new RangeError(
          `${caller}: expected \`neighbors.scores\` to descend, got ${scores[i]} after ${scores[i - 1]} for query ${row}`,
        );
      }
    }
  }
}
