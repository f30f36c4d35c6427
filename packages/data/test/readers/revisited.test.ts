import { existsSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readOxfordParis, readRevisited, revisitedProtocol } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const files = fileURLToPath(new URL("revisited-files/", import.meta.url));
const photos =
  process.env.LMK_PHOTOS ?? fileURLToPath(new URL("../../../../../shared/data", import.meta.url));
const real = `${photos}/ground-truth`;

const truth = {
  imlist: ["oxford_1", "oxford_2", "oxford_3"],
  qimlist: ["all_souls_1"],
  gnd: [{ bbx: [1, 2, 30.5, 40], easy: [0], hard: [2], junk: [1] }],
};

async function refusalOf(value: unknown): Promise<string> {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const file = folder.write("gnd_roxford5k.json", text);
  const error = await rejectionOf(readRevisited(file, { name: "roxford5k" }));
  expect(error).toMatchObject({ code: "bad-value", file, line: 0 });
  return (error as Error).message.slice(file.length + 2);
}

describe("readRevisited", () => {
  it.each(["pkl", "json"])("reads a small ground truth as %s", async (ending) => {
    const data = await readRevisited(`${files}gnd_roxford5k.${ending}`, { name: "roxford5k" });
    expect([data.index.ids.length, data.queries.ids.length]).toEqual([6, 2]);
    expect(data.index.paths.at(1)).toBe(`${files}jpg/oxford_000001.jpg`);
    expect(data.queries.paths.at(0)).toBe(`${files}jpg/all_souls_000013.jpg`);
    expect(data.index.ids.rowOf("oxford_000005")).toBe(5);
    expect(data.boxes).toEqual(Float32Array.of(136.5, 34.1, 648.5, 955.7, 1, 2, 3, 4));
    expect(data.easy).toEqual([Int32Array.of(1, 3), Int32Array.of()]);
    expect(data.hard).toEqual([Int32Array.of(0), Int32Array.of(5, 4)]);
    expect(data.junk).toEqual([Int32Array.of(2), Int32Array.of(1)]);
  });

  it("finds the file in a folder, and in a folder of the set's name", async () => {
    folder.write("found/gnd_rparis6k.json", JSON.stringify(truth));
    folder.write("test/rparis6k/gnd_rparis6k.json", JSON.stringify(truth));
    for (const path of ["found", "test"]) {
      const { index } = await readRevisited(`${folder.path}/${path}`, { name: "rparis6k" });
      expect(index.ids.length).toBe(3);
    }
    expect(await rejectionOf(readRevisited(folder.path, { name: "rparis6k" }))).toMatchObject({
      code: "missing-file",
      message: `${folder.path}: expected gnd_rparis6k.pkl or gnd_rparis6k.json, here or in rparis6k/, got none`,
    });
  });

  it.skipIf(!existsSync("/proc/self/mem"))("names a file that cannot be read", async () => {
    const file = folder.write("broken/readme.md", "").replace("readme.md", "gnd_rparis6k.json");
    symlinkSync("/proc/self/mem", file);
    expect(await rejectionOf(readRevisited(file, { name: "rparis6k" }))).toMatchObject({
      code: "unreadable-file",
      message: `${file}: expected a readable file, got EIO`,
    });
  });

  it("refuses a name it does not know", async () => {
    const options = { name: "oxford5k" } as unknown as { name: "roxford5k" };
    expect(await rejectionOf(readRevisited(folder.path, options))).toEqual(
      new RangeError(
        'readRevisited: expected `name` to be one of roxford5k, rparis6k, generated, got "oxford5k"',
      ),
    );
  });

  it("names what a ground truth lacks or has too much", async () => {
    const [entry] = truth.gnd;
    const withEntry = (change: object): object => ({ ...truth, gnd: [{ ...entry, ...change }] });
    expect(await refusalOf("{")).toBe("expected JSON, got something else");
    expect(await refusalOf([])).toBe(
      "expected a dictionary of imlist, qimlist and gnd, got a list or tuple of 0",
    );
    expect(await refusalOf({ ...truth, imlist: 3 })).toBe("expected a list in imlist, got the number 3");
    expect(await refusalOf({ ...truth, qimlist: [1] })).toBe(
      "expected a string in qimlist, got the number 1",
    );
    expect(await refusalOf({ ...truth, imlist: ["a", "b", "a"] })).toBe(
      'expected each string once in imlist, got the string "a"',
    );
    expect(await refusalOf({ ...truth, gnd: [] })).toBe(
      "expected 1 entries as in qimlist in gnd, got the number 0",
    );
    expect(await refusalOf(withEntry({ bbx: [1, 2, 3] }))).toBe(
      "expected four numbers in bbx of query 0, got a list or tuple of 3",
    );
    expect(await refusalOf(withEntry({ bbx: [1, 2, 3, null] }))).toBe(
      "expected numbers in bbx of query 0, got None",
    );
    expect(await refusalOf(withEntry({ hard: [3] }))).toBe(
      "expected an integer from 0 to 2 in hard of query 0, got the number 3",
    );
    expect(await refusalOf(withEntry({ easy: [0.5] }))).toBe(
      "expected an integer from 0 to 2 in easy of query 0, got the number 0.5",
    );
    expect(await refusalOf({ ...truth, gnd: [{ bbx: [1, 2, 3, 4], easy: [], hard: [] }] })).toBe(
      "expected a list in junk of query 0, got nothing",
    );
  });

  it.skipIf(!existsSync(`${real}/gnd_roxford5k.pkl`)).each([
    ["roxford5k", 4993, [3029, 2497, 1356], "all_souls_000013", [136.5, 34.1, 648.5, 955.7]],
    ["rparis6k", 6322, [6874, 10350, 7153], "paris_defense_000605", [130, 17, 843, 732]],
  ] as const)(
    "reads the published %s (skipped where LMK_PHOTOS has none)",
    async (name, images, totals, query, box) => {
      const file = `${real}/gnd_${name}.pkl`;
      const data = await readRevisited(file, { name });
      expect([data.index.ids.length, data.queries.ids.length]).toEqual([images, 70]);
      expect(data.queries.ids.at(0)).toBe(query);
      expect(data.boxes.subarray(0, 4)).toEqual(Float32Array.from(box));
      const total = (lists: readonly Int32Array[]): number =>
        lists.reduce((sum, list) => sum + list.length, 0);
      expect([total(data.easy), total(data.hard), total(data.junk)]).toEqual(totals);
    },
  );
});

describe("readOxfordParis", () => {
  it("reads ok and junk, also of lists that are NumPy arrays", async () => {
    for (const ending of ["pkl", "json"]) {
      const data = await readOxfordParis(`${files}gnd_oxford5k.${ending}`, { name: "oxford5k" });
      expect(data.relevant).toEqual([Int32Array.of(1, 3), Int32Array.of(4)]);
      expect(data.ignored).toEqual([Int32Array.of(2), Int32Array.of()]);
      expect(data.boxes).toEqual(Float32Array.of(136.5, 34.1, 648.5, 955.7, 1, 2, 3, 4));
    }
  });

  it("refuses a name it does not know", async () => {
    const options = { name: "roxford5k" } as unknown as { name: "oxford5k" };
    expect(await rejectionOf(readOxfordParis(folder.path, options))).toEqual(
      new RangeError('readOxfordParis: expected `name` to be one of oxford5k, paris6k, got "roxford5k"'),
    );
  });
});

describe("revisitedProtocol", () => {
  const lists = {
    easy: [Int32Array.of(10, 56, 100), Int32Array.of()],
    hard: [Int32Array.of(0), Int32Array.of(1)],
    junk: [Int32Array.of(6, 90), Int32Array.of()],
  };

  it.each([
    ["easy", [10, 56, 100], [6, 90, 0], [], [1]],
    ["medium", [10, 56, 100, 0], [6, 90], [1], []],
    ["hard", [0], [6, 90, 10, 56, 100], [1], []],
  ] as const)(
    "gives what is right and ignored under %s",
    (protocol, right, uncounted, right2, uncounted2) => {
      const { relevant, ignored } = revisitedProtocol(lists, protocol);
      expect(relevant).toEqual([Int32Array.from(right), Int32Array.from(right2)]);
      expect(ignored).toEqual([Int32Array.from(uncounted), Int32Array.from(uncounted2)]);
    },
  );

  it("refuses another protocol", () => {
    expect(() => revisitedProtocol(lists, "all" as "easy")).toThrow(
      new RangeError('revisitedProtocol: expected `protocol` to be one of easy, medium, hard, got "all"'),
    );
  });
});
