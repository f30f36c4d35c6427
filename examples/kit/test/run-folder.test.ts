import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRunFolder, runStage, type StageEvent, UserError, writeWhole } from "@lmk-example/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder = "";
let events: string[] = [];
const onStage = (name: string, { kind }: StageEvent): void => void events.push(`${name} ${kind}`);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-run-"));
  events = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write =
  (text: string) =>
  async (place: string): Promise<void> =>
    writeWhole(join(place, "out.txt"), text);

describe("runStage", () => {
  it("runs a stage once, and again only when its settings or an earlier stage's change", async () => {
    const run = openRunFolder(folder, onStage);
    const first = await runStage(run, "first", { settings: { a: 1 } }, write("1"));
    const second = await runStage(run, "second", { settings: {}, after: [first] }, write("2"));
    expect(await runStage(run, "first", { settings: { a: 1 } }, write("x"))).toEqual(first);
    expect(await runStage(run, "second", { settings: {}, after: [first] }, write("x"))).toEqual(second);
    const changed = await runStage(run, "first", { settings: { a: 2 } }, write("3"));
    await runStage(run, "second", { settings: {}, after: [changed] }, write("4"));
    expect(events).toEqual([
      "first begin",
      "first done",
      "second begin",
      "second done",
      "first skip",
      "second skip",
      "first begin",
      "first done",
      "second begin",
      "second done",
    ]);
  });

  it("goes on with the files of an interrupted stage, and removes those of other settings", async () => {
    const run = openRunFolder(folder, onStage);
    const interrupted = async (place: string): Promise<void> => {
      writeFileSync(join(place, "part"), "half");
      throw new RangeError("killed");
    };
    await expect(runStage(run, "s", { settings: 1 }, interrupted)).rejects.toThrow("killed");
    await runStage(run, "s", { settings: 1 }, async (place) =>
      expect(existsSync(join(place, "part"))).toBe(true),
    );
    expect(events).toEqual(["s begin", "s resume", "s done"]);
    await runStage(run, "s", { settings: 2 }, async (place) =>
      expect(readdirSync(place)).toEqual(["begun.json"]),
    );
  });
});

describe("openRunFolder", () => {
  it("makes the folder and leaves nothing in it", () => {
    openRunFolder(join(folder, "a", "b"));
    expect(readdirSync(join(folder, "a", "b"))).toEqual([]);
  });

  it("names a folder that cannot be written, and the way out", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const path = join(file, "run");
    expect(() => openRunFolder(path)).toThrow(
      new UserError(`${path}: expected a run folder that can be written, got ENOTDIR; pass --run DIR`),
    );
  });
});
