import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TuningPlan } from "../../src/tuning/run-tuning.ts";
import { tuningCommand } from "../../src/tuning/tuning-command.ts";
import { UserError } from "../../src/user-error.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-tuning-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function parse(...args: string[]): Promise<{ plan: TuningPlan; extra: { preset?: string } }> {
  const calls: { plan: TuningPlan; extra: { preset?: string } }[] = [];
  const command = tuningCommand<{ preset?: string }>({
    space: { margin: [0.3] },
    run: async (plan, extra) => void calls.push({ plan, extra }),
  })
    .option("--preset <name>")
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  await command.parseAsync(args, { from: "user" });
  return calls[0]!;
}

describe("tuningCommand", () => {
  it("runs the program's own space, all of it, one at a time, unless told otherwise", async () => {
    expect(await parse()).toEqual({
      plan: {
        space: { margin: [0.3] },
        mode: "grid",
        iterations: 10,
        seed: 0,
        blocks: 1,
        block: 0,
        workers: 1,
      },
      extra: {},
    });
  });

  it("takes the settings, the block, the workers, and options of the program", async () => {
    const args = "--set margin=0.2,0.3 loss=arcface --mode random --iterations 4 --draw-seed 7";
    const { plan, extra } = await parse(...`${args} -n 3 -i 2 --workers 2 --preset demo`.split(" "));
    expect(plan).toEqual({
      space: { margin: [0.2, 0.3], loss: ["arcface"] },
      mode: "random",
      iterations: 4,
      seed: 7,
      blocks: 3,
      block: 2,
      workers: 2,
    });
    expect(extra).toEqual({ preset: "demo" });
  });

  it("takes the settings from a file", async () => {
    const file = join(folder, "space.json");
    writeFileSync(file, '[{ "margin": [0.1] }, { "loss": ["softmax"] }]');
    expect((await parse("--space", file)).plan.space).toEqual([{ margin: [0.1] }, { loss: ["softmax"] }]);
    await expect(parse("--space", file, "--set", "a=1")).rejects.toThrow(
      new UserError("expected --set or --space, got both"),
    );
    const missing = join(folder, "none.json");
    await expect(parse("--space", missing)).rejects.toThrow(
      new UserError(`${missing}: expected a file with settings, got none`),
    );
  });

  it("refuses numbers that are none", async () => {
    await expect(parse("--workers", "0")).rejects.toThrow(
      "error: option '--workers <n>' argument '0' is invalid. expected a whole number of at least 1, got 0.",
    );
  });
});
