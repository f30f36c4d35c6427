/** What a setting of the original's inference is here. */
export type SettingRow<Value> = {
  /** That of the repository. */
  readonly default: Value;
  /** That of the notebook that was handed in, where it is another. */
  readonly submitted?: Value;
} & (
  | { /** What it does here. */ readonly does: string }
  | { /** Why it has no meaning here. */ readonly reason: string }
);

/** The rows of some settings. */
export type SettingRows<Settings> = { readonly [Key in keyof Settings]: SettingRow<Settings[Key]> };
