import {
  encodePq,
  encodeSq,
  IndexFileError,
  type IndexFileErrorCode,
  learnProductQuantizer,
  learnScalarQuantizer,
  pqFromBytes,
  pqToBytes,
  sqFromBytes,
  sqToBytes,
} from "@lmk/index/quantization";
import { describe, expect, it } from "vitest";
import { crc32 } from "../src/quantization/checksum.ts";
import { randomMatrix } from "./fixtures.ts";

const rows = randomMatrix(1, 33, 6);
const plain = learnProductQuantizer(rows, { subspaces: 3, bits: 5, iterations: 2 });
const rotated = learnProductQuantizer(rows, { subspaces: 3, bits: 4, rotation: "learned", iterations: 2 });
const scalar = learnScalarQuantizer(rows, { bits: 4 });

function refusal(message: string, code: IndexFileErrorCode, path = "bytes"): IndexFileError {
  return new IndexFileError(message, code, path);
}

/** The bytes after a change, with the checksum that fits them. */
function changed(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = bytes.slice();
  change(copy);
  const view = new DataView(copy.buffer);
  view.setUint32(copy.length - 4, crc32(copy.subarray(0, -4)), true);
  return copy;
}

/** The bytes with another text in their header, as long as the one it replaces. */
function withHeader(bytes: Uint8Array, from: string, to: string): Uint8Array {
  return changed(bytes, (copy) => {
    const at = Buffer.from(copy).indexOf(from);
    copy.set(new TextEncoder().encode(to), at);
  });
}

describe("crc32", () => {
  it("has the check value of its standard", () => {
    expect(crc32(new TextEncoder().encode("123456789")).toString(16)).toBe("cbf43926");
    expect(crc32(new Uint8Array(0))).toBe(0);
  });
});

describe("bytes of quantizers", () => {
  it("give back product quantizers and codes", () => {
    for (const quantizer of [plain, rotated]) {
      const codes = encodePq(quantizer, rows);
      expect(pqFromBytes(pqToBytes(quantizer, codes))).toEqual({ quantizer, codes });
      const { quantizer: alone, codes: none } = pqFromBytes(pqToBytes(quantizer));
      expect(alone).toEqual(quantizer);
      expect(none).toEqual({ data: new Uint8Array(0), rows: 0, rowBytes: 2 });
    }
  });

  it("give back scalar quantizers and codes", () => {
    for (const bits of [4, 8] as const) {
      const quantizer = learnScalarQuantizer(rows, { bits });
      const codes = encodeSq(quantizer, rows);
      expect(sqFromBytes(sqToBytes(quantizer, codes))).toEqual({ quantizer, codes });
      expect(sqFromBytes(sqToBytes(quantizer)).codes.rows).toBe(0);
    }
  });

  it("are read from anywhere in a larger buffer, and copied", () => {
    const bytes = pqToBytes(plain, encodePq(plain, rows));
    const larger = new Uint8Array(bytes.length + 5);
    larger.set(bytes, 3);
    const view = larger.subarray(3, 3 + bytes.length);
    const stored = pqFromBytes(view);
    larger.fill(0);
    expect(stored).toEqual({ quantizer: plain, codes: encodePq(plain, rows) });
  });

  it("are those of version 1, which every later version must read", () => {
    const quantizer = { ...scalar, columns: 1, minima: Float32Array.of(-1), ranges: Float32Array.of(2) };
    const codes = encodeSq(quantizer, { data: Float32Array.of(1), rows: 1, columns: 1 });
    const text = '{"kind":"scalar","columns":1,"bits":4,"rows":1}';
    expect(Buffer.from(sqToBytes(quantizer, codes)).toString("latin1")).toBe(
      `lmkquant\x01\0\0\0\x30\0\0\0\x16\0\0\0${text} \0\0\x80\xbf\0\0\0\x40\x81\x88\x88\x3d\x0f\x00\x00\x00\xbd\xed\x4e\x16`,
    );
  });

  it("refuse each change of a bit and each cut", () => {
    const bytes = sqToBytes(scalar, encodeSq(scalar, rows));
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const copy = bytes.slice();
      copy[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => sqFromBytes(copy)).toThrow(IndexFileError);
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(() => sqFromBytes(bytes.subarray(0, length))).toThrow(IndexFileError);
    }
  });

  it("say what is wrong with foreign, newer, cut and changed ones", () => {
    const bytes = pqToBytes(plain);
    const { length } = bytes;
    const refuse = (broken: Uint8Array, message: string, code: IndexFileErrorCode) =>
      expect(() => pqFromBytes(broken, { path: "rows.pq" })).toThrow(
        refusal(`pqFromBytes: expected \`rows.pq\` ${message}`, code, "rows.pq"),
      );
    const foreign = new TextEncoder().encode("\x93NUMPY and more");
    refuse(foreign, 'to start with "lmkquant", got something else', "not-this-format");
    refuse(new Uint8Array(0), 'to start with "lmkquant", got nothing', "not-this-format");
    refuse(bytes.subarray(0, 12), "to have 20 bytes or more, got 12", "wrong-size");
    refuse(bytes.subarray(0, -1), `to have ${length} bytes, got ${length - 1}`, "wrong-size");
    const longer = new Uint8Array(length + 1);
    longer.set(bytes);
    refuse(longer, `to have ${length} bytes, got ${length + 1}`, "wrong-size");
    refuse(
      changed(bytes, (copy) => copy.set([2], 8)),
      "to be of version 1, got 2",
      "unsupported-version",
    );
    refuse(
      changed(bytes, (copy) => copy.set([255, 255, 255, 255], 12)),
      `to have a header that ends by byte ${length - 4}, got ${20 + 2 ** 32 - 1}`,
      "bad-header",
    );
    refuse(
      sqToBytes(scalar),
      'to hold a product quantizer, got a header of kind "scalar"',
      "unsupported-content",
    );
    refuse(
      withHeader(bytes, '{"kind"', "no JSON"),
      `to have a header in JSON, got ${'no JSON:"product","columns":6,"subspaces'.slice(0, 40)}`,
      "bad-header",
    );
    const header = '{"kind":"product","columns":6,"subspaces":4,"bits":5,"rotated":false,"rows":0}';
    refuse(
      withHeader(bytes, '"subspaces":3', '"subspaces":4'),
      `to describe a product quantizer, got ${header}`,
      "bad-header",
    );
    const start = length - 4 - 4 * 32 * 6;
    refuse(
      withHeader(bytes, '"bits":5', '"bits":6'),
      `to have ${4 * 64 * 6} bytes from byte ${start}, got ${4 * 32 * 6}`,
      "wrong-size",
    );
    refuse(
      withHeader(bytes, '"bits":5', '"bits":4'),
      `to end its sections at byte ${start + 4 * 16 * 6}, got ${4 * 16 * 6} more bytes`,
      "wrong-size",
    );
    const sections = bytes.slice();
    sections[length - 9]! ^= 4;
    const [expected, actual] = [bytes, sections].map((each) =>
      crc32(each.subarray(0, -4)).toString(16).padStart(8, "0"),
    );
    refuse(sections, `to have the checksum ${expected}, got ${actual}`, "wrong-checksum");
    expect(() => sqFromBytes(bytes)).toThrow(
      refusal(
        'sqFromBytes: expected `bytes` to hold a scalar quantizer, got a header of kind "product"',
        "unsupported-content",
      ),
    );
    const odd = withHeader(sqToBytes(scalar), '"bits":4', '"bits":6');
    expect(() => sqFromBytes(odd)).toThrow(
      refusal(
        'sqFromBytes: expected `bytes` to describe a scalar quantizer, got {"kind":"scalar","columns":6,"bits":6,"rows":0}',
        "bad-header",
      ),
    );
  });

  it("are not made of codes of another quantizer", () => {
    expect(() => pqToBytes(plain, encodePq(rotated, rows))).not.toThrow();
    const narrow = { data: new Uint8Array(33), rows: 33, rowBytes: 1 };
    expect(() => pqToBytes(plain, narrow)).toThrow(
      new RangeError("pqToBytes: expected `codes` to have 2 bytes per row like `quantizer`, got 1"),
    );
    expect(() => sqToBytes(scalar, { ...narrow, errors: new Float32Array(33) })).toThrow(
      new RangeError("sqToBytes: expected `codes` to have 3 bytes per row like `quantizer`, got 1"),
    );
  });
});
