import { horizontalFlip } from "@lmk/data";
import { describe, expect, it } from "vitest";

describe("horizontalFlip", () => {
  it("mirrors half of the images, as in the 2020 and 2021 solutions", () => {
    expect(horizontalFlip()).toEqual({ name: "horizontalFlip", probability: 0.5 });
  });
});
