import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CompletedStage,
  openRunFolder,
  type PartedWork,
  type RunFolder,
  runPartedStage,
  runStage,
  type Shard,
  type StageSettings,
  UserError,
  writeWhole,
} from "@lmk-example/kit";
import { afterEach, beforeEach, expect, it } from "vitest";

let folder = "";
let events: string[] = [];
let made: number[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-parts-"));
  events = [];
  made = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(name: string, how: Partial<RunFolder> = {}): RunFolder {
  const run = openRunFolder(join(folder, name), (stage, { kind }) => events.push(`${stage} ${kind}`));
  return { ...run, ...how };
}

const shardOf = (index: number, count: number, target = "work"): { target: string; shard: Shard } => ({
  target,
  shard: { index, count },
});

/** Seven parts, joined into one text. */
function work(run: RunFolder, settings: StageSettings = { settings: 1 }, own: Partial<PartedWork> = {}) {
  return runPartedStage(
    run,
    "work",
    { ...settings, parts: 7 },
    {
      extension: "txt",
      async makePart(part, path) {
        writeWhole(path, `part ${part} of ${settings.settings}\n`);
        made.push(part);
      },
      async finish(output, paths) {
        writeWhole(join(output, "joined.txt"), paths.map((path) => readFileSync(path, "utf8")).join(""));
      },
      ...own,
    },
  );
}

const joined = (stage: CompletedStage): string => readFileSync(join(stage.folder, "joined.txt"), "utf8");
const partsOf = ({ folder, key }: CompletedStage): string => `${folder}.parts-${key}`;

it("makes of three shards and a merge what one process makes, to the byte", async () => {
  const alone = await work(open("alone"));
  made = [];
  events = [];
  for (const index of [2, 0, 1]) await work(open("shared", { sharing: shardOf(index, 3) }));
  expect(made).toEqual([2, 5, 0, 3, 6, 1, 4]);
  const shared = await work(open("shared", { mergeOnly: true }));
  expect(made).toHaveLength(7);
  expect(joined(shared)).toBe(joined(alone));
  expect(joined(shared)).toMatch(/^part 0 of 1\npart 1 of 1\n.*part 6 of 1\n$/s);
  expect(shared.key).toBe(alone.key);
  expect(events).toEqual(["work shared", "work shared", "work shared", "work begin", "work done"]);
  expect(readdirSync(join(folder, "shared"))).toEqual(["work"]);
});

it("names the parts that are missing, and joins nothing", async () => {
  const stage = await work(open("run", { sharing: shardOf(1, 3) }));
  await expect(work(open("run", { mergeOnly: true }))).rejects.toThrow(
    new UserError(
      `merge: expected all 7 parts of work, got 2; missing part-000000.txt, part-000002.txt, part-000003.txt, part-000005.txt, part-000006.txt in ${partsOf(stage)}; run the shards again`,
    ),
  );
  expect(existsSync(stage.folder)).toBe(false);
});

it("leaves nothing under the name of a part that was not finished, and goes on with it", async () => {
  const killed = async (part: number, path: string): Promise<void> => {
    writeWhole(path, `part ${part} of 1\n`);
    if (part < 3) return;
    rmSync(path);
    writeFileSync(`${path}.0123abcd.part`, "pa");
    throw new RangeError("killed");
  };
  await expect(work(open("run"), undefined, { makePart: killed })).rejects.toThrow("killed");
  const stage = await work(open("run"), undefined, { keepParts: true });
  expect(made).toEqual([3, 4, 5, 6]);
  expect(events).toEqual(["work begin", "work resume", "work done"]);
  expect(readdirSync(partsOf(stage))).toEqual([0, 1, 2, 3, 4, 5, 6].map((part) => `part-00000${part}.txt`));
});

it("starts anew with other settings, and keeps the parts of the old ones until it is complete", async () => {
  const old = await work(open("run", { sharing: shardOf(0, 2) }));
  const failing = async (): Promise<void> => {
    throw new RangeError("killed");
  };
  await expect(work(open("run"), { settings: 2 }, { makePart: failing })).rejects.toThrow("killed");
  expect(existsSync(partsOf(old))).toBe(true);
  made = [];
  const other = await work(open("run"), { settings: 2 });
  expect(made).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(joined(other)).toContain("part 6 of 2");
  expect(readdirSync(join(folder, "run"))).toEqual(["work"]);
});

it("skips a stage that is complete, also in a shard and in a merge", async () => {
  const stage = await work(open("run"));
  made = [];
  events = [];
  for (const how of [{}, { sharing: shardOf(0, 2) }, { mergeOnly: true }]) {
    expect(await work(open("run", how))).toEqual(stage);
  }
  expect(made).toEqual([]);
  expect(events).toEqual(["work skip", "work skip", "work skip"]);
});

it("ends a shard whose parts another process joins meanwhile", async () => {
  const alone = open("run");
  const stage = await work(open("run", { sharing: shardOf(0, 1) }), undefined, {
    async makePart(part, path) {
      writeWhole(path, `part ${part} of 1\n`);
      if (part === 2) await work(alone);
    },
  });
  expect(made).toEqual([3, 4, 5, 6]);
  expect(joined(stage)).toContain("part 6 of 1");
  expect(readdirSync(join(folder, "run"))).toEqual(["work"]);
});

it("does no work of another stage in a shard or a merge", async () => {
  const first = (run: RunFolder): Promise<CompletedStage> =>
    runStage(run, "first/a", { settings: 1 }, async () => undefined);
  await expect(first(open("run", { sharing: shardOf(0, 2) }))).rejects.toThrow(
    new UserError(
      "a shard of work: expected stage first/a to be complete, got it unfinished; run what comes before work first",
    ),
  );
  await expect(first(open("run", { mergeOnly: true }))).rejects.toThrow(
    new UserError("merge: expected stage first/a to be complete, got it unfinished; run first first"),
  );
  await expect(work(open("run", { sharing: shardOf(0, 2, "other") }))).rejects.toThrow(
    "a shard of other: expected stage work to be complete",
  );
  const after = [await first(open("run"))];
  await work(open("run", { sharing: shardOf(0, 2) }), { settings: 1, after });
  expect(made).toEqual([0, 2, 4, 6]);
});

it("shares all stages of a target", async () => {
  const stages = ["work/a", "work/b", "workshop"].map(
    (name) => (run: RunFolder) =>
      runPartedStage(
        run,
        name,
        { settings: 1, parts: 2 },
        { makePart: async (part) => void made.push(part) },
      ),
  );
  const run = open("run", { sharing: shardOf(1, 2) });
  await stages[0]!(run);
  await stages[1]!(run);
  expect(made).toEqual([1, 1]);
  await expect(stages[2]!(run)).rejects.toThrow("expected stage workshop to be complete");
});

it("refuses to complete a stage when a run with other settings took its folder, or that of a stage before it", async () => {
  const first = await runStage(open("run"), "first", { settings: 1 }, async () => undefined);
  const taking = (name: string) => async (): Promise<void> => {
    await runStage(open("run"), name, { settings: "other" }, async () => undefined);
  };
  for (const name of ["work", "first"]) {
    await expect(
      work(open("run"), { settings: 1, after: [first] }, { finish: taking(name) }),
    ).rejects.toThrow(
      new UserError(
        `work: expected ${join(folder, "run", name)} to stay as it was, got it changed by a run with other settings; pass --run DIR to one of the two, and run again`,
      ),
    );
  }
});
