import { readFileSync } from "node:fs";
import { supportedKernels } from "@lmk/compile";
import { describe, expect, it } from "vitest";
import { allCases } from "./all-cases.ts";
import { hasGradient, knownKernels } from "./kernel-log.ts";
import { kernelRows, kernelTable } from "./kernel-table.ts";
import { unproven, unsupportedKernels, withoutGradient } from "./unsupported.ts";
import { readWebgpuRecord } from "./webgpu-record.ts";

const rows = kernelRows(allCases);

describe("the conformance cases", () => {
  it("prove the values of every kernel that can be compiled, but for those listed", () => {
    const missing = rows.filter(({ forward }) => forward.length === 0).map(({ kernel }) => kernel);
    expect(missing).toEqual(Object.keys(unproven).sort());
  });

  it("prove the gradient of every kernel that has one, but for those listed", () => {
    const missing = rows
      .filter(({ kernel, backward }) => hasGradient(kernel) && backward.length === 0)
      .map(({ kernel }) => kernel);
    expect(missing).toEqual(Object.keys(withoutGradient).sort());
  });

  it("name only kernels that can be compiled", () => {
    const named = allCases.flatMap(({ kernels, gradientKernels = [] }) => [...kernels, ...gradientKernels]);
    expect(named.filter((kernel) => !supportedKernels.includes(kernel))).toEqual([]);
  });

  it("have names of their own", () => {
    const names = allCases.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});

describe("the tfjs kernels that cannot be compiled", () => {
  it("are each listed with a reason", () => {
    const missing = knownKernels().filter((kernel) => !supportedKernels.includes(kernel));
    expect(missing).toEqual(Object.keys(unsupportedKernels).sort());
  });
});

describe("docs/compile-kernels.md", () => {
  it("is what pnpm --filter @lmk/compile table writes", () => {
    const written = readFileSync(new URL("../../../../docs/compile-kernels.md", import.meta.url), "utf8");
    expect(written).toBe(kernelTable(allCases, readWebgpuRecord()));
  });

  it("takes its WebGPU column from a run of exactly these cases", () => {
    const recorded = Object.keys(readWebgpuRecord().cases);
    expect(recorded.sort()).toEqual(allCases.map(({ name }) => name).sort());
  });
});
