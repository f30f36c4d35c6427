import { expect, it } from "vitest";
import { logLine } from "../src/train-log.ts";

it("writes the time, the epoch, its mean loss and its last rate", () => {
  const time = new Date(2021, 8, 3, 7, 5, 9);
  const result = { epoch: 2, step: 3088, learningRate: 0.0764, loss: 12.3456789 };
  expect(logLine(result, time)).toBe("2021-09-03 07:05:09 Epoch 2, step 3088: loss 12.34568, lr 7.640e-2");
});
