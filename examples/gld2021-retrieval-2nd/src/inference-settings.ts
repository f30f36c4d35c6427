import { featureSettings } from "./inference-keys/feature-settings.ts";
import { pathSettings } from "./inference-keys/path-settings.ts";
import { rerankSettings } from "./inference-keys/rerank-settings.ts";
import type { SettingRow, SettingRows } from "./inference-keys/setting-row.ts";
import type { InferenceSettings } from "./inference-keys/settings.ts";

/** Every setting with its values and what it is here. */
export const settingRows: SettingRows<InferenceSettings> = {
  ...pathSettings,
  ...featureSettings,
  ...rerankSettings,
};

/** The settings of the original's repository: ResNet-50 alone, without re-ranking. */
export const defaultSettings: InferenceSettings = settingsOf((row) => row.default);

/** Those of the notebook that was handed in: four networks, re-ranked by landmark and country before they are merged. */
export const submittedSettings: InferenceSettings = settingsOf((row) => row.submitted ?? row.default);

function settingsOf(choose: (row: SettingRow<unknown>) => unknown): InferenceSettings {
  const rows = Object.entries(settingRows as Readonly<Record<string, SettingRow<unknown>>>);
  return Object.fromEntries(rows.map(([key, row]) => [key, choose(row)])) as unknown as InferenceSettings;
}
