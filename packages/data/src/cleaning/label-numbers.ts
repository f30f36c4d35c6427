/** Labels numbered from 0 by their first row. */
export interface LabelNumbers {
  readonly ofRow: Int32Array;
  readonly count: number;
}

export function numberLabels(labels: Int32Array): LabelNumbers {
  const numbers = new Map<number, number>();
  const ofRow = labels.map((label) => {
    const number = numbers.get(label) ?? numbers.size;
    numbers.set(label, number);
    return number;
  });
  return { ofRow, count: numbers.size };
}
