import { say } from "@lmk-example/kit";
import { Command } from "commander";
import { configKeys } from "../config-keys.ts";
import { settingRows } from "../inference-settings.ts";

/** A key of either table. */
type Row = {
  readonly default: unknown;
  readonly submitted?: unknown;
  readonly values?: readonly unknown[];
} & ({ readonly does: string } | { readonly reason: string });

/** Two lines for each key: its default, and what it does here or why it has no effect. */
export function keyLines(rows: Readonly<Record<string, Row>>): readonly string[] {
  return Object.entries(rows).flatMap(([key, row]) => [
    `${key} = ${valuesOf(row)}`,
    `    ${"does" in row ? row.does : `No effect: ${row.reason}`}`,
  ]);
}

/** Prints what every key of the original is here. */
export const keysCommand: Command = new Command("keys")
  .description("print every key of the original's configs and of its inference, and what it does here")
  .allowExcessArguments(false)
  .action(() => {
    const settings = settingRows as unknown as Readonly<Record<string, Row>>;
    for (const line of ["Configs", ...keyLines(configKeys), "", "Inference", ...keyLines(settings)])
      say(line);
  });

/** The default, what the notebook has in its place, and the values that there are. */
function valuesOf({ default: standard, submitted, values }: Row): string {
  const text = (value: unknown): string => JSON.stringify(value);
  return [
    text(standard),
    ...(submitted === undefined ? [] : [`handed in with ${text(submitted)}`]),
    ...(values === undefined ? [] : [`one of ${values.map(text).join(", ")}`]),
  ].join("; ");
}
