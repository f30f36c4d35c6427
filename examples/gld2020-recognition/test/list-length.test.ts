import { expect, it } from "vitest";
import { listLength } from "../src/list-length.ts";
import { presets } from "../src/presets.ts";

const { recognition } = presets.paper;
const withShortlist = (least: number, most: number) => ({
  ...recognition,
  nonLandmarkRanking: { ...recognition.nonLandmarkRanking, shortlist: { least, most } },
});

it("lists a small gallery whole, and at full size as many as fit into memory", () => {
  expect(listLength(recognition, 240)).toBe(1000);
  expect(listLength(recognition, 16_777)).toBe(1000);
  expect(listLength(recognition, 16_778)).toBe(999);
  // The test images of 2019.
  expect(listLength(recognition, 117_577)).toBe(142);
  expect(listLength(recognition, 1_000_000)).toBe(100);
});

it("lists no fewer than vote", () => {
  expect(listLength(withShortlist(1, 2), 240)).toBe(recognition.fusion.neighborCount);
});
