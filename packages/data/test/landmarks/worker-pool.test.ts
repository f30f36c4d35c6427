import { describe, expect, it } from "vitest";
import { countWorkers, detailsOf, findWorker } from "../../src/landmarks/worker-pool.ts";

describe("findWorker", () => {
  it("finds the built worker from the entry and from a chunk beside it", () => {
    for (const entry of ["landmarks.js", "chunk-ABC.js"]) {
      expect(findWorker(`file:///package/dist/${entry}`)).toEqual({
        file: new URL("file:///package/dist/landmarks/worker.js"),
      });
    }
  });

  it("loads the source of the worker by tsx beside TypeScript source", () => {
    const source = '"file:///package/src/landmarks/worker.ts"';
    expect(findWorker("file:///package/src/landmarks/generate.ts")).toEqual({
      code: `import("tsx/esm/api").then(({ tsImport }) => tsImport(${source}, ${source}))`,
    });
  });
});

describe("countWorkers", () => {
  it("takes no more workers than there are batches of eight", () => {
    expect([countWorkers(4, 100), countWorkers(4, 17), countWorkers(4, 1), countWorkers(4, 0)]).toEqual([
      4, 3, 1, 0,
    ]);
  });
});

describe("detailsOf", () => {
  it("gives the numbers and strings that an error has beside its message", () => {
    const error = Object.assign(new Error("full"), { code: "ENOSPC", errno: -28, cause: new Error("why") });
    expect(detailsOf(error)).toEqual({ code: "ENOSPC", errno: -28 });
    expect(detailsOf("thrown")).toEqual({});
  });
});
