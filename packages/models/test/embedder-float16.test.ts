import { readFileSync } from "node:fs";
import { fromFloat16, toFloat16 } from "@lmk/models/embedder";
import { describe, expect, it } from "vitest";

const { float16: golden } = JSON.parse(
  readFileSync(new URL("./embedder-files/expected.json", import.meta.url), "utf8"),
) as { float16: { float32: string; halves: string } };

function bytesOf(base64: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(base64, "base64")).buffer;
}

const everyHalf = Uint16Array.from({ length: 65536 }, (_, half) => half);

/** The number that a half stands for, by its definition. */
function numberOf(half: number): number {
  const [sign, exponent, fraction] = [half & 0x8000 ? -1 : 1, (half >> 10) & 31, half & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

describe("half precision", () => {
  it("reads every half", () => {
    const wrong = [...fromFloat16(everyHalf)].filter((value, half) => !Object.is(value, numberOf(half)));
    expect(wrong).toEqual([]);
  });

  it("gives back every half", () => {
    const back = toFloat16(fromFloat16(everyHalf));
    const wrong = [...everyHalf].filter(
      (half) => back[half] !== half && !(Number.isNaN(numberOf(half)) && Number.isNaN(numberOf(back[half]!))),
    );
    expect(wrong).toEqual([]);
  });

  it("rounds as numpy does, at ties and beside them", () => {
    const values = new Float32Array(bytesOf(golden.float32));
    const expected = new Uint16Array(bytesOf(golden.halves));
    expect(values.length).toBeGreaterThan(5000);
    const halves = toFloat16(values);
    const wrong = [...values].filter((_, i) => halves[i] !== expected[i]);
    expect(wrong).toEqual([]);
  });

  it("keeps NaN, and views into larger arrays", () => {
    const values = Float32Array.of(7, 1, Number.NaN, -2, 7);
    const halves = toFloat16(values.subarray(1, 4));
    expect([...fromFloat16(halves)]).toEqual([1, Number.NaN, -2]);
    expect([...fromFloat16(Uint16Array.of(1, 15360, 1).subarray(1, 2))]).toEqual([1]);
    expect(fromFloat16(new Uint16Array()).length).toBe(0);
  });

  it("loses at most what it says", () => {
    for (let i = 1; i <= 2000; i++) {
      const value = Math.fround((i / 2000) ** 4);
      const [back] = fromFloat16(toFloat16(Float32Array.of(value)));
      expect(Math.abs(back! - value)).toBeLessThanOrEqual(Math.max(value * 2 ** -11, 2 ** -25));
    }
  });
});
