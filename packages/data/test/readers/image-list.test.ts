import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DataFormatError, type ImageList, readImageListPickle } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const files = fileURLToPath(new URL("../pickle/files/", import.meta.url));

function rowsOf(list: ImageList): unknown[][] {
  return Array.from({ length: list.length }, (_, row) => [
    list.paths.at(row),
    list.classIds[row],
    list.noisy[row],
    list.tags.codes[row] < 0 ? -1 : list.tags.values[list.tags.codes[row]],
  ]);
}

async function refusalOf(pickled: string): Promise<string> {
  const file = folder.write("list.pkl", Buffer.from(pickled, "latin1"));
  const error = await rejectionOf(readImageListPickle(file));
  if (!DataFormatError.isInstance(error)) throw error;
  return `${error.code} ${error.message.slice(file.length + 2)}`;
}

/** A pickle of protocol 4 with the rows that Python would write, each path and each tuple in the memo. */
function pickleOf(rows: number): Buffer {
  const bytes = Buffer.alloc(4 + 54 * rows + 2 * Math.ceil(rows / 1000) + 1);
  let at = bytes.write("\x80\x04]\x94", "latin1");
  for (let row = 0; row < rows; row++) {
    if (row % 1000 === 0) at += bytes.write(row === 0 ? "(" : "e(", at);
    const id = (row * 2654435761).toString(16).padStart(16, "0");
    const path = `gldv2/train/${id[0]}/${id[1]}/${id[2]}/${id}.jpg`;
    at += bytes.write(`(\x8c&${path}\x94M__K_J\xff\xff\xff\xfft\x94`, at, "latin1");
    bytes.writeUInt16LE(row >> 4, at - 11);
    bytes[at - 8] = row & 1;
  }
  bytes.write("e.", at);
  return bytes;
}

describe("readImageListPickle", () => {
  const expected = JSON.parse(readFileSync(`${files}image-list.json`, "utf8")) as unknown[][];

  it.each([0, 2, 4, 5])(
    "reads a list of protocol %i, with tuples and paths that come twice",
    async (protocol) => {
      const list = await readImageListPickle(`${files}image-list-${protocol}.pkl`);
      expect(rowsOf(list)).toEqual(expected);
      expect([list.ids.at(0), list.ids.at(39), list.ids.at(40)]).toEqual([
        "0000000000000000",
        "0000000000000027",
        "tower",
      ]);
      expect(list.tags.values).toEqual(["Europe", "OTHER", "null"]);
      expect(() => list.paths.at(list.length)).toThrow(RangeError);
    },
  );

  it("gives back values that columns have taken over, when the memo is asked for them rows later", async () => {
    const rows = 2500;
    const many = pickleOf(rows).subarray(0, -1);
    // Place 1 is the path and place 2 the tuple of row 0; place 2 * 1999 + 2 is the tuple of row 1999.
    const again = Buffer.from("h\x02aj\xa0\x0f\0\0a(h\x01K\x09K\x01VAsia\nta.", "latin1");
    const list = await readImageListPickle(folder.write("again.pkl", Buffer.concat([many, again])));
    const all = rowsOf(list);
    expect(all.length).toBe(rows + 3);
    expect(all[rows]).toEqual(all[0]);
    expect(all[rows + 1]).toEqual(all[1999]);
    expect(all[rows + 2]).toEqual([all[0][0], 9, 1, "Asia"]);
  });

  it("keeps 200,000 rows in columns", async () => {
    const rows = 200_000;
    const file = folder.write("many.pkl", pickleOf(rows));
    const list = await readImageListPickle(file);
    expect(list.length).toBe(rows);
    expect(list.paths.at(123_456)).toMatch(/^gldv2\/train\/.\/.\/.\/[0-9a-f]{16}\.jpg$/);
    expect(list.ids.at(123_456)).toBe((123_456 * 2654435761).toString(16).padStart(16, "0"));
    expect([list.classIds[199_999], list.noisy[199_999], list.tags.codes[199_999]]).toEqual([12_499, 1, -1]);
  });

  it("puts a folder of this machine in the place of what stands before the layout", async () => {
    const paths = [
      "/mnt/a/train/0/a/b/0000000000000000.jpg",
      "index/f/e/d/fedcba9876543210.jpg",
      "/train/0/1/2/test/9/8/7/9876543210fedcba.jpg",
    ];
    const rows = paths.map((path) => `(V${path}\nI0\nI0\nI-1\nta`).join("");
    const file = folder.write("moved.pkl", `(l${rows}.`);
    const moved = await readImageListPickle(file, { root: "gld" });
    expect(rowsOf(moved).map(([path]) => path)).toEqual([
      join("gld", "train/0/a/b/0000000000000000.jpg"),
      join("gld", "index/f/e/d/fedcba9876543210.jpg"),
      join("gld", "test/9/8/7/9876543210fedcba.jpg"),
    ]);
    expect([moved.ids.at(1), moved.ids.at(2)]).toEqual(["fedcba9876543210", "9876543210fedcba"]);
    expect(rowsOf(await readImageListPickle(file)).map(([path]) => path)).toEqual(paths);
  });

  it("takes paths from the memo where a folder replaces their beginning", async () => {
    const path = "/mnt/a/train/0/a/b/0000000000000000.jpg";
    const file = folder.write("memo.pkl", `(l(V${path}\np1\nI0\nI0\nI-1\ntp2\nag2\na(g1\nI3\nI0\nI-1\nta.`);
    const moved = join("gld", "train/0/a/b/0000000000000000.jpg");
    expect(rowsOf(await readImageListPickle(file, { root: "gld" }))).toEqual([
      [moved, 0, 0, -1],
      [moved, 0, 0, -1],
      [moved, 3, 0, -1],
    ]);
  });

  it.each(["/mnt/a/0000000000000000.jpg", "/mnt/strain/0/a/b/1.jpg", "train/0/a/1.jpg", "train/0/a/g/1.jpg"])(
    "refuses the path %s where a folder is to replace its beginning",
    async (path) => {
      const file = folder.write("other.pkl", `(l(V${path}\nI0\nI0\nI-1\nta.`);
      expect(await rejectionOf(readImageListPickle(file, { root: "gld" }))).toMatchObject({
        code: "bad-value",
        message: `${file}: expected a path with train/, index/ or test/ before a/b/c/<id>.jpg in row 0, got the string "${path}"`,
      });
    },
  );

  it.each([
    ["(d.", "expected a list of images, got a dictionary of 0"],
    ["(lI5\na.", "expected a tuple of path, class, noisy and tag in row 0, got the number 5"],
    [
      "(l(VA\nI0\nI0\nta.",
      "expected a tuple of path, class, noisy and tag in row 0, got a list or tuple of 3",
    ],
    ["(l(I1\nI0\nI0\nI-1\nta.", "expected the path of an image in row 0, got the number 1"],
    [
      "(l(VA\nI0\nI0\nI-1\nta(VA\nI-2\nI0\nI-1\nta.",
      "expected a class from -1 to 2147483647 in row 1, got the number -2",
    ],
    [
      "(l(VA\nI2147483648\nI0\nI-1\nta.",
      "expected a class from -1 to 2147483647 in row 0, got the number 2147483648",
    ],
    ["(l(VA\nI0\nI2\nI-1\nta.", "expected 0 or 1 for noisy in row 0, got the number 2"],
    ["(l(VA\nI0\nI0\nI3\nta.", "expected a tag of -1 or a name in row 0, got the number 3"],
  ])("refuses %j", async (pickled, message) => {
    expect(await refusalOf(pickled)).toBe(`bad-value ${message}`);
  });

  it("names the byte at which a list ends too early", async () => {
    const whole = pickleOf(1500);
    const file = folder.write("cut.pkl", whole.subarray(0, -1));
    expect(await rejectionOf(readImageListPickle(file))).toMatchObject({
      code: "bad-pickle",
      message: `${file}: expected 1 more bytes of the pickle at byte ${whole.length - 1}, got the end of the file`,
    });
  });
});
