import type { Gldv2 } from "../../readers/gldv2.ts";
import type { LandmarkCountries } from "../../readers/landmark-tables.ts";

/** One image of a sheet. */
export interface SheetImage {
  readonly path: string;
  readonly isWrong: boolean;
}

/** One line of a sheet: a landmark, or null for images without any. */
export interface SheetRow {
  readonly landmark: {
    readonly id: number;
    readonly name: string;
    readonly country: string;
    readonly trainImages: number;
  } | null;
  /** As many for each split; null where it has no more. */
  readonly images: readonly (SheetImage | null)[];
}

const headings = ["train (red: not in train_clean)", "index", "test"] as const;

/** What stands above the images of a split: 0 train, 1 index, 2 test. */
export function headingOf(split: number): string {
  return headings[split]!;
}

/** What stands beside the images. */
export function captionOf({ landmark }: SheetRow): string[] {
  if (landmark === null) return ["no landmark"];
  const { id, name, country, trainImages } = landmark;
  return [name, country, `landmark ${id}`, `${trainImages} train images`].filter((line) => line !== "");
}

/** Chooses landmarks and images. */
export function collectRows(
  data: Gldv2,
  sheet: { readonly landmarks: number; readonly imagesPerSplit: number },
): SheetRow[] {
  const byLandmark = groupTrain(data);
  const clean = data.clean === undefined ? null : new Set(data.clean);
  const { imagesPerSplit } = sheet;
  const countries = countriesOf(data.countries);
  const rows = chooseLandmarks(byLandmark, sheet.landmarks).map((id): SheetRow => {
    const train = byLandmark.get(id)!;
    const isCleaned = clean !== null && train.some((row) => clean.has(row));
    const queries = queriesOf(data, id);
    const images = [
      ...padded(train, imagesPerSplit, (row) => ({
        path: data.train.paths.at(row),
        isWrong: isCleaned && !clean.has(row),
      })),
      ...padded(indexRowsOf(data, queries), imagesPerSplit, (row) => right(data.index.paths.at(row))),
      ...padded(queries, imagesPerSplit, (row) => right(data.test.paths.at(row))),
    ];
    const name = data.landmarkNames.get(id) ?? "";
    const country = countries.get(id) ?? "";
    return { landmark: { id, name, country, trainImages: train.length }, images };
  });
  const others = padded(queriesWithout(data), 3 * imagesPerSplit, (row) => right(data.test.paths.at(row)));
  return others.some((image) => image !== null) ? [...rows, { landmark: null, images: others }] : rows;
}

function countriesOf(table: LandmarkCountries | undefined): ReadonlyMap<number, string> {
  if (table === undefined) return new Map();
  const { landmarkIds, countries } = table;
  return new Map(Array.from(landmarkIds, (id, row) => [id, countries.values[countries.codes[row]!]!]));
}

function right(path: string): SheetImage {
  return { path, isWrong: false };
}

function padded(
  rows: readonly number[],
  count: number,
  image: (row: number) => SheetImage,
): (SheetImage | null)[] {
  return Array.from({ length: count }, (_, i) => (i < rows.length ? image(rows[i]!) : null));
}

function groupTrain({ train }: Gldv2): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const [row, id] of train.landmarkIds.entries()) {
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  return groups;
}

/** From the landmark with most images to that with fewest, in equal steps. */
function chooseLandmarks(groups: ReadonlyMap<number, readonly number[]>, count: number): number[] {
  const sorted = [...groups].sort((a, b) => b[1].length - a[1].length || a[0] - b[0]).map(([id]) => id);
  if (count >= sorted.length) return sorted;
  const step = count === 1 ? 0 : (sorted.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, i) => sorted[Math.round(i * step)]!);
}

/** Test rows that show a landmark. */
function queriesOf({ recognition }: Gldv2, id: number): number[] {
  if (recognition === undefined) return [];
  return [...recognition.queries].filter((_, i) => recognition.landmarkIds[i]!.includes(id));
}

/** Index rows that are right for any of some test rows. */
function indexRowsOf({ retrieval }: Gldv2, queries: readonly number[]): number[] {
  if (retrieval === undefined) return [];
  const rows = new Set<number>();
  for (const [i, query] of retrieval.queries.entries()) {
    if (queries.includes(query)) for (const row of retrieval.relevant[i]!) rows.add(row);
  }
  return [...rows].sort((a, b) => a - b);
}

/** Test rows without a landmark in the train or index set. */
function queriesWithout({ recognition, retrieval }: Gldv2): number[] {
  if (recognition === undefined) return [];
  const known = new Set<number>();
  for (const [i, query] of (retrieval?.queries ?? []).entries()) {
    if (retrieval!.relevant[i]!.length > 0) known.add(query);
  }
  return [...recognition.queries].filter(
    (query, i) => recognition.landmarkIds[i]!.length === 0 && !known.has(query),
  );
}
