import { expect, it } from "vitest";
import { defaultSettings, submittedSettings } from "../src/inference-settings.ts";
import { requireNumbers } from "../src/retrieve-numbers.ts";
import { withSettings } from "../src/with-settings.ts";

it("takes the settings of the repository and of the notebook", () => {
  requireNumbers(defaultSettings);
  requireNumbers(submittedSettings);
});

it.each([
  ["VOTE_NUM=0", "--set VOTE_NUM: expected a whole number from 1 to 30, got 0; correct it"],
  ["VOTE_NUM=31", "--set VOTE_NUM: expected a whole number from 1 to 30, got 31; correct it"],
  ["K1=1.5", "--set K1: expected a whole number of at least 1, got 1.5; correct it"],
  ["IMAGE_SIZE=-512", "--set IMAGE_SIZE: expected a whole number of at least 1, got -512; correct it"],
  ["LAMBDA=1.1", "--set LAMBDA: expected a number from 0 to 1, got 1.1; correct it"],
  ["MODEL_LIST=['R50', 'R50']", "--set MODEL_LIST: expected each network once, got R50, R50; correct it"],
  ["MODEL_WEIGHT=[1]", "--set MODEL_WEIGHT: expected a weight for each of 4 networks, got 1; correct it"],
  ["MODEL_WEIGHT=[1,0,1,1]", "--set MODEL_WEIGHT: expected weights above 0, got 0; correct it"],
  ["MODEL_WEIGHT=[1,1,1,-2]", "--set MODEL_WEIGHT: expected weights above 0, got -2; correct it"],
])("refuses %s", (pair, message) => {
  expect(() => requireNumbers(withSettings(submittedSettings, [pair]))).toThrow(message);
});
