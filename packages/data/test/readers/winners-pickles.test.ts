import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  DataFormatError,
  readClassCountriesPickle,
  readClassLandmarksPickle,
  readSearchGroundTruthPickle,
  writeClassCountriesPickle,
  writeClassLandmarksPickle,
} from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const files = fileURLToPath(new URL("winners-files/", import.meta.url));

async function refusalOf(pickled: string, read: (file: string) => Promise<unknown>): Promise<string> {
  const file = folder.write("bad.pkl", Buffer.from(pickled, "latin1"));
  const error = await rejectionOf(read(file));
  if (!DataFormatError.isInstance(error)) throw error;
  return `${error.code} ${error.message.slice(file.length + 2)}`;
}

describe("readClassLandmarksPickle", () => {
  it("reads a dictionary of NumPy's numbers, as pandas gives them", async () => {
    expect(await readClassLandmarksPickle(`${files}idx2landmark_id.pkl`)).toEqual(
      Int32Array.of(7, 20409, 138982, 203092),
    );
  });

  it("refuses keys that are not the classes, and values that are no ids", async () => {
    expect(await refusalOf("(lI5\na.", readClassLandmarksPickle)).toBe(
      "bad-value expected a dictionary of landmark ids, got a list or tuple of 1",
    );
    expect(await refusalOf("(dI1\nI5\ns.", readClassLandmarksPickle)).toBe(
      "bad-value expected an integer from 0 to 0 as a class, got the number 1",
    );
    expect(await refusalOf("(dVA\nI5\ns.", readClassLandmarksPickle)).toBe(
      'bad-value expected an integer from 0 to 0 as a class, got the string "A"',
    );
    expect(await refusalOf("(dI0\nI-5\ns.", readClassLandmarksPickle)).toBe(
      "bad-value expected an integer from 0 to 2147483647 for class 0, got the number -5",
    );
  });
});

describe("writeClassLandmarksPickle", () => {
  it("writes a dictionary of the shortest integers, in protocol 2", async () => {
    const file = folder.write("written/classes.pkl", "before");
    await writeClassLandmarksPickle(file, Int32Array.of(5, 255, 256, 65535, 65536, 203093));
    // Byte by byte as Python documents them: PROTO 2, EMPTY_DICT, MARK; BININT1, BININT2 and BININT of little-endian
    // numbers; SETITEMS, STOP.
    expect(readFileSync(file).toString("hex")).toBe(
      [
        "80027d28",
        ...["4b00", "4b05"],
        ...["4b01", "4bff"],
        ...["4b02", "4d0001"],
        ...["4b03", "4dffff"],
        ...["4b04", "4a00000100"],
        ...["4b05", "4a55190300"],
        "752e",
      ].join(""),
    );
    expect(readdirSync(dirname(file))).toEqual(["classes.pkl"]);
  });

  it("is read back, with as many classes as the cleaned list has and without any", async () => {
    const file = join(folder.path, "back.pkl");
    const landmarkIds = Int32Array.from({ length: 81313 }, (_, i) => Math.floor(2.4977 * i));
    landmarkIds[81312] = 0x7fffffff;
    await writeClassLandmarksPickle(file, landmarkIds);
    expect(Buffer.compare(await bytesOf(file), Buffer.from(landmarkIds.buffer))).toBe(0);
    await writeClassLandmarksPickle(file, Int32Array.of());
    expect(await readClassLandmarksPickle(file)).toEqual(Int32Array.of());
  });

  it("refuses what is no landmark id, and leaves the file as it was", async () => {
    const file = folder.write("kept.pkl", "before");
    expect(await rejectionOf(writeClassLandmarksPickle(file, Int32Array.of(3, -1)))).toEqual(
      new RangeError("writeClassLandmarksPickle: expected `landmarkIds` to be an integer >= 0, got -1"),
    );
    expect(readFileSync(file, "utf8")).toBe("before");
  });
});

async function bytesOf(file: string): Promise<Buffer> {
  return Buffer.from((await readClassLandmarksPickle(file)).buffer);
}

describe("readClassCountriesPickle", () => {
  it("reads an OrderedDict in any order of classes", async () => {
    expect(await readClassCountriesPickle(`${files}gbid2country.pkl`)).toEqual(Int32Array.of(4, 0, 250));
  });

  it("refuses something else than a dictionary", async () => {
    expect(await refusalOf("N.", readClassCountriesPickle)).toBe(
      "bad-value expected a dictionary of numbers of countries, got None",
    );
  });
});

describe("writeClassCountriesPickle", () => {
  it("writes a dictionary that is read back, with as many classes as the full list has", async () => {
    const file = join(folder.path, "countries.pkl");
    await writeClassCountriesPickle(file, Int32Array.of(4, 0, 250));
    // PROTO 2, EMPTY_DICT, MARK; BININT1 of class and country; SETITEMS, STOP.
    expect(readFileSync(file).toString("hex")).toBe("80027d284b004b044b014b004b024bfa752e");
    const countries = Int32Array.from({ length: 203094 }, (_, classId) => (classId * 31) % 251);
    await writeClassCountriesPickle(file, countries);
    const back = await readClassCountriesPickle(file);
    expect(Buffer.compare(Buffer.from(back.buffer), Buffer.from(countries.buffer))).toBe(0);
  });

  it("refuses what is no number of a country", async () => {
    const file = join(folder.path, "no-countries.pkl");
    expect(await rejectionOf(writeClassCountriesPickle(file, Int32Array.of(3, -1)))).toEqual(
      new RangeError("writeClassCountriesPickle: expected `countries` to be an integer >= 0, got -1"),
    );
    expect(readdirSync(folder.path)).not.toContain("no-countries.pkl");
  });
});

describe("readSearchGroundTruthPickle", () => {
  it("reads what is right and what is ignored for each query", async () => {
    expect(await readSearchGroundTruthPickle(`${files}GLDv2_search_label_competition_2021.pkl`)).toEqual({
      queries: ["000f0a0b00000001", "000f0a0b00000002"],
      relevant: [["00000000000000a1", "00000000000000a3"], []],
      ignored: [["000f0a0b00000001", "00000000000000a2"], ["000f0a0b00000002"]],
    });
  });

  it("gives images that come twice once, and those also ignored as ignored only", async () => {
    const item = (id: string, ignore: string): string =>
      `(dVimage_name\nV${id}/${id}.jpg\nsVignore\n${ignore}\nsa`;
    const list = ["a", "b", "c", "a", "d", "d", "q"].map((id, i) =>
      item(id, i === 1 || i === 4 ? "I01" : "I00"),
    );
    const twice = item("b", "I00") + item("b", "I01");
    const pickled = `(dVq\n(dVimage_name\nVq/q.jpg\nsVpos_gallery_list\n(l${list.join("")}${twice}ss.`;
    expect(await readSearchGroundTruthPickle(folder.write("twice.pkl", pickled))).toEqual({
      queries: ["q"],
      relevant: [["a", "c"]],
      ignored: [["q", "b", "d"]],
    });
  });

  it.each([
    ["(dVq\n(lss.", "bad-pickle expected 2 values on the stack, got 1 at byte 9"],
    ["(dVq\nI1\ns.", "bad-value expected a dictionary of query 0, got the number 1"],
    ["(dVq\n(ds.", "bad-value expected a string as image_name of query 0, got nothing"],
    ["(dVq\n(dVimage_name\nVq/q.jpg\nss.", "bad-value expected a list of images of query q, got nothing"],
    [
      "(dVq\n(dVimage_name\nVq/q.jpg\nsVpos_gallery_list\n(l(dVimage_name\nVa/a.jpg\nsVignore\nNsass.",
      "bad-value expected True or False as ignore of image a, got None",
    ],
  ])("refuses %j", async (pickled, message) => {
    expect(await refusalOf(pickled, readSearchGroundTruthPickle)).toBe(message);
  });
});
