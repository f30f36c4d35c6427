import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type NamedArrays,
  openCheckpoints,
  runStages,
  type Stage,
  type StageRunner,
  TrainingError,
} from "@lmk/train";
import { afterEach, describe, expect, it } from "vitest";
import { chains2020, chains2021 } from "./solution-chains.ts";

const value = (number: number) => ({ shape: [1], data: Float32Array.of(number) });

/**
 * Stages that "train" by adding 1 to the weight `w` in each epoch; weights are kept in a map. The head has a size of its
 * own.
 */
function createRunner(options: {
  readonly epochs: number;
  readonly classes: (stage: Stage) => number;
  readonly head: string;
  readonly prefix?: string;
}) {
  const { epochs, classes, head, prefix = "" } = options;
  const complete = new Set<string>();
  const weights = new Map<string, NamedArrays>();
  const log: string[] = [];
  const runner: StageRunner<Stage> = {
    isComplete: ({ name }) => complete.has(name),
    initial: (stage) => ({
      w: value(0),
      [head]: { shape: [classes(stage), 1], data: new Float32Array(classes(stage)).fill(-1) },
    }),
    load: ({ name }, epoch) => {
      log.push(`load ${name}${epoch === undefined ? "" : ` ${epoch}`}`);
      return weights.get(`${name} ${epoch ?? epochs}`)!;
    },
    run: async ({ name, keepEpochs = [] }, start) => {
      const { parameters } = await start();
      log.push(`run ${name}`);
      for (let epoch = 1; epoch <= epochs; epoch++) {
        if (epoch < epochs && !keepEpochs.includes(epoch)) continue;
        const trained = { ...parameters, w: value(parameters.w.data[0] + epoch) };
        weights.set(
          `${name} ${epoch}`,
          Object.fromEntries(Object.entries(trained).map(([key, array]) => [`${prefix}${key}`, array])),
        );
      }
      complete.add(name);
    },
  };
  return { runner, complete, weights, log };
}

describe("the chains of the solutions", () => {
  const classes2020 = ({ name }: Stage) => (name.endsWith("step0") ? 5 : 3);

  it("runs 2020's nine members with one run of step 1 for the two of B6", async () => {
    const options = { epochs: 40, classes: classes2020, head: "metric_classify.weight" };
    const { runner, weights, log } = createRunner(options);
    const { ran, skipped } = await runStages(chains2020, runner);
    expect(ran).toEqual(chains2020.map(({ name }) => name));
    expect(skipped).toEqual([]);
    expect(log.filter((line) => line === "run b6-step1")).toHaveLength(1);
    expect(log).toContain("load b6-step1 28");
    expect(log).toContain("load b5-step1 16");
    expect(log).toContain("load b5-step1");
    expect(weights.get("b6a-step2 40")!.w.data[0]).toBe(40 + 28 + 40);
    expect(weights.get("b6-step1 40")!.w.data[0]).toBe(40 + 40); // member (b) of B6
    expect(weights.get("b5b-step2 40")!.w.data[0]).toBe(40 + 40 + 40);
    expect(weights.get("b7-step3 40")!["metric_classify.weight"].shape).toEqual([3, 1]);
  });

  it("runs only what one member needs", async () => {
    const options = { epochs: 40, classes: classes2020, head: "metric_classify.weight" };
    const { runner, complete } = createRunner(options);
    expect(await runStages(chains2020, runner, { targets: ["b6a-step2"] })).toEqual({
      ran: ["b6-step0", "b6-step1", "b6a-step2"],
      skipped: [],
    });
    expect(await runStages(chains2020, runner, { targets: ["b6a-step2", "b6-step1"] })).toEqual({
      ran: [],
      skipped: ["b6-step1", "b6a-step2"],
    });
    complete.delete("b6-step0"); // not needed any more, so not missed
    expect((await runStages(chains2020, runner, { targets: ["b6a-step2"] })).ran).toEqual([]);
  });

  it("hands 2021's weights from 384 to 512 and from epoch 2 to all images", async () => {
    const { runner, log, weights } = createRunner({
      epochs: 4,
      classes: ({ name }) => (name === "SER101ibn_512_all" ? 6 : 4),
      head: "classifier.weight",
      prefix: "module.",
    });
    await runStages(chains2021, runner);
    expect(log).toEqual([
      "run SER101ibn_384",
      "load SER101ibn_384",
      "run SER101ibn_384_finetune",
      "load SER101ibn_384_finetune",
      "run SER101ibn_512_finetune",
      "load SER101ibn_512_finetune 2",
      "run SER101ibn_512_all",
    ]);
    const last = weights.get("SER101ibn_512_all 4")!;
    expect(last["module.w"].data[0]).toBe(4 + 4 + 2 + 4);
    expect(last["module.classifier.weight"].shape).toEqual([6, 1]);
  });
});

describe("runStages", () => {
  const folders: string[] = [];
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
  });

  it("goes on in an interrupted stage from its checkpoint, without loading the stage before", async () => {
    const root = await mkdtemp(join(tmpdir(), "lmk-stages-"));
    folders.push(root);
    const stages = [{ name: "first" }, { name: "second", initFrom: { stage: "first" } }];
    const steps = 3;
    const loads: string[] = [];
    const trained: string[] = [];
    const open = (stage: Stage) => openCheckpoints<null>(join(root, stage.name));
    const runner = (killAt?: string): StageRunner<Stage> => ({
      isComplete: async (stage) => (await (await open(stage)).latest()).checkpoint?.step === steps,
      initial: () => ({ w: value(0) }),
      load: async (stage) => {
        loads.push(stage.name);
        return (await (await open(stage)).latest()).checkpoint!.arrays;
      },
      run: async (stage, start) => {
        const checkpoints = await open(stage);
        const { checkpoint } = await checkpoints.latest();
        let arrays = checkpoint?.arrays ?? (await start()).parameters;
        for (let step = (checkpoint?.step ?? 0) + 1; step <= steps; step++) {
          if (`${stage.name} ${step}` === killAt) throw new Error("killed");
          trained.push(`${stage.name} ${step}`);
          arrays = { w: value(arrays.w.data[0] * 2 + 1) };
          await checkpoints.save({ step, arrays, progress: null });
        }
      },
    });
    await expect(runStages(stages, runner("second 2"))).rejects.toThrow("killed");
    expect(loads).toEqual(["first"]);
    expect(await runStages(stages, runner())).toEqual({ ran: ["second"], skipped: ["first"] });
    expect(loads).toEqual(["first"]);
    expect(trained).toEqual(["first 1", "first 2", "first 3", "second 1", "second 2", "second 3"]);
    expect((await (await open(stages[1])).latest()).checkpoint!.arrays.w.data[0]).toBe(2 ** 6 - 1);
  });

  it("tells a stage what was handed over", async () => {
    const reports: unknown[] = [];
    const done = new Set<string>();
    const runner: StageRunner<Stage> = {
      isComplete: ({ name }) => done.has(name),
      initial: () => ({ w: value(0), head: value(1) }),
      load: () => ({ w: value(5), head: value(6) }),
      run: async ({ name }, start) => {
        const { parameters, report } = await start();
        reports.push(parameters.w.data[0], parameters.head.data[0], report?.dropped);
        done.add(name);
      },
    };
    await runStages([{ name: "a" }, { name: "b", initFrom: { stage: "a", drop: ["head"] } }], runner);
    expect(reports).toEqual([0, 1, undefined, 5, 1, ["head"]]);
  });

  it("stops at a stage that is not complete after its run", async () => {
    const ran: string[] = [];
    const runner: StageRunner<Stage> = {
      isComplete: () => false,
      initial: () => ({}),
      load: () => ({}),
      run: async ({ name }) => void ran.push(name),
    };
    const stages = [{ name: "a" }, { name: "b", initFrom: { stage: "a" } }];
    await expect(runStages(stages, runner)).rejects.toThrow(
      new TrainingError(
        "incomplete-stage",
        'runStages: expected the stage "a" to be complete after its run, got an incomplete one; run it again to go on',
      ),
    );
    await expect(runStages(stages, runner)).rejects.toMatchObject({ code: "incomplete-stage" });
    expect(ran).toEqual(["a", "a"]);
  });

  it.each<[string, readonly Stage[], string]>([
    ["a name twice", [{ name: "a" }, { name: "a" }], '`stages` to have different names, got "a" twice'],
    [
      "an unknown source",
      [{ name: "a", initFrom: { stage: "z" } }],
      '`initFrom.stage` of "a" to name a stage, got "z"',
    ],
    [
      "a source listed later",
      [{ name: "a", initFrom: { stage: "b" } }, { name: "b" }],
      '`initFrom.stage` of "a" to be listed before it, got "b": one after it',
    ],
    [
      "itself as the source",
      [{ name: "a", initFrom: { stage: "a" } }],
      '`initFrom.stage` of "a" to be listed before it, got "a": a cycle, a ← a',
    ],
    [
      "a cycle",
      [
        { name: "a", initFrom: { stage: "c" } },
        { name: "b", initFrom: { stage: "a" } },
        { name: "c", initFrom: { stage: "b" } },
      ],
      '`initFrom.stage` of "a" to be listed before it, got "c": a cycle, a ← c ← b ← a',
    ],
    [
      "a source that is in a cycle itself",
      [
        { name: "a", initFrom: { stage: "b" } },
        { name: "b", initFrom: { stage: "c" } },
        { name: "c", initFrom: { stage: "b" } },
      ],
      '`initFrom.stage` of "a" to be listed before it, got "b": one after it',
    ],
    [
      "an epoch that is not kept",
      [
        { name: "a", keepEpochs: [2] },
        { name: "b", initFrom: { stage: "a", epoch: 3 } },
      ],
      '`initFrom.epoch` of "b" to be among `keepEpochs` of "a", got 3',
    ],
    [
      "an epoch 0",
      [{ name: "a", keepEpochs: [2, 0] }],
      "`stages[0].keepEpochs[1]` to be a whole number of at least 1, got 0",
    ],
  ])("refuses %s", async (_, stages, message) => {
    const { runner } = createRunner({ epochs: 1, classes: () => 1, head: "head" });
    await expect(runStages(stages, runner)).rejects.toThrow(new RangeError(`runStages: expected ${message}`));
  });

  it("refuses unknown targets", async () => {
    const { runner } = createRunner({ epochs: 1, classes: () => 1, head: "head" });
    await expect(runStages([{ name: "a" }], runner, { targets: ["b"] })).rejects.toThrow(
      new RangeError('runStages: expected `targets` to name stages, got "b"'),
    );
  });
});
