import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readJsonLinesLog } from "@lmk/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingMpich, mpichNote, mpirunTwo } from "../../kit/test/mpich.ts";
import { runTraining } from "../src/run-training.ts";
import { generateTiny, tinyTraining } from "./tiny-training.ts";

const program = fileURLToPath(new URL("./programs/train-tiny.ts", import.meta.url));

describe.skipIf(missingMpich !== undefined)(`two processes${mpichNote}`, () => {
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lmk-training-mpi-"));
    await generateTiny(join(folder, "images"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("with a device each train as one that takes both after each other", { timeout: 120_000 }, async () => {
    const images = join(folder, "images");
    const { code, output } = await mpirunTwo(program, images, join(folder, "two"));
    expect({ code, output }).toEqual({ code: 0, output: "" });
    await runTraining({ ...(await tinyTraining(images, join(folder, "one"))), maxSteps: 4 });

    const lossesIn = async (name: string): Promise<readonly number[]> => {
      const { steps } = await readJsonLinesLog(join(folder, name, "history.jsonl"));
      return steps.map(({ loss }) => loss);
    };
    const [two, alone] = [await lossesIn("two"), await lossesIn("one")];
    expect([two.length, alone.length]).toEqual([4, 4]);
    // With batch norm over both devices, already the first loss would be another one.
    two.forEach((loss, step) => {
      expect(Math.abs(loss / alone[step]! - 1)).toBeLessThan(2e-5);
    });
    expect(existsSync(join(folder, "two", "resnet50_1.safetensors"))).toBe(true);
  });
});
