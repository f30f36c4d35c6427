import { describe, expect, it } from "vitest";
import { innerProducts, innerProductsInJavaScript } from "../src/products/inner-products.ts";
import { product, randomUnitRows, rowOf } from "./fixtures.ts";

describe("innerProducts", () => {
  it.each([
    [1, 1, 1],
    [4, 3, 4],
    [5, 7, 3],
    [130, 200, 33],
    [65, 400, 512],
    [3, 30, 1001],
  ])("multiplies %i rows with %i of %i columns, to the bits of plain JavaScript", (aRows, bRows, columns) => {
    const a = randomUnitRows(1, aRows, columns);
    const b = randomUnitRows(2, bRows, columns);
    const products = innerProducts(a, b);
    expect(products).toEqual(innerProductsInJavaScript(a, b));
    for (const [row, other] of [
      [0, 0],
      [aRows - 1, bRows - 1],
      [aRows >> 1, bRows >> 1],
    ] as const) {
      const expected = product(rowOf(a, row), rowOf(b, other));
      expect(Math.abs(products[row * bRows + other]! - expected)).toBeLessThan(1e-6);
    }
  });

  it("gives the same bits for a pair whichever row comes first", () => {
    const a = randomUnitRows(3, 37, 101);
    const products = innerProducts(a, a);
    for (let i = 0; i < 37; i++)
      for (let j = 0; j < i; j++) expect(products[i * 37 + j]).toBe(products[j * 37 + i]);
  });

  it("gives nothing for no rows", () => {
    const none = { data: new Float32Array(0), rows: 0, columns: 8 };
    expect(innerProducts(none, randomUnitRows(1, 4, 8))).toEqual(new Float32Array(0));
    expect(innerProducts(randomUnitRows(1, 4, 8), none)).toEqual(new Float32Array(0));
  });
});
