const operations = ["mean", "meanSync", "broadcast", "max", "allGather", "barrier", "close"] as const;

/** Name of an operation of all ranks. */
export type Operation = (typeof operations)[number];

/** What a rank is about to do: the operation, and how many arrays with how many numbers. */
const facts = 4;

/** A rank's facts and their negatives: the largest of each over the ranks give the range of every fact. */
export function factsOf(operation: Operation, arrays: readonly Float32Array[]): Float64Array {
  let numbers = 0;
  let order = 0;
  for (const [i, { length }] of arrays.entries()) {
    numbers += length;
    order += (i + 1) * length;
  }
  const own = [operations.indexOf(operation), arrays.length, numbers, order];
  return Float64Array.from([...own, ...own.map((fact) => -fact)]);
}

/**
 * Refuses ranks that are about to do different things, which MPI answers with a crash, a wrong result or an endless
 * wait. Every rank gets the error.
 */
export function requireAgreement(
  operation: Operation,
  arrays: readonly Float32Array[],
  rank: number,
  largest: Float64Array,
): void {
  const ranges = Array.from({ length: facts }, (_, fact) => [-largest[facts + fact]!, largest[fact]!]);
  const [operationRange, countRange, numberRange] = ranges as [number[], number[], number[]];
  if (operationRange[0] !== operationRange[1]) {
    const names = operationRange.map((index) => operations[index]);
    throw new RangeError(
      `${operation}: expected the same operation on every rank, got ${names.join(" and ")}`,
    );
  }
  if (ranges.every(([least, most]) => least === most)) return;
  const lengths = arrays.map(({ length }) => length).join(", ");
  throw new RangeError(
    `${operation}: expected arrays of the same lengths on every rank, got ${span(countRange)} arrays of ` +
      `${span(numberRange)} numbers in all; those of rank ${rank} have the lengths ${lengths}`,
  );
}

function span([least, most]: readonly number[]): string {
  return least === most ? `${least}` : `${least} to ${most}`;
}
