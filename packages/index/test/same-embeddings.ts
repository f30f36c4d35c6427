import type { Embeddings } from "@lmk/index";
import { expect } from "vitest";

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** As `toEqual`, which takes seconds for a million numbers. */
export function expectSameEmbeddings(actual: Embeddings, expected: Embeddings): void {
  expect([actual.rows, actual.columns]).toEqual([expected.rows, expected.columns]);
  expect(actual.data.constructor).toBe(expected.data.constructor);
  expect(bytesOf(actual.data).equals(bytesOf(expected.data))).toBe(true);
  expect("scales" in actual).toBe("scales" in expected);
  if ("scales" in actual && "scales" in expected) {
    expect(bytesOf(actual.scales).equals(bytesOf(expected.scales))).toBe(true);
  }
}

/** Some rows of embeddings, copied. */
export function copyRows(embeddings: Embeddings, first: number, end: number): Embeddings {
  const { columns } = embeddings;
  const data = embeddings.data.slice(first * columns, end * columns);
  const part = { data, rows: end - first, columns };
  if (!("scales" in embeddings)) return part as Embeddings;
  return { ...part, scales: embeddings.scales.slice(first, end) } as Embeddings;
}
