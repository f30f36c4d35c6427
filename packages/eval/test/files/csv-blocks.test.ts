import { FileFormatError } from "@lmk/eval/files";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCsvBlocks } from "../../src/files/csv-blocks.ts";

const seed = 2019;

/** Records with the lines they start on, from a text cut at given places. */
async function read(
  text: string,
  cuts: readonly number[],
): Promise<[line: number, fields: readonly string[]][]> {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  async function* chunks(): AsyncGenerator<string> {
    for (let i = 1; i < places.length; i++) yield text.slice(places[i - 1], places[i]);
  }
  const records: [number, readonly string[]][] = [];
  for await (const block of readCsvBlocks(chunks(), "")) {
    let line = block.line;
    for (const fields of block.records) {
      records.push([line, fields]);
      line += 1;
      if (block.hasQuotes) line += fields.join("").split("\n").length - 1;
    }
  }
  return records;
}

const field = fc.string({ unit: fc.constantFrom('"', ",", "\n", "a", " ", "é"), maxLength: 6 });
const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

describe("readCsvBlocks", () => {
  it("gives the same records and lines wherever the text is cut", async () => {
    const table = fc.array(fc.array(field, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 });
    const cuts = fc.array(fc.nat(), { maxLength: 12 });
    const property = fc.asyncProperty(table, cuts, fc.boolean(), async (rows, places, endsInLine) => {
      const text = rows.map((row) => row.map(quoted).join(",")).join("\n") + (endsInLine ? "\n" : "");
      let line = 1;
      const expected = rows.map((fields): [number, readonly string[]] => {
        const start = line;
        line += fields.join("").split("\n").length;
        return [start, fields];
      });
      if (!endsInLine && rows.at(-1)!.join(",") === "") expected.pop();
      expect(await read(text, places)).toEqual(expected);
    });
    await fc.assert(property, { seed, numRuns: 500 });
  });

  it("finds a stray quote wherever the text is cut, and its line", async () => {
    for (const text of ['a,b\nc,d"e\n', 'a,b\n"c"d,e\n', 'a,b\n"c,d\n', 'a,b\n"c""d,e']) {
      for (let cut = 0; cut <= text.length; cut++) {
        const error = await read(text, [cut]).catch((reason: unknown) => reason);
        if (!FileFormatError.isInstance(error))
          throw new Error(`accepted ${JSON.stringify(text)} cut at ${cut}`);
        expect([error.code, error.line]).toEqual(["bad-quote", 2]);
      }
    }
  });
});
