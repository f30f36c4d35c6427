import { DataFormatError, joinCountries, readContinentsCsv, readCountryFolder } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();

function writeCountries(name: string, files: Readonly<Record<string, unknown>>): string {
  for (const [code, value] of Object.entries(files)) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    folder.write(`${name}/${code}.json`, text);
  }
  return `${folder.path}/${name}`;
}

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const error = await rejectionOf(promise);
  if (!DataFormatError.isInstance(error)) throw error;
  return `${error.code} ${error.message.replace(folder.path, "")}`;
}

describe("readCountryFolder", () => {
  it("reads all files by name, later ones over earlier ones", async () => {
    const path = writeCountries("all", {
      PT: [{ name: "Torre_de_Belém", id: 3 }, { name: "Border" }],
      FR: [{ name: "Border" }],
      OTHER: [],
      "country-codes": [],
    });
    const { codes, countryOf } = await readCountryFolder(path);
    expect(codes).toEqual(["FR", "OTHER", "PT"]);
    expect([...countryOf]).toEqual([
      ["Border", "PT"],
      ["Torre_de_Belém", "PT"],
    ]);
  });

  it("reads the codes it is given, in their order", async () => {
    const path = writeCountries("order", {
      PT: [{ name: "Border" }],
      FR: [{ name: "Border" }],
      US: "broken",
    });
    const { codes, countryOf } = await readCountryFolder(path, { codes: ["PT", "FR"] });
    expect([codes, countryOf.get("Border")]).toEqual([["PT", "FR"], "FR"]);
  });

  it("names what is missing or broken", async () => {
    expect(await refusalOf(readCountryFolder(`${folder.path}/gone`))).toBe(
      "missing-file /gone: expected a folder, got none",
    );
    expect(await refusalOf(readCountryFolder(folder.write("file", "")))).toBe(
      "unreadable-file /file: expected a readable folder, got ENOTDIR",
    );
    expect(await refusalOf(readCountryFolder(writeCountries("none", { readme: [] })))).toBe(
      "missing-file /none: expected <code>.json files, got none",
    );
    const path = writeCountries("bad", {
      AA: "{",
      BB: {},
      CC: [{ name: "x" }, { title: "x" }],
      DD: [{ name: 3 }],
      EE: [{ name: "x" }, { name: "y" }, "z"],
    });
    folder.write("bad/FF.json/readme.md", "");
    const read = (code: string): Promise<string> => refusalOf(readCountryFolder(path, { codes: [code] }));
    expect(await read("ZZ")).toBe("missing-file /bad/ZZ.json: expected a file, got none");
    expect(await read("AA")).toBe("bad-value /bad/AA.json: expected JSON, got something else");
    expect(await read("BB")).toBe(
      "bad-value /bad/BB.json: expected a list of categories, got a dictionary of 0",
    );
    expect(await read("CC")).toBe("bad-value /bad/CC.json: expected a string as name of item 1, got nothing");
    expect(await read("DD")).toBe(
      "bad-value /bad/DD.json: expected a string as name of item 0, got the number 3",
    );
    expect(await read("EE")).toBe(
      'bad-value /bad/EE.json: expected a dictionary as item 2, got the string "z"',
    );
    expect(await read("FF")).toBe("unreadable-file /bad/FF.json: expected a readable file, got EISDIR");
  });
});

describe("readContinentsCsv", () => {
  it("keeps the last row of a code, takes NA as a code and skips rows without one", async () => {
    const file = folder.write(
      "continents.csv",
      "Continent_Name,Continent_Code,Country_Name,Two_Letter_Country_Code\n" +
        'Europe,EU,"Russian Federation",RU\nAsia,AS,"Russian Federation",RU\n' +
        'Africa,AF,"Namibia, Republic of",NA\nAsia,AS,Disputed Territory,\n',
    );
    expect([...(await readContinentsCsv(file))]).toEqual([
      ["RU", "Asia"],
      ["NA", "Africa"],
    ]);
    expect(await refusalOf(readContinentsCsv(folder.write("other.csv", "a,b\n1,2\n")))).toBe(
      'bad-header /other.csv:1: expected a header with Continent_Name,Two_Letter_Country_Code, got "a,b"',
    );
  });
});

describe("joinCountries", () => {
  const categories = {
    landmarkIds: Int32Array.of(9, 4, 6, 2),
    categories: { values: ["Tower", "Bridge", "Dune"], codes: Int32Array.of(1, 0, 2, 1) },
  };
  const countryOf = new Map([
    ["Tower", "OTHER"],
    ["Bridge", "XK"],
    ["Dune", "NA"],
  ]);

  it("gives each landmark its country and continent, and OTHER and Kosovo theirs", () => {
    const countries = { codes: ["NA", "OTHER", "XK"], countryOf };
    expect(joinCountries({ categories, countries, continents: new Map([["NA", "Africa"]]) })).toEqual({
      landmarkIds: Int32Array.of(9, 4, 6, 2),
      countries: { values: ["XK", "OTHER", "NA"], codes: Int32Array.of(0, 1, 2, 0) },
      continents: { values: ["Europe", "OTHER", "Africa"], codes: Int32Array.of(0, 1, 2, 0) },
    });
  });

  it("refuses a category without country and a country without continent", () => {
    const none = { codes: [], countryOf: new Map<string, string>() };
    expect(() => joinCountries({ categories, countries: none, continents: new Map() })).toThrow(
      new RangeError('joinCountries: expected `countries` to list every category, got none for "Bridge"'),
    );
    const countries = { codes: ["NA", "OTHER", "XK"], countryOf };
    expect(() => joinCountries({ categories, countries, continents: new Map() })).toThrow(
      new RangeError('joinCountries: expected `continents` to list every country, got none for "NA"'),
    );
  });
});
