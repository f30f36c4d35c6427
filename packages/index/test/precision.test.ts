import { floatToHalf, halfToFloat, type Matrix, toFloat32, toHalf, toInt8 } from "@lmk/index";
import { describe, expect, it } from "vitest";
import { matrixFrom, randomMatrix } from "./fixtures.ts";

describe("halfToFloat and floatToHalf", () => {
  it("know the numbers of the standard's table", () => {
    const table = [
      [0x0000, 0],
      [0x8000, -0],
      [0x0001, 2 ** -24],
      [0x03ff, (1023 / 1024) * 2 ** -14],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x3bff, 0.99951171875],
      [0x3c00, 1],
      [0x3c01, 1.0009765625],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x7c00, Infinity],
      [0xfc00, -Infinity],
    ] as const;
    for (const [bits, value] of table) {
      expect(halfToFloat(bits)).toBe(value);
      expect(floatToHalf(value)).toBe(bits);
    }
    expect(halfToFloat(0x7c01)).toBeNaN();
    expect(halfToFloat(0xffff)).toBeNaN();
    expect(floatToHalf(Number.NaN)).toBe(0x7e00);
  });

  it("give back every one of the 65536 bit patterns", () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = halfToFloat(bits);
      const expected = Number.isNaN(value) ? 0x7e00 : bits;
      if (floatToHalf(value) !== expected) expect(floatToHalf(value)).toBe(expected);
    }
  });

  it("round to the nearest, and halfway to the even neighbor, on every gap between two float16 numbers", () => {
    for (let low = 0; low < 0x7bff; low++) {
      const from = halfToFloat(low);
      const to = halfToFloat(low + 1);
      const middle = (from + to) / 2;
      const step = (to - from) * 2 ** -12;
      const even = low % 2 === 0 ? low : low + 1;
      const got = [middle - step, middle, middle + step, -middle].map(floatToHalf);
      const expected = [low, even, low + 1, even + 0x8000];
      if (got.join() !== expected.join()) expect({ low, got }).toEqual({ low, got: expected });
    }
  });

  it("become infinite from 65520 on and zero up to 2^-25", () => {
    expect([65519.99, 65520, 1e30, -65520].map(floatToHalf)).toEqual([0x7bff, 0x7c00, 0x7c00, 0xfc00]);
    expect([2 ** -25, 2 ** -25 * 1.001, 1e-40, -(2 ** -25)].map(floatToHalf)).toEqual([0, 1, 0, 0x8000]);
  });
});

describe("toFloat32", () => {
  it("widens the rows of its documentation", () => {
    const half = { data: Uint16Array.of(0x3c00, 0xc100), rows: 1, columns: 2 };
    expect(toFloat32(half)).toEqual(matrixFrom([[1, -2.5]]));
    const int8 = { data: Int8Array.of(127, -64), rows: 1, columns: 2, scales: Float32Array.of(0.5) };
    expect(toFloat32(int8)).toEqual(matrixFrom([[63.5, -32]]));
  });

  it("widens every bit pattern as halfToFloat does", () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const { data } = toFloat32({ data: halves, rows: 256, columns: 256 });
    const different = halves.filter((bits) => !Object.is(data[bits], halfToFloat(bits)));
    expect([...different]).toEqual([]);
  });

  it("gives float32 rows back as they are", () => {
    const matrix = randomMatrix(1, 2, 3);
    expect(toFloat32(matrix)).toBe(matrix);
  });

  it("multiplies each int8 row with its own scale, rounded once", () => {
    const scales = Float32Array.of(0.1, 3);
    const { data } = toFloat32({ data: Int8Array.of(1, 127, -127, 2), rows: 2, columns: 2, scales });
    expect([...data]).toEqual([scales[0]!, Math.fround(127 * scales[0]!), -381, 6]);
  });
});

describe("toHalf", () => {
  it("rounds the row of its documentation", () => {
    expect(toHalf(matrixFrom([[1, 0.1]])).data).toEqual(Uint16Array.of(15360, 11878));
  });

  it("keeps shape, gives float16 rows back, and stays within 2^-11 of each number", () => {
    const matrix = randomMatrix(2, 40, 7);
    const half = toHalf(matrix);
    expect([half.rows, half.columns]).toEqual([40, 7]);
    expect(toHalf(half)).toBe(half);
    for (const [i, value] of toFloat32(half).data.entries()) {
      const allowed = Math.max(Math.abs(matrix.data[i]!) * 2 ** -11, 2 ** -25);
      expect(Math.abs(value - matrix.data[i]!)).toBeLessThanOrEqual(allowed);
    }
  });

  it("refuses NaN, infinities and what is too large, by row", () => {
    const row = (value: number): Matrix =>
      matrixFrom([
        [1, 2],
        [3, value],
      ]);
    expect(() => toHalf(row(Number.NaN))).toThrow(
      new RangeError("toHalf: expected row 1 of `embeddings` to hold finite numbers, got NaN in column 1"),
    );
    expect(() => toHalf(row(-65520))).toThrow(
      new RangeError(
        "toHalf: expected row 1 of `embeddings` to hold numbers from -65504 to 65504, got -65520 in column 1",
      ),
    );
    expect(() => toHalf({ data: Uint16Array.of(0x7c00), rows: 1, columns: 1 })).toThrow(
      new RangeError(
        "toHalf: expected row 0 of `embeddings` to hold finite numbers, got Infinity in column 0",
      ),
    );
  });
});

describe("toInt8", () => {
  it("scales the row of its documentation, halves away from zero", () => {
    const int8 = toInt8(matrixFrom([[127, -63.5, 0.4]]));
    expect(int8).toEqual({
      data: Int8Array.of(127, -64, 0),
      rows: 1,
      columns: 3,
      scales: Float32Array.of(1),
    });
  });

  it("stays within half a scale, and mirrors with the sign", () => {
    const matrix = randomMatrix(3, 50, 33);
    const int8 = toInt8(matrix);
    for (const [i, value] of toFloat32(int8).data.entries()) {
      const scale = int8.scales[Math.floor(i / 33)]!;
      expect(Math.abs(value - matrix.data[i]!)).toBeLessThanOrEqual((scale / 2) * (1 + 1e-5));
    }
    for (let row = 0; row < 50; row++) {
      const codes = int8.data.subarray(row * 33, row * 33 + 33);
      expect(Math.max(...codes.map(Math.abs))).toBe(127);
    }
    const negative = toInt8({ ...matrix, data: matrix.data.map((value) => -value) });
    expect(negative.data).toEqual(int8.data.map((code) => -code));
    expect(negative.scales).toEqual(int8.scales);
  });

  it("gives a row of zeros the scale 1, and rows of tiny and huge numbers a usable one", () => {
    const int8 = toInt8(
      matrixFrom([
        [0, 0],
        [1e-40, -1e-45],
        [3e38, -1e38],
      ]),
    );
    expect(int8.scales[0]).toBe(1);
    expect(int8.scales[1]).toBe(2 ** -126);
    expect([...int8.data]).toEqual([0, 0, 0, 0, 127, -42]);
  });

  it("gives int8 rows back as they are, leaves its argument alone and refuses NaN by row", () => {
    const matrix = randomMatrix(4, 2, 3);
    const copy = matrix.data.slice();
    const int8 = toInt8(matrix);
    expect(toInt8(int8)).toBe(int8);
    expect(matrix.data).toEqual(copy);
    expect(() => toInt8(matrixFrom([[1], [-Infinity]]))).toThrow(
      new RangeError(
        "toInt8: expected row 1 of `embeddings` to hold finite numbers, got -Infinity in column 0",
      ),
    );
  });
});

describe("conversions from one narrow precision to the other", () => {
  it("give what float32 rows between them would give, over more rows than are read at a time", () => {
    const matrix = randomMatrix(8, 2100, 3);
    const half = toHalf(matrix);
    const int8 = toInt8(matrix);
    expect(toHalf(int8)).toEqual(toHalf(toFloat32(int8)));
    expect(toInt8(half)).toEqual(toInt8(toFloat32(half)));
  });

  it("name the row in the whole", () => {
    const half = toHalf(randomMatrix(8, 1100, 3));
    half.data[1050 * 3 + 1] = 0x7c00;
    expect(() => toInt8(half)).toThrow(
      new RangeError(
        "toInt8: expected row 1050 of `embeddings` to hold finite numbers, got Infinity in column 1",
      ),
    );
    const int8 = toInt8(randomMatrix(8, 1100, 3));
    int8.data[1050 * 3 + 1] = 127;
    int8.scales[1050] = 1000;
    expect(() => toHalf(int8)).toThrow(
      new RangeError(
        "toHalf: expected row 1050 of `embeddings` to hold numbers from -65504 to 65504, got 127000 in column 1",
      ),
    );
  });
});
