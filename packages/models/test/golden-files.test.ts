import { expect, it } from "vitest";
import { compiledOnly, readGoldens } from "./against-golden.ts";

it("leaves no case to the compiled comparison that does not exist", () => {
  const known = ["swin", "hybrid-swin"].flatMap((family) => Object.keys(readGoldens(family).cases));
  expect([...compiledOnly].filter((name) => !known.includes(name))).toEqual([]);
});
