import { type PreparedData, usableRows } from "./prepared-data.ts";

/**
 * The usable test images that the solution says show no landmark, by their place among the usable ones, ascending; the
 * ignored ones are not known to show none. `undefined` where there is no solution, or no such image.
 */
export function nonLandmarksOf(prepared: Pick<PreparedData, "data" | "sizes">): Int32Array | undefined {
  const { recognition } = prepared.data;
  if (recognition === undefined) return undefined;
  const { queries, landmarkIds, usages } = recognition;
  const rows = new Set<number>();
  queries.forEach((row, i) => {
    if (usages[i] !== "Ignored" && landmarkIds[i]!.length === 0) rows.add(row);
  });
  const usable = usableRows(prepared, "test");
  const places = Int32Array.from(usable.keys()).filter((place) => rows.has(usable[place]!));
  return places.length === 0 ? undefined : places;
}

/** For each of `rows` test images its place among the images without a landmark, −1 for the others. */
export function ownPlaces(nonLandmarks: Int32Array, rows: number): Int32Array {
  const own = new Int32Array(rows).fill(-1);
  nonLandmarks.forEach((row, place) => {
    own[row] = place;
  });
  return own;
}
