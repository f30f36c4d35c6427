import { type PreparedData, usableRows } from "./prepared-data.ts";
import { UserError } from "./user-error.ts";

/** Labelled images that are searched. */
export interface Gallery {
  /** Rows of `prepared.data.train`, ascending. */
  readonly rows: Int32Array;
  /** The landmark of each. */
  readonly labels: Int32Array;
}

/**
 * The train images that can be read and are chosen.
 *
 * @param stage - Named where there are none.
 * @throws {UserError} if there are none.
 */
export function galleryOf(
  stage: string,
  prepared: PreparedData,
  isChosen: (row: number, landmark: number) => boolean,
): Gallery {
  const { landmarkIds } = prepared.data.train;
  const rows = usableRows(prepared, "train").filter((row) => isChosen(row, landmarkIds[row]!));
  if (rows.length === 0) {
    throw new UserError(
      `${stage}: expected labelled train images of a landmark to search, got none; check --data`,
    );
  }
  return { rows, labels: rows.map((row) => landmarkIds[row]!) };
}
