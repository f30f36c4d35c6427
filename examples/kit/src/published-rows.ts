import type { ReportCell } from "./report-table.ts";

/** A method of ours, which may be that of a published result. */
interface ComparableMethod {
  readonly title: string;
  /** The `system` of the published result. */
  readonly published?: string | undefined;
}

/** The rows of a table that has a name, then published numbers, then ours. */
export interface PublishedRows {
  /** Of our methods, in their order. */
  readonly rows: readonly (readonly ReportCell[])[];
  /** Of the published results that no method of ours is of. */
  readonly others: readonly (readonly ReportCell[])[];
}

/**
 * Puts our results beside published ones.
 *
 * @param methods - One at least.
 * @param publishedCells - The cells of a published result, or those of none.
 * @param ourCells - The cells of a method's result; of all methods as many.
 */
export function besidePublished<Method extends ComparableMethod, Result extends { readonly system: string }>(
  methods: readonly Method[],
  results: readonly Result[],
  publishedCells: (result: Result | undefined) => readonly ReportCell[],
  ourCells: (method: Method) => readonly ReportCell[],
): PublishedRows {
  const ours = methods.map(ourCells);
  const rows = methods.map(({ title, published }, i) => {
    const result = results.find(({ system }) => system === published);
    return [title, ...publishedCells(result), ...ours[i]!];
  });
  const shown = new Set(methods.map(({ published }) => published));
  const missing = (ours[0] ?? []).map(() => undefined);
  const others = results
    .filter(({ system }) => !shown.has(system))
    .map((result) => [`published: ${result.system}`, ...publishedCells(result), ...missing]);
  return { rows, others };
}
