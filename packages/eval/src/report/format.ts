import type { Column } from "./leaderboard.ts";

/** What stands where there is no value. */
export const none = "–";

type Scale = Pick<Column, "unit" | "digits">;

export function formatValue(value: number, { unit, digits }: Scale): string {
  if (Number.isNaN(value)) return none;
  return (unit === "percent" ? value * 100 : value).toFixed(digits).replace("-", "−");
}

/** With its sign, also where it is rounded to zero. */
export function formatDifference(value: number, scale: Scale): string {
  if (Number.isNaN(value)) return none;
  if (value === 0) return `±${formatValue(0, scale)}`;
  return `${value < 0 ? "−" : "+"}${formatValue(Math.abs(value), scale)}`;
}

export function formatInterval(
  interval: { readonly low: number; readonly high: number },
  scale: Scale,
): string {
  return `[${formatValue(interval.low, scale)}, ${formatValue(interval.high, scale)}]`;
}

export function formatPValue(value: number): string {
  if (Number.isNaN(value)) return none;
  return value < 0.001 ? "< 0.001" : value.toFixed(3);
}

/** Heading of a column with its unit. */
export function headingOf({ label, unit }: Pick<Column, "label" | "unit">): string {
  return unit === "percent" ? `${label}, %` : label;
}

/** A share as a percentage without needless decimals, such as 95 or 99.9. */
export function formatShare(share: number): string {
  return String(Number((share * 100).toFixed(3)));
}
