import type { DiffusionMatrix } from "./diffusion-matrix.ts";

/** The connected parts of a graph; diffusion never leaves one. */
export interface Components {
  /** The component of each row; components are numbered by their first row. */
  readonly labels: Int32Array;
  /** Where the rows of each component start, and one number behind the last. */
  readonly starts: Uint32Array;
  /** Rows by component, ascending within one. */
  readonly members: Int32Array;
}

export function connectedComponents({ starts, columns, degrees }: DiffusionMatrix): Components {
  const rows = degrees.length;
  const labels = new Int32Array(rows).fill(-1);
  const queue = new Int32Array(rows);
  let components = 0;
  for (let first = 0; first < rows; first++) {
    if (labels[first]! >= 0) continue;
    labels[first] = components;
    queue[0] = first;
    for (let at = 0, count = 1; at < count; at++) {
      const row = queue[at]!;
      for (let i = starts[row]!; i < starts[row + 1]!; i++) {
        const column = columns[i]!;
        if (labels[column]! >= 0) continue;
        labels[column] = components;
        queue[count] = column;
        count += 1;
      }
    }
    components += 1;
  }
  const next = new Uint32Array(components + 1);
  for (let row = 0; row < rows; row++) next[labels[row]! + 1]! += 1;
  for (let i = 0; i < components; i++) next[i + 1]! += next[i]!;
  const componentStarts = next.slice();
  for (let row = 0; row < rows; row++) {
    queue[next[labels[row]!]!] = row;
    next[labels[row]!]! += 1;
  }
  return { labels, starts: componentStarts, members: queue };
}
