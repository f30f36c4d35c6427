/** The rows of each class, one class after the other, as views of one array. */
export interface RowsByClass {
  /** The classes that have rows, ascending. */
  readonly classes: Int32Array;
  /** The rows of each of `classes`, ascending. */
  readonly rows: readonly Int32Array[];
}

/** Sorts rows by their class (counting sort); those with a negative class are left out. */
export function rowsByClass(labels: Int32Array): RowsByClass {
  const counts = new Map<number, number>();
  let total = 0;
  for (const label of labels) {
    if (label < 0) continue;
    counts.set(label, (counts.get(label) ?? 0) + 1);
    total += 1;
  }
  const classes = Int32Array.from(counts.keys()).sort();
  const sorted = new Int32Array(total);
  const next = new Map<number, number>();
  const rows: Int32Array[] = [];
  let start = 0;
  for (const label of classes) {
    const count = counts.get(label) as number;
    rows.push(sorted.subarray(start, start + count));
    next.set(label, start);
    start += count;
  }
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row];
    if (label < 0) continue;
    const place = next.get(label) as number;
    sorted[place] = row;
    next.set(label, place + 1);
  }
  return { classes, rows };
}
