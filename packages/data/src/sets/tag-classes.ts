import { type InternedStrings, Interner } from "../readers/interned-strings.ts";

/** A tag for each of some landmarks. */
export interface LandmarkTags {
  /** The landmark of each row. */
  readonly landmarkIds: Int32Array;
  /** The tag of each row, such as its country, continent or category. */
  readonly tags: InternedStrings;
}

/**
 * Brings a tag of landmarks, such as the continent, into the order of classes.
 *
 * @param landmarkIds - The landmark of each class.
 * @param tags - The tags of these landmarks, and of others.
 * @returns The tag of each class.
 * @throws RangeError if a landmark of a class has no tag.
 *
 * @example
 * ```ts
 * import { tagClasses } from "@lmk/data";
 *
 * const continents = { values: ["Europe", "Asia"], codes: Int32Array.of(0, 1) };
 * const tags = { landmarkIds: Int32Array.of(5, 70), tags: continents };
 * console.log(tagClasses(Int32Array.of(70, 5), tags).values); // => [ 'Asia', 'Europe' ]
 * ```
 */
export function tagClasses(landmarkIds: Int32Array, tags: LandmarkTags): InternedStrings {
  const places = new Map(
    Array.from(tags.landmarkIds, (landmarkId, row) => [landmarkId, tags.tags.codes[row]]),
  );
  const column = new Interner();
  for (const landmarkId of landmarkIds) {
    const place = places.get(landmarkId);
    if (place === undefined) {
      throw new RangeError(
        `tagClasses: expected \`tags\` to have every landmark of a class, got none for ${landmarkId}`,
      );
    }
    column.push(tags.tags.values[place]);
  }
  return column.toColumn();
}
