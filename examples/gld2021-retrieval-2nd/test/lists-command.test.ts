// A process of its own (vitest.config.ts says why), as a command of the program keeps what it was given.
// @vitest-environment-options { "alone": "gld2021-retrieval-2nd lists-command" }
import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readClassCountriesPickle, readImageListPickle } from "@lmk/data";
import { generateLandmarks } from "@lmk/data/landmarks";
import { UserError } from "@lmk-example/kit";
import { expect, it } from "vitest";
import { printedBy } from "../../kit/test/printed-by.ts";
import { generateListCommand } from "../src/commands/generate-list.ts";
import { authorsLists, gldv2, rowsOf, temporaryFolder, writeCountryInfo } from "./golden-lists.ts";

const folder = temporaryFolder();

const files = [
  "cache_all_list.pkl",
  "cache_c2f_list.pkl",
  "cache_clean_list.pkl",
  "cache_full_list.pkl",
  "cache_index_train_list.pkl",
  "gbid2country.pkl",
];

/** Options of a command stay set from one call to the next, so that each call gives all of them. */
async function generateList(rawImageDir: string, cache: string, countries: string): Promise<string> {
  const args = ["--raw-image-dir", rawImageDir, "--cache", cache, "--countries", countries];
  return (await printedBy(generateListCommand, ...args)).join("");
}

it("writes the authors' lists, row by row, also over what is there", async () => {
  const cache = join(folder, "new", "cache");
  const countries = join(folder, "country_info");
  writeCountryInfo(countries);
  for (let time = 0; time < 2; time++) {
    const shown = await generateList(gldv2, cache, countries);
    expect(readdirSync(cache).sort()).toEqual(files);
    for (const file of files) expect(shown).toContain(`${join(cache, file)}\n`);
    const rows = shown.split("\n").filter((line) => /│ +[\d,]+ │$/.test(line));
    expect(
      rows.map((line) =>
        line
          .split("│")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
    ).toEqual([
      ["clean", "training, stage 1", "38", "8", "0", "1,580,470", "81,313"],
      ["c2f", "training, stage 2", "57", "8", "0", "3,223,078", "81,313"],
      ["full", "training, stage 3", "104", "14", "0", "4,132,914", "203,094"],
      ["index_train", "re-ranking", "135", "14", "0", "–", "203,094"],
      ["all", "training, stage 4", "168", "14", "5", "4,825,830", "203,094"],
    ]);
  }
  for (const file of files.slice(0, 5)) {
    const ours = await readImageListPickle(join(cache, file));
    const authors = await readImageListPickle(join(authorsLists, file));
    expect(rowsOf(ours)).toEqual(rowsOf(authors));
    expect(ours.paths.at(0)).toBe(
      join(gldv2, authors.paths.at(0).slice(authors.paths.at(0).indexOf("train/"))),
    );
  }
  expect(await readClassCountriesPickle(join(cache, "gbid2country.pkl"))).toEqual(
    await readClassCountriesPickle(join(authorsLists, "gbid2country.pkl")),
  );
});

it("takes an object of codes as the original does, by its keys", async () => {
  const countries = join(folder, "by-keys");
  writeCountryInfo(countries, { PT: "Portugal", XK: 1, RU: 2, OTHER: 3, NA: 4, FR: 5 });
  const cache = join(folder, "by-keys-cache");
  await generateList(gldv2, cache, countries);
  const authors = await readClassCountriesPickle(join(authorsLists, "gbid2country.pkl"));
  const numbers = await readClassCountriesPickle(join(cache, "gbid2country.pkl"));
  const before = Array.from(authors, (number) => ["FR", "NA", "OTHER", "RU", "XK", "PT"][number]);
  const after = Array.from(numbers, (number) => ["PT", "XK", "RU", "OTHER", "NA", "FR"][number]);
  // The category that France and Portugal list belongs to the one that is read last.
  const changed = before.flatMap((code, classId) =>
    code === after[classId] ? [] : [[code, after[classId]]],
  );
  expect(changed).toEqual([["PT", "FR"]]);
});

it("says what it misses, and writes nothing", async () => {
  const cache = join(folder, "none");
  const refusal = async (raw: string, countries: string): Promise<unknown> =>
    generateList(raw, cache, countries).catch((error: unknown) => error);
  const nowhere = join(folder, "nowhere");
  expect(await refusal(nowhere, nowhere)).toEqual(
    new UserError(`${nowhere}: expected the folder of Google Landmarks v2, got none; check --raw-image-dir`),
  );
  expect(await refusal(gldv2, nowhere)).toEqual(
    new UserError(
      `${nowhere}: expected a folder with the countries of landmarks, got none; put the <CODE>.json of https://storage.googleapis.com/gld-v2/data/train/country/ and continent_codes.csv there, or name it by --countries`,
    ),
  );
  const empty = join(folder, "no-tables");
  cpSync(join(gldv2, "test"), empty, { recursive: true });
  expect(await refusal(empty, nowhere)).toMatchObject({
    code: "missing-file",
    message: `${join(empty, "train", "train.csv")}: expected a file, got none`,
  });
  const countries = join(folder, "bad-countries");
  writeCountryInfo(countries, ["FR", "Portugal"]);
  const codesFile = join(countries, "country_codes.json");
  expect(await refusal(gldv2, countries)).toEqual(
    new UserError(
      `${codesFile}: expected codes of countries such as PT or OTHER, got "Portugal"; mend the file, or remove it to take all .json beside it`,
    ),
  );
  rmSync(codesFile);
  rmSync(join(countries, "NA.json"));
  expect(await refusal(gldv2, countries)).toMatchObject({
    name: "UserError",
    message: expect.stringMatching(
      /bad-countries: joinCountries: expected `countries` to list every category, got none for "Place_\d+"; add it to its \.json, or to continent_codes\.csv$/,
    ),
  });
  expect(existsSync(cache)).toBe(false);
});

it("lists generated landmarks by the countries of their own table", async () => {
  const root = join(folder, "landmarks");
  const cache = join(folder, "landmarks-cache");
  await generateLandmarks(root, {
    landmarks: 4,
    trainImages: 12,
    indexImages: 6,
    testImages: 3,
    longSide: 64,
  });
  generateListCommand.setOptionValue("countries", undefined);
  await printedBy(generateListCommand, "--raw-image-dir", root, "--cache", cache);
  const { length, tags } = await readImageListPickle(join(cache, "cache_all_list.pkl"));
  expect(length).toBeGreaterThan(12);
  expect(tags.codes.every((code) => code >= 0)).toBe(true);
  const { paths } = await readImageListPickle(join(cache, "cache_full_list.pkl"));
  for (let row = 0; row < paths.length; row++) expect(existsSync(paths.at(row))).toBe(true);
});
