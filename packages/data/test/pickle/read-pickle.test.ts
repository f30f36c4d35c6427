import { fileURLToPath } from "node:url";
import { type PickleValue, readPickle } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const files = fileURLToPath(new URL("files/", import.meta.url));

async function read(pickled: string): Promise<PickleValue> {
  return readPickle(folder.write("value.pkl", Buffer.from(pickled, "latin1")));
}

function get(map: PickleValue, ...keys: PickleValue[]): PickleValue | undefined {
  let value: PickleValue | undefined = map;
  for (const key of keys) value = (value as Map<PickleValue, PickleValue>).get(key);
  return value;
}

const everyByte = Uint8Array.from({ length: 512 }, (_, i) => i % 256);

const containers = new Map<PickleValue, PickleValue>([
  ["none", null],
  ["booleans", [true, false]],
  ["integers", [0, 1, -1, 255, 256, 65535, 65536, -2147483648, 2147483648, 9007199254740991, -(2n ** 53n)]],
  ["large", [2n ** 53n, 2n ** 63n, -(2n ** 63n), 10n ** 30n, -(10n ** 400n)]],
  ["floats", [0, 1.5, -1e-300, 1e22, Infinity, -Infinity]],
  ["strings", ["", "plain", "Ærø\n\t'\"\\", "風景", "🗼", "x".repeat(300), "\x80\xff\u1234"]],
  ["bytes", [new Uint8Array(0), Uint8Array.of(0, 255, 10), everyByte]],
  ["tuples", [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]],
  ["nested", [[[[]]], new Map<PickleValue, PickleValue>([["a", new Map([["b", [null]]])]])]],
  ["shared", [["twice"], ["twice"]]],
  [
    "ordered",
    new Map([
      ["z", 1],
      ["a", 2],
    ]),
  ],
  [
    "__proto__",
    new Map([
      ["constructor", 1],
      ["__proto__", 2],
    ]),
  ],
  [
    3,
    new Map<PickleValue, PickleValue>([
      [0, "zero"],
      [1.5, "float"],
      [null, "none"],
    ]),
  ],
  ["set", new Set([7])],
  ["frozenset", new Set(["only"])],
  ["many", Array.from({ length: 2500 }, (_, i) => i)],
]);

const arrays = {
  int64: [[2, 3], BigInt64Array.of(-2n, -1n, 0n, 1n, 2n, 3n)],
  int32: [[2], Int32Array.of(1, -1)],
  int16: [[2], Int16Array.of(300, -300)],
  int8: [[2], Int8Array.of(-8, 8)],
  uint8: [[2], Uint8Array.of(0, 255)],
  uint16: [[1], Uint16Array.of(65535)],
  uint32: [[1], Uint32Array.of(2 ** 32 - 1)],
  uint64: [[1], BigUint64Array.of(2n ** 64n - 1n)],
  float32: [[2], Float32Array.of(0.5, -1.25)],
  float64: [[2], Float64Array.of(1e300, Infinity)],
  bool: [[2], Uint8Array.of(1, 0)],
  "big endian": [[2], Int32Array.of(1, 258)],
  empty: [[0, 4], new Float32Array(0)],
} as const;

describe("readPickle", () => {
  it.each([0, 1, 2, 3, 4, 5])("reads plain containers of protocol %i", async (protocol) => {
    const value = await readPickle(`${files}containers-${protocol}.pkl`);
    expect(value).toEqual(containers);
    expect([...(get(value, "ordered") as Map<string, number>).keys()]).toEqual(["z", "a"]);
    const [first, second] = get(value, "shared") as PickleValue[];
    expect(first).toBe(second);
  });

  it.each([
    "numpy-0",
    "numpy-1",
    "numpy-2",
    "numpy-3",
    "numpy-4",
    "numpy-5",
    "numpy2-2",
    "numpy2-4",
    "numpy2-5",
  ])("reads NumPy's arrays and numbers of %s", async (name) => {
    const value = await readPickle(`${files}${name}.pkl`);
    for (const [key, [shape, data]] of Object.entries(arrays)) {
      expect(get(value, key)).toMatchObject({ shape, data });
    }
    expect(["scalar int", "scalar float", "scalar bool"].map((key) => get(value, key))).toEqual([
      203093,
      0.25,
      true,
    ]);
  });

  it("reads a pair by hand", async () => {
    // PROTO 2, BININT1 42, BINUNICODE "hi", TUPLE2, BINPUT 0, STOP
    expect(await read("\x80\x02K*X\x02\0\0\0hi\x86q\0.")).toEqual([42, "hi"]);
  });

  it("reads what Python 2 writes", async () => {
    // cPickle.dumps({"a\xe9\n'": [1L, True, 2.5, u"\u20ac"]}, 0), and protocol 2 of "ab" twice and an OrderedDict.
    expect(await read('(dp1\nS"a\\xe9\\n\'"\np2\n(lp3\nL1L\naI01\naF2.5\naV\\u20ac\np4\nas.')).toEqual(
      new Map([["aé\n'", [1, true, 2.5, "€"]]]),
    );
    expect(await read("\x80\x02U\x02abq\x01h\x01\x86q\x02.")).toEqual(["ab", "ab"]);
    expect(await read("ccollections\nOrderedDict\np0\n((lp1\n(lp2\nS'k'\np3\naI7\naatp4\nRp5\n.")).toEqual(
      new Map([["k", 7]]),
    );
  });

  it("keeps a list that holds itself, and a nesting deeper than any call stack", async () => {
    const cycle = (await read("]q\0h\0a.")) as PickleValue[];
    expect(cycle[0]).toBe(cycle);
    let deep = await read(`${"]".repeat(200_001)}${"a".repeat(200_000)}.`);
    let depth = 0;
    for (; Array.isArray(deep) && deep.length > 0; deep = deep[0]) depth += 1;
    expect(depth).toBe(200_000);
  });

  it("reads opcodes across the borders of the parts it reads a file in", async () => {
    const text = "é".repeat(700_000);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(2 * 700_000);
    const one = Buffer.concat([Buffer.from("X"), length, Buffer.from(text)]);
    const file = folder.write(
      "long.pkl",
      Buffer.concat([Buffer.from("("), one, one, one, Buffer.from("t.")]),
    );
    const value = (await readPickle(file)) as string[];
    expect(value.map((item) => item === text)).toEqual([true, true, true]);
  });

  it("refuses missing and unreadable files", async () => {
    const gone = `${folder.path}/gone.pkl`;
    expect(await rejectionOf(readPickle(gone))).toMatchObject({
      code: "missing-file",
      message: `${gone}: expected a file, got none`,
    });
    expect(await rejectionOf(readPickle(folder.path))).toMatchObject({
      code: "unreadable-file",
      message: `${folder.path}: expected a readable file, got EISDIR`,
    });
  });
});
