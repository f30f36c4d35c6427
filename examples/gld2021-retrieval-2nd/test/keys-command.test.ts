// A process of its own (vitest.config.ts says why), as a command of the program keeps what it was given.
// @vitest-environment-options { "alone": "gld2021-retrieval-2nd keys-command" }
import { expect, it } from "vitest";
import { keyLines } from "../src/commands/keys.ts";
import { configKeys } from "../src/config-keys.ts";
import { settingRows } from "../src/inference-settings.ts";

it("says of each key what it does, or why nothing", () => {
  const lines = keyLines(configKeys);
  const after = (first: string): string | undefined => lines[lines.indexOf(first) + 1];
  expect(after("SOLVER.BASE_LR = 0.0003")).toBe("    Highest learning rate.");
  expect(after('MODEL.NECK = "bnneck"')).toBe(
    "    No effect: The original reads it and does nothing with it.",
  );
  expect(lines).toContain('MODEL.PRETRAIN_CHOICE = "imagenet"; one of "imagenet", "self"');
  const settings = keyLines({ CATEGORY_RERANK: settingRows.CATEGORY_RERANK, beta: settingRows.beta });
  expect(settings[0]).toBe('CATEGORY_RERANK = "off"; handed in with "before_merge"');
  expect(settings[2]).toBe("beta = 0.1");
});
