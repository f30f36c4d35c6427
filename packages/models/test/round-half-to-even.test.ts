import { expect, it } from "vitest";
import { roundHalfToEven } from "../src/round-half-to-even.ts";

// round(x) of Python, whose 0 has no sign.
it.each([
  [-3.5, -4],
  [-2.5, -2],
  [-1.5, -2],
  [-0.5, 0],
  [0.5, 0],
  [1.5, 2],
  [2.5, 2],
  [3.5, 4],
  [-2.51, -3],
  [-2.49, -2],
  [2.49, 2],
  [2.51, 3],
  [0.49999999999999994, 0],
  [-7, -7],
])("rounds %s to %s", (value, expected) => {
  expect(roundHalfToEven(value)).toBe(expected);
});
