import { dataloaderKeys, datasetsKeys, udaKeys } from "./config-keys/data-keys.ts";
import { inputKeys } from "./config-keys/input-keys.ts";
import type { KeyRow, KeyRows } from "./config-keys/key-row.ts";
import { modelKeys } from "./config-keys/model-keys.ts";
import { solverKeys } from "./config-keys/solver-keys.ts";
import { testKeys } from "./config-keys/test-keys.ts";
import type { YmlConfig } from "./yml-config.ts";

/** A part of a config that has keys of its own. */
export type SectionName = Exclude<keyof YmlConfig, "BASE" | "OUTPUT_DIR">;

/** Every section of the original's configs, in the order of its defaults. */
export const sectionKeys: { readonly [Name in SectionName]: KeyRows<YmlConfig[Name]> } = {
  MODEL: modelKeys,
  INPUT: inputKeys,
  DATASETS: datasetsKeys,
  DATALOADER: dataloaderKeys,
  SOLVER: solverKeys,
  UDA: udaKeys,
  TEST: testKeys,
};

const outerKeys = {
  BASE: { default: "", does: "A file whose keys hold where this one has no other value." },
  OUTPUT_DIR: { default: "", does: "Where checkpoints go; the settings of the run are put behind it." },
} satisfies Record<string, KeyRow>;

/** Every key of the original's configs, such as `SOLVER.BASE_LR`, with what it is here, in the order of its defaults. */
export const configKeys: Readonly<Record<string, KeyRow>> = {
  BASE: outerKeys.BASE,
  ...Object.fromEntries(
    Object.entries(sectionKeys).flatMap(([section, rows]) =>
      Object.entries(rows as Readonly<Record<string, KeyRow>>).map(([key, row]) => [
        `${section}.${key}`,
        row,
      ]),
    ),
  ),
  OUTPUT_DIR: outerKeys.OUTPUT_DIR,
};

/** What a config is where no file says otherwise. */
export const defaultConfig: YmlConfig = {
  BASE: outerKeys.BASE.default,
  MODEL: defaultsOf(modelKeys),
  INPUT: defaultsOf(inputKeys),
  DATASETS: defaultsOf(datasetsKeys),
  DATALOADER: defaultsOf(dataloaderKeys),
  SOLVER: defaultsOf(solverKeys),
  UDA: defaultsOf(udaKeys),
  TEST: defaultsOf(testKeys),
  OUTPUT_DIR: outerKeys.OUTPUT_DIR.default,
};

function defaultsOf<Keys>(rows: KeyRows<Keys>): Keys {
  const entries = Object.entries<KeyRow<unknown>>(rows as Readonly<Record<string, KeyRow<unknown>>>);
  return Object.fromEntries(entries.map(([key, row]) => [key, row.default])) as Keys;
}
