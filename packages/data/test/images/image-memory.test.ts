import { describe, expect, it } from "vitest";
import { ImageMemory } from "../../src/images/image-memory.ts";

describe("ImageMemory", () => {
  it("gives back arrays of the length asked for, each once", () => {
    const memory = new ImageMemory(3);
    const [short, long] = [new Float32Array(2), new Float32Array(5)];
    memory.giveBack(short);
    memory.giveBack(long);
    expect(memory.take(5)).toBe(long);
    expect(memory.take(5)).toBeUndefined();
    expect(memory.take(2)).toBe(short);
  });

  it("keeps the latest few, however many lengths there are", () => {
    const memory = new ImageMemory(3);
    for (let length = 1; length <= 100; length++) memory.giveBack(new Float32Array(length));
    const kept = Array.from({ length: 100 }, (_, i) => memory.take(i + 1)?.length);
    expect(kept.filter((length) => length !== undefined)).toEqual([98, 99, 100]);
  });

  it("has no use for arrays that were sent away", () => {
    const memory = new ImageMemory(1);
    const array = new Float32Array(4);
    memory.giveBack(array);
    memory.giveBack(new Float32Array(0));
    expect(memory.take(0)).toBeUndefined();
    expect(memory.take(4)).toBe(array);
  });
});
