import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { solutionStages } from "./solutions.ts";

const goldens = JSON.parse(readFileSync(new URL("../golden/schedules.json", import.meta.url), "utf8")) as {
  readonly stepsPerEpoch: number;
  readonly stages: Readonly<Record<string, readonly [number, number, number]>>;
  readonly traces: Readonly<Record<string, readonly number[]>>;
};

/** Rounding of a few operations in doubles; PyTorch's cosine of 2019 is a recursion over all steps before. */
function expectClose(actual: number, expected: number, name: string): void {
  const tolerance = name.includes("2019") ? 1e-15 : 1e-14 * expected + 1e-22;
  expect(Math.abs(actual - expected), `${name}: ${actual}, ${expected}`).toBeLessThanOrEqual(tolerance);
}

describe("the written rates", () => {
  it.each(solutionStages)("of $name", ({ epochs, schedule, rates }) => {
    const rate = schedule(1000);
    const positions = Object.keys(rates)
      .map(Number)
      .sort((a, b) => a - b);
    expect(positions[0]).toBe(0);
    expect(positions.at(-1)).toBeGreaterThanOrEqual(epochs - 1);
    for (const position of positions) {
      const written = rates[position];
      const digits = written.indexOf("e") - 2;
      expect(`${position}: ${rate(Math.round(position * 1000)).toExponential(digits)}`).toBe(
        `${position}: ${written}`,
      );
    }
  });
});

describe("the original's first, middle and last rates", () => {
  const withGolden = solutionStages.filter(({ golden }) => golden !== undefined);
  it.each(withGolden)("of $name", ({ name, epochs, schedule, golden }) => {
    const { stepsPerEpoch } = goldens;
    const rate = schedule(stepsPerEpoch);
    const steps = [0, Math.floor(epochs / 2) * stepsPerEpoch, epochs * stepsPerEpoch - 1];
    steps.forEach((step, i) => {
      expectClose(rate(step), goldens.stages[golden!][i], name);
    });
  });
});

describe("the table of solutions", () => {
  it("leaves out no stage of which the original's code ran", () => {
    const covered = new Set(solutionStages.map(({ golden }) => golden));
    // The retrieval notebooks' rates are those of inverse-time-schedule.test.ts.
    const missing = Object.keys(goldens.stages).filter(
      (name) => !covered.has(name) && !name.startsWith("gld2020 retrieval"),
    );
    expect(missing).toEqual([]);
  });

  it("has the 27 runs of 2020's third place, the 18 files of 2021's second and the 8 of 2021's first", () => {
    const count = (start: string) => solutionStages.filter(({ name }) => name.startsWith(start)).length;
    expect([count("2020 third"), count("2021 second"), count("2021 first")]).toEqual([27, 2 * 18, 8]);
  });

  it("starts the scale-ups of 2019 where the small images stopped", () => {
    const rateOf = (name: string) =>
      solutionStages.find((stage) => stage.name.startsWith(`2019 ${name}`))!.schedule(1000);
    expect(rateOf("v19c")(4000).toExponential(2)).toBe("9.82e-5");
    expect(rateOf("v23c")(6000).toExponential(2)).toBe("5.24e-5");
  });
});

describe("every iteration", () => {
  const traced = Object.entries(goldens.traces).map(
    ([golden, trace]) => [golden, trace, solutionStages.find((stage) => stage.golden === golden)!] as const,
  );
  it.each(traced)("of %s is the original's", (golden, trace, stage) => {
    const rate = stage.schedule(goldens.stepsPerEpoch);
    trace.forEach((expected, step) => {
      expectClose(rate(step), expected, golden);
    });
  });
});
