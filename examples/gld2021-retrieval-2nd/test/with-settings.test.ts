// A process of its own (vitest.config.ts says why), as a command of the program keeps what it was given.
// @vitest-environment-options { "alone": "gld2021-retrieval-2nd with-settings" }
import { expect, it } from "vitest";
import { retrieveCommand } from "../src/commands/retrieve.ts";
import { submittedSettings } from "../src/inference-settings.ts";
import { withSettings } from "../src/with-settings.ts";

it("reads settings as Python does", () => {
  const settings = withSettings(submittedSettings, [
    "CATEGORY_RERANK=off",
    "KR_FLAG=True",
    "alpha=0.5",
    "MODEL_LIST=['R50']",
    "MODEL_WEIGHT=[2, 1e-1]",
  ]);
  expect(settings.CATEGORY_RERANK).toBe("off");
  expect(settings.KR_FLAG).toBe(true);
  expect(settings.alpha).toBe(0.5);
  expect(settings.MODEL_LIST).toEqual(["R50"]);
  expect(settings.MODEL_WEIGHT).toEqual([2, 0.1]);
  expect(settings.beta).toBe(submittedSettings.beta);
});

it("names the option of retrieve that has the place of a folder", () => {
  for (const [key, option] of [
    ["IMAGE_DIR", "--image-dir"],
    ["RAW_IMAGE_DIR", "--raw-image-dir"],
    ["MODEL_DIR", "--model-dir"],
    ["OUTPUT_DIR", "--out"],
    ["OUTPUT_TEMP_DIR", "--run"],
  ] as const) {
    expect(() => withSettings(submittedSettings, [`${key}=x`])).toThrow(
      `--set ${key}: expected a setting that has a meaning here, got this one; leave it out. \`${option}\` of \`retrieve\` has its place.`,
    );
    expect(retrieveCommand.options.map(({ long }) => long)).toContain(option);
  }
});

it.each([
  ["alpha", "--set: expected KEY=VALUE such as CATEGORY_RERANK=off, got alpha; correct it"],
  ["ALPHA=1", "--set: expected a setting of the original's inference, got ALPHA; correct its name"],
  ["KR_FLAG=yes", '--set KR_FLAG: expected a value like false, got "yes"; correct it'],
  ["MODEL_LIST=R50", '--set MODEL_LIST: expected a value like ["R50"], got "R50"; correct it'],
  [
    "REF_SET_EXTRACT=True",
    "leave it out. Each network embeds the images of `REF_SET_LIST` when they first vote; the run keeps their embeddings.",
  ],
  [
    "CATEGORY_THR=0.5",
    "--set CATEGORY_THR: expected a setting that has a meaning here, got this one; leave it out. The original hands it on and does nothing with it.",
  ],
])("refuses %s", (pair, message) => {
  expect(() => withSettings(submittedSettings, [pair])).toThrow(message);
});
