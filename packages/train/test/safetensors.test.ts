import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSafetensors, TrainingError, writeSafetensors } from "@lmk/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-safetensors-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file with this header and these bytes of values. */
function fileOf(header: unknown, values: Uint8Array): string {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const path = join(folder, "given.safetensors");
  writeFileSync(path, Buffer.concat([length, json, values]));
  return path;
}

async function refusal(path: string): Promise<{ code: string; message: string }> {
  const error = await readSafetensors(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TrainingError);
  const { code, message } = error as TrainingError;
  return { code, message: message.replaceAll(`${path}: `, "") };
}

describe("writeSafetensors and readSafetensors", () => {
  it("give back names, shapes, values and notes, scalars and empty arrays among them", async () => {
    const path = join(folder, "round.safetensors");
    const arrays = {
      "conv1.weight": {
        shape: [2, 3],
        data: Float32Array.of(1, -2, 3.5, Number.NaN, Number.POSITIVE_INFINITY, 1e-40),
      },
      step: { shape: [], data: Float32Array.of(7) },
      empty: { shape: [0, 4], data: new Float32Array(0) },
    };
    await writeSafetensors(path, arrays, { metadata: { epoch: "3" } });
    expect(await readSafetensors(path)).toEqual({ arrays, metadata: { epoch: "3" } });
    expect(readdirSync(folder)).toContain("round.safetensors");
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("write the published layout: length, padded JSON, values from the first byte after it", async () => {
    const path = join(folder, "layout.safetensors");
    await writeSafetensors(path, { a: { shape: [1], data: Float32Array.of(1.5) } });
    const file = readFileSync(path);
    const length = Number(file.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(JSON.parse(file.toString("utf8", 8, 8 + length))).toEqual({
      a: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
    });
    expect(file.readFloatLE(8 + length)).toBe(1.5);
    expect(file.length).toBe(8 + length + 4);
  });

  it("read half, brain-float, double and small integer tensors as float32", async () => {
    const values = Buffer.alloc(2 + 2 + 8 + 8 + 4);
    values.writeUInt16LE(0xc100, 0); // -2.5 as F16
    values.writeUInt16LE(0x3fc0, 2); // 1.5 as BF16
    values.writeDoubleLE(0.25, 4);
    values.writeBigInt64LE(12345n, 12);
    values.writeInt32LE(-9, 20);
    const path = fileOf(
      {
        half: { dtype: "F16", shape: [1], data_offsets: [0, 2] },
        brain: { dtype: "BF16", shape: [1], data_offsets: [2, 4] },
        double: { dtype: "F64", shape: [1], data_offsets: [4, 12] },
        long: { dtype: "I64", shape: [], data_offsets: [12, 20] },
        int: { dtype: "I32", shape: [1], data_offsets: [20, 24] },
      },
      values,
    );
    const { arrays } = await readSafetensors(path);
    expect(Object.values(arrays).map(({ data }) => data[0])).toEqual([-2.5, 1.5, 0.25, 12345, -9]);
  });

  it("refuse a shape that does not fit its data, and write nothing", async () => {
    const path = join(folder, "wrong.safetensors");
    await expect(writeSafetensors(path, { a: { shape: [3], data: new Float32Array(2) } })).rejects.toThrow(
      new RangeError("writeSafetensors: expected `a` of shape [3] to have 3 values, got 2"),
    );
    expect(readdirSync(folder).filter((name) => name.startsWith("wrong"))).toEqual([]);
  });

  it("refuse malformed files, saying what is wrong", async () => {
    const short = join(folder, "short.safetensors");
    writeFileSync(short, "abc");
    expect(await refusal(short)).toEqual({ code: "truncated", message: "expected at least 8 bytes, got 3" });
    expect(await refusal(fileOf("{not", new Uint8Array(0)))).toEqual({
      code: "bad-header",
      message: 'expected a JSON header, got "{not"',
    });
    const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
    expect(await refusal(fileOf({ a: entry }, new Uint8Array(5)))).toEqual({
      code: "truncated",
      message: "expected 8 bytes of values, got 5",
    });
    expect(await refusal(fileOf({ a: { ...entry, shape: [3] } }, new Uint8Array(8)))).toEqual({
      code: "bad-header",
      message: "expected `a` of shape [3] to take 12 bytes, got 8",
    });
    expect(await refusal(fileOf({ a: { ...entry, dtype: "F8_E4M3" } }, new Uint8Array(8)))).toEqual({
      code: "unsupported-dtype",
      message: "expected `a` to be one of F64, F32, F16, BF16, I64, I32, got F8_E4M3",
    });
    expect(await refusal(fileOf({ a: { dtype: "F32" } }, new Uint8Array(0)))).toEqual({
      code: "bad-header",
      message: 'expected `a` to have dtype, shape and data_offsets, got {"dtype":"F32"}',
    });
    const header = (value: unknown) => refusal(fileOf(value, new Uint8Array(8)));
    expect(await header(null)).toEqual({
      code: "bad-header",
      message: "expected a JSON object as header, got null",
    });
    expect(await header({ a: entry, __metadata__: { n: 1 } })).toEqual({
      code: "bad-header",
      message: 'expected `__metadata__` to hold strings, got {"n":1}',
    });
    const half = (from: number) => ({ dtype: "F32", shape: [1], data_offsets: [from, from + 4] });
    expect(await header({ a: half(4) })).toEqual({
      code: "bad-header",
      message: "expected `a` to begin at byte 0, got 4",
    });
    expect(await header({ a: entry, b: half(4) })).toEqual({
      code: "bad-header",
      message: "expected `b` to begin at byte 8, got 4",
    });
  });
});
