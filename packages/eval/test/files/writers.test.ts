import {
  joinText,
  readRecognitionPredictions,
  readRecognitionSolution,
  readRetrievalPredictions,
  readRetrievalSolution,
  writeRecognitionPredictions,
  writeRecognitionSolution,
  writeRetrievalPredictions,
  writeRetrievalSolution,
} from "@lmk/eval/files";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const seed = 20211;
const id = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[\s,"]/.test(text));
const usage = fc.constantFrom("Public" as const, "Private" as const, "Ignored" as const);
const byId = { selector: (row: { readonly id: string }) => row.id };

describe("what is written is read back unchanged", () => {
  it("retrieval predictions, those without images left out", async () => {
    const row = fc.record({ id, images: fc.array(id, { maxLength: 5 }) });
    const property = fc.asyncProperty(fc.uniqueArray(row, byId), async (rows) => {
      const text = await joinText(writeRetrievalPredictions(rows));
      const expected = rows.filter(({ images }) => images.length > 0).map((row) => [row.id, row.images]);
      expect([...(await readRetrievalPredictions(text))]).toEqual(expected);
      expect(
        await joinText(writeRetrievalPredictions(new Map(rows.map((row) => [row.id, row.images])))),
      ).toBe(text);
    });
    await fc.assert(property, { seed });
  });

  it("recognition predictions, scores to the last bit", async () => {
    const score = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    const row = fc.record({ id, label: fc.maxSafeInteger().map((value) => value + 0), score });
    const property = fc.asyncProperty(fc.uniqueArray(row, byId), async (rows) => {
      const text = await joinText(writeRecognitionPredictions(rows));
      expect(await readRecognitionPredictions(text)).toEqual(rows);
    });
    await fc.assert(property, { seed });
  });

  it("retrieval solutions", async () => {
    const images = fc.uniqueArray(id, { maxLength: 5 }).filter((list) => list.join() !== "None");
    const row = fc.record({ id, images, usage });
    const property = fc.asyncProperty(fc.uniqueArray(row, byId), async (rows) => {
      const expected = rows.map((row) => (row.usage === "Ignored" ? { ...row, images: [] } : row));
      expect(await readRetrievalSolution(writeRetrievalSolution(rows))).toEqual(expected);
    });
    await fc.assert(property, { seed });
  });

  it("recognition solutions", async () => {
    const row = fc.record({ id, landmarks: fc.array(fc.nat(), { maxLength: 5 }), usage });
    const property = fc.asyncProperty(fc.uniqueArray(row, byId), async (rows) => {
      const expected = rows.map((row) => (row.usage === "Ignored" ? { ...row, landmarks: [] } : row));
      expect(await readRecognitionSolution(writeRecognitionSolution(rows))).toEqual(expected);
    });
    await fc.assert(property, { seed });
  });
});

describe("writers", () => {
  it("give a row to each id without a prediction", async () => {
    const ids = ["c", "a", "b"];
    expect(await joinText(writeRetrievalPredictions([{ id: "a", images: ["x"] }], { ids }))).toBe(
      "id,images\na,x\nc,\nb,\n",
    );
    expect(await joinText(writeRecognitionPredictions([], { ids }))).toBe("id,landmarks\nc,\na,\nb,\n");
  });

  it("write None for the images of ignored queries", async () => {
    const rows = [{ id: "q", images: ["x"], usage: "Ignored" as const }];
    expect(await joinText(writeRetrievalSolution(rows))).toBe("id,images,Usage\nq,None,Ignored\n");
  });

  it("take rows as they come and give chunks as they fill", async () => {
    let made = 0;
    async function* rows(): AsyncGenerator<{ id: string; images: string[] }> {
      for (; made < 20_000; made++) yield { id: `q${made}`, images: ["a", "b", "c"] };
    }
    const chunks = writeRetrievalPredictions(rows());
    const first = await chunks.next();
    expect(String(first.value).length).toBeGreaterThan(60_000);
    expect(made).toBeLessThan(10_000);
    const rest = await joinText(chunks);
    expect((await readRetrievalPredictions(first.value + rest)).size).toBe(20_000);
  });

  it.each(["", "a b", "a,b", 'a"b', "a\nb"])("refuse the id %j", async (bad) => {
    const message = (caller: string, argument: string) =>
      `${caller}: expected \`${argument}\` to be ids without blanks, commas and quotes, got ${JSON.stringify(bad)}`;
    await expect(joinText(writeRetrievalPredictions([{ id: bad, images: ["x"] }]))).rejects.toThrow(
      new RangeError(message("writeRetrievalPredictions", "id")),
    );
    await expect(joinText(writeRetrievalPredictions([{ id: "a", images: [bad] }]))).rejects.toThrow(
      new RangeError(message("writeRetrievalPredictions", "images")),
    );
    await expect(
      joinText(writeRetrievalSolution([{ id: "a", images: [bad], usage: "Public" }])),
    ).rejects.toThrow(new RangeError(message("writeRetrievalSolution", "images")));
    await expect(
      joinText(writeRecognitionSolution([{ id: bad, landmarks: [], usage: "Public" }])),
    ).rejects.toThrow(new RangeError(message("writeRecognitionSolution", "id")));
  });

  it("refuse an id that comes again, labels that are no whole numbers and scores that are not finite", async () => {
    const twice = [
      { id: "a", label: 1, score: 1 },
      { id: "a", label: 1, score: 2 },
    ];
    await expect(joinText(writeRecognitionPredictions(twice))).rejects.toThrow(
      new RangeError('writeRecognitionPredictions: expected each `id` once, got "a" again'),
    );
    await expect(joinText(writeRecognitionPredictions([{ id: "a", label: 0.5, score: 1 }]))).rejects.toThrow(
      new RangeError("writeRecognitionPredictions: expected labels to be whole numbers, got 0.5"),
    );
    await expect(
      joinText(writeRecognitionPredictions([{ id: "a", label: 1, score: Number.NaN }])),
    ).rejects.toThrow(new RangeError("writeRecognitionPredictions: expected `score` to be finite, got NaN"));
    await expect(
      joinText(writeRecognitionSolution([{ id: "a", landmarks: [2 ** 53], usage: "Public" }])),
    ).rejects.toThrow(
      new RangeError("writeRecognitionSolution: expected labels to be whole numbers, got 9007199254740992"),
    );
  });
});
