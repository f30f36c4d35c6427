import { fromReferenceLayout, type NamedArrays, toReferenceLayout } from "@lmk/models";
import { describe, expect, it } from "vitest";
import { hashedUniform } from "./reference-values.ts";

const arrays: NamedArrays = {
  filter: { shape: [5, 4, 3, 2], data: hashedUniform("filter", 120) },
  linear: { shape: [2, 3], data: hashedUniform("linear", 6) },
  bias: { shape: [3], data: hashedUniform("bias", 3) },
};

describe("fromReferenceLayout", () => {
  it("moves a filter's axes, by hand", () => {
    const filter = { shape: [2, 3, 1, 1], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    expect(fromReferenceLayout({ filter }).filter).toEqual({
      shape: [1, 1, 3, 2],
      data: Float32Array.of(1, 4, 2, 5, 3, 6),
    });
  });

  it("puts the element (out, in, row, column) at (row, column, in, out)", () => {
    const moved = fromReferenceLayout(arrays).filter!;
    expect(moved.shape).toEqual([3, 2, 4, 5]);
    const [out, input, row, column] = [3, 1, 2, 1];
    expect(moved.data[((row * 2 + column) * 4 + input) * 5 + out]).toBe(
      arrays.filter!.data[((out * 4 + input) * 3 + row) * 2 + column],
    );
  });

  it("shares everything else, and leaves its input alone", () => {
    const before = structuredClone(arrays);
    const moved = fromReferenceLayout(arrays);
    expect(moved.linear).toBe(arrays.linear);
    expect(moved.bias).toBe(arrays.bias);
    expect(arrays).toEqual(before);
  });
});

describe("toReferenceLayout", () => {
  it("undoes it", () => {
    expect(toReferenceLayout(fromReferenceLayout(arrays))).toEqual(arrays);
    expect(fromReferenceLayout(toReferenceLayout(arrays))).toEqual(arrays);
  });
});
