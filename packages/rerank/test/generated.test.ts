import { expect, it } from "vitest";
import { outdated } from "../tooling/generate.ts";

it("has generated files that are those of their sources", async () => {
  // If this fails: pnpm --filter @lmk/rerank generate
  expect(await outdated()).toEqual([]);
});
