import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readJsonLinesLog } from "@lmk/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingMpich, mpichNote, mpirunTwo } from "../../kit/test/mpich.ts";
import { historyFile, runTraining } from "../src/run-training.ts";
import { generateTiny, tinyTraining } from "./tiny-training.ts";

const program = fileURLToPath(new URL("./programs/train-tiny.ts", import.meta.url));

describe.skipIf(missingMpich !== undefined)(`two processes${mpichNote}`, () => {
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lmk-training-mpi-"));
    await generateTiny(join(folder, "images"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("with 4 images each train as one with 8", { timeout: 120_000 }, async () => {
    const images = join(folder, "images");
    const { code, output } = await mpirunTwo(program, images, join(folder, "two"));
    expect({ code, output }).toEqual({ code: 0, output: "" });
    const one = await tinyTraining(images, join(folder, "one"));
    await runTraining({ ...one, run: { ...one.run, stopAtEpoch: 2 } });

    const lossesIn = async (name: string): Promise<readonly number[]> => {
      const { steps } = await readJsonLinesLog(historyFile(join(folder, name, "logs"), one.run));
      return steps.map(({ loss }) => loss);
    };
    const [two, alone] = [await lossesIn("two"), await lossesIn("one")];
    expect(two.length).toBeGreaterThan(3);
    expect(two.length).toBe(alone.length);
    // With batch norm of each process alone, already the first loss is another one.
    two.forEach((loss, step) => {
      expect(Math.abs(loss / alone[step]! - 1)).toBeLessThan(2e-5);
    });
    const log = readFileSync(join(folder, "two", "logs", "b3_tiny.txt"), "utf8");
    expect(log.trimEnd().split("\n").length).toBe(2);
  });
});
