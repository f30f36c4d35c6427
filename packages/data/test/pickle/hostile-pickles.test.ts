import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DataFormatError, readPickle } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const files = fileURLToPath(new URL("files/", import.meta.url));

async function refusalOf(pickled: string | Uint8Array): Promise<string> {
  const bytes = typeof pickled === "string" ? Buffer.from(pickled, "latin1") : pickled;
  const file = folder.write("bad.pkl", bytes);
  const error = await rejectionOf(readPickle(file));
  if (!DataFormatError.isInstance(error)) throw error;
  expect(error).toMatchObject({ code: "bad-pickle", file, line: 0 });
  expect(error.message).not.toContain("\n");
  return error.message.slice(file.length + 2);
}

function uint32(value: number): string {
  return String.fromCharCode(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
}

describe("readPickle of a hostile file", () => {
  it.each([
    ["cos\nsystem\n(S'true'\ntR.", '"os.system"', 11],
    ["\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.", '"posix.system"', 18],
    ["c__builtin__\neval\n(S'1'\ntR.", '"__builtin__.eval"', 18],
    ["cbuiltins\ngetattr\n.", '"builtins.getattr"', 18],
    ["(ios\nsystem\n.", '"os.system"', 12],
    ["c__proto__\nx\n.", '"__proto__.x"', 13],
    ["cnumpy\nload\n.", '"numpy.load"', 12],
    ["ccollections\ndefaultdict\n.", '"collections.defaultdict"', 25],
    [`c${"m".repeat(90)}\nx\n.`, `"${"m".repeat(80)}…"`, 94],
  ])("refuses the name in %j", async (pickled, name, byte) => {
    expect(await refusalOf(pickled)).toBe(
      `expected a pickle of plain containers, got the name ${name} at byte ${byte}`,
    );
  });

  it.each([
    ["", "expected 1 more bytes of the pickle at byte 0, got the end of the file"],
    ["\x80\x04", "expected 1 more bytes of the pickle at byte 2, got the end of the file"],
    [
      "X\xff\xff\xff\x7fab",
      "expected 2147483647 more bytes of the pickle at byte 5, got the end of the file",
    ],
    [
      "\x8e\xff\xff\xff\xff\xff\xff\xff\xff",
      "expected 18446744073709552000 more bytes of the pickle at byte 9, got the end of the file",
    ],
    ["T\xff\xff\xff\xff.", "expected a length of at least 0, got -1 at byte 5"],
    ["\x80\x06N.", "expected a pickle of protocol 0 to 5, got protocol 6 at byte 2"],
    ["N.N.", "expected the end of the file after the pickle, got 2 bytes at byte 2"],
    ["NN.", "expected one value at the end of the pickle, got 2 at byte 3"],
    [".", "expected one value at the end of the pickle, got 0 at byte 1"],
    ["(.", "expected one value at the end of the pickle, got 0 at byte 2"],
    ["0.", "expected 1 values on the stack, got 0 at byte 1"],
    ["(N(0.", "expected 1 values on the stack, got 0 at byte 4"],
    ["Nt.", "expected a mark on the stack, got none at byte 2"],
    ["2.", "expected a value on the stack, got an empty stack at byte 1"],
    ["h\x05.", "expected a value kept in the memo, got the empty place 5 at byte 2"],
    ["g-1\n.", "expected a value kept in the memo, got the empty place -1 at byte 4"],
    [`Nr${"\xff".repeat(4)}.`, "expected a place in the memo from 0 to 1023, got 4294967295 at byte 6"],
    ["NNa.", "expected a list to append to, got None at byte 3"],
    ["N(Ne.", "expected a list to append to, got None at byte 4"],
    ["]NNs.", "expected a dictionary to fill, got a list or tuple of 0 at byte 4"],
    ["}(Nu.", "expected a value for each key, got a key without value at byte 4"],
    ["](N\x90.", "expected a set to add to, got a list or tuple of 0 at byte 4"],
    ["NNR.", "expected a name and its arguments, got None and None at byte 3"],
    [
      "cnumpy\nndarray\n)R.",
      "expected a name and its arguments, got numpy.ndarray and a list or tuple of 0 at byte 17",
    ],
    ["NNb.", "expected a NumPy array or type that takes a state, got None at byte 3"],
    ["NN\x93.", "expected a name by two strings, got None and None at byte 3"],
    ["cnumpy\nndarray\n.", "expected plain values in containers, got numpy.ndarray at byte 16"],
    ["]cnumpy\nndarray\n\x85a.", "expected plain values in containers, got a list or tuple of 1 at byte 18"],
    ["Iseven\n.", 'expected a decimal integer, got "seven" at byte 7'],
    ["F0x10\n.", 'expected a decimal number, got "0x10" at byte 6'],
    ["Sno quotes\n.", 'expected a string in quotes, got "no quotes" at byte 11'],
    ["V\\U00110000\n.", "expected a Unicode character, got \\U00110000 at byte 12"],
    ["X\x02\0\0\0\xff\xff.", "expected a string in UTF-8, got other bytes at byte 7"],
    ["\x8b\x01\x04\0\0.", "expected an integer of at most 1024 bytes, got 1025 at byte 5"],
    ["Pid\n.", "expected an opcode of plain containers, got 0x50 at byte 1"],
    [`\x96${"\0".repeat(8)}\x97.`, "expected an opcode of plain containers, got 0x97 at byte 10"],
    ["c_codecs\nencode\n(Vx\nVrot13\ntR.", 'expected bytes in latin1, got the string "rot13" at byte 29'],
    [
      "cnumpy\ndtype\n(VO8\ntR.",
      'expected a NumPy type of b1, i1, i2, i4, i8, u1, u2, u4, u8, f4, f8, got "O8" at byte 20',
    ],
  ])("refuses %j", async (pickled, message) => {
    expect(await refusalOf(pickled)).toBe(message);
  });

  it.each([
    ["lI1000000000\n", "(I-1\nt", "expected the shape of a NumPy array, got a list or tuple of 1"],
    ["", "(I1000000000\nt", "expected 4000000000 bytes of a NumPy array, got 4"],
    ["", "(I2\nt", "expected 8 bytes of a NumPy array, got 4"],
  ])("refuses an array whose shape does not fit%s: %j", async (_, shape, message) => {
    const type = "cnumpy\ndtype\n(Vi4\ntR(I3\nV<\nNNNI-1\nI-1\nI0\ntb";
    const call = "cnumpy.core.numeric\n_frombuffer\n";
    expect(await refusalOf(`${call}(C\x04abcd${type}${shape}VC\ntR.`)).toContain(message);
  });

  it("refuses an array in Fortran order, which would come out transposed", async () => {
    const type = "cnumpy\ndtype\n(Vi1\ntR(I3\nV|\nNNNI-1\nI-1\nI0\ntb";
    const array = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntC\x01btR";
    const state = (fortran: string): string => `(I1\n(I2\nI2\nt${type}${fortran}C\x04abcdtb`;
    expect(await refusalOf(`${array}${state("I01\n")}.`)).toContain(
      "expected a NumPy array in C order, got Fortran order",
    );
    const file = folder.write("c.pkl", Buffer.from(`${array}${state("I00\n")}.`, "latin1"));
    expect(await readPickle(file)).toMatchObject({ shape: [2, 2], data: Int8Array.of(97, 98, 99, 100) });
  });

  it("does not take the two copies of an array that was written as a string for hostile", async () => {
    // As Python 3 writes an array of bytes in the protocols 0 to 2.
    const type = "cnumpy\ndtype\n(Vi1\ntR(I3\nV|\nNNNI-1\nI-1\nI0\ntb";
    const array = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntC\x01btR";
    const text = `c_codecs\nencode\n(V${"a".repeat(5000)}\nVlatin1\ntR`;
    const pickled = `${array}(I1\n(I5000\nt${type}I00\n${text}tb.`;
    const file = folder.write("long.pkl", Buffer.from(pickled, "latin1"));
    expect(await readPickle(file)).toMatchObject({ shape: [5000], data: new Int8Array(5000).fill(97) });
  });

  it("refuses to copy a list again and again", async () => {
    // A list of 20,000 items, then a set of it 1,000 times: 5 bytes ask for 20,000 items each.
    const list = `(${"N".repeat(20_000)}lq\0`;
    const sets = `cbuiltins\nset\nq\x01${"h\x01h\0\x85R".repeat(1000)}`;
    expect(await refusalOf(`(${list}${sets}t.`)).toMatch(
      /^expected no more than two copies of the bytes so far, got 60000 copied items at byte \d+$/,
    );
  });

  it("leaves the prototypes of objects alone", async () => {
    const file = folder.write("proto.pkl", Buffer.from("}(V__proto__\n}Vpolluted\nI01\nsu.", "latin1"));
    const value = await readPickle(file);
    expect(value).toBeInstanceOf(Map);
    expect("polluted" in {}).toBe(false);
  });

  it.each(["containers-0", "containers-2", "containers-5", "numpy-2", "numpy-5"])(
    "names the end of %s cut at twenty places, and survives a changed byte there",
    async (name) => {
      const whole = readFileSync(`${files}${name}.pkl`);
      const step = Math.ceil(whole.length / 20);
      for (let end = 0; end < whole.length; end += step) {
        const message = await refusalOf(whole.subarray(0, end));
        expect(message).toMatch(
          /^expected \d+ more bytes of the pickle at byte \d+, got the end of the file$/,
        );
      }
      for (let at = 0; at < whole.length; at += step) {
        const changed = Uint8Array.from(whole);
        changed[at] ^= 0x55;
        await readPickle(folder.write("changed.pkl", changed)).catch((error: unknown) => {
          if (!DataFormatError.isInstance(error)) throw error;
        });
      }
    },
  );

  it("reads a memo that grows far, of places in order", async () => {
    const puts = Array.from({ length: 5000 }, (_, place) => `Nr${uint32(place)}0`).join("");
    const file = folder.write("memo.pkl", Buffer.from(`${puts}j${uint32(4999)}.`, "latin1"));
    expect(await readPickle(file)).toBe(null);
  });
});
