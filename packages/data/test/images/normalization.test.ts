import { imagenetNormalization } from "@lmk/data/images";
import { expect, it } from "vitest";

it("holds the mean and standard deviation of ImageNet, red first", () => {
  expect(imagenetNormalization).toEqual({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
});
