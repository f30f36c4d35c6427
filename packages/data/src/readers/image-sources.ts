import { detached, streamCsv } from "./csv.ts";
import { requireHexId } from "./fields.ts";

/** Where an image was published. */
export interface ImageUrl {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** `undefined` where the file says `None`, as Google Landmarks v1 does, or nothing. */
  readonly url: string | undefined;
}

/** Where an image comes from, whose it is, and what may be done with it. */
export interface ImageAttribution {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly url: string;
  readonly author: string;
  /** The license, usually as the URL of its text. */
  readonly license: string;
  /** The title, usually a file name. */
  readonly title: string;
}

/**
 * Streams the columns `id` and `url` of a CSV file: a `train.csv` of Google Landmarks v1 or v2, or an
 * `index.csv` or `test.csv` of v1 and of the Kaggle contests.
 *
 * Millions of URLs take gigabytes of memory, so they are given one by one. Whether an id comes twice is
 * not looked at.
 *
 * @param file - The CSV file.
 * @returns The rows in the order of the file.
 * @throws DataFormatError, while the rows are read, for a file that is missing, empty or without these
 * columns, and for a row with a missing column or an id that is not 16 hexadecimal digits.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { streamUrlsCsv } from "@lmk/data";
 *
 * writeFileSync("train.csv", "id,url,landmark_id\n6e158a47eb2ca3f6,https://example.org/a.jpg,142820\n");
 * for await (const { id, url } of streamUrlsCsv("train.csv")) console.log(id, url);
 * // => 6e158a47eb2ca3f6 https://example.org/a.jpg
 * ```
 */
export function streamUrlsCsv(file: string): AsyncGenerator<ImageUrl, void> {
  return streamCsv(file, ["id", "url"], ([id, field], line) => {
    const url = parseUrl(field);
    return {
      id: detached(requireHexId(id, { file, line })),
      url: url === undefined ? undefined : detached(url),
    };
  });
}

/**
 * Streams the `train_attribution.csv` of Google Landmarks v2 (`id,url,author,license,title`).
 *
 * @param file - The CSV file.
 * @returns The rows in the order of the file.
 * @throws DataFormatError as {@link streamUrlsCsv}.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { streamAttributionsCsv } from "@lmk/data";
 *
 * writeFileSync(
 *   "train_attribution.csv",
 *   "id,url,author,license,title\n" +
 *     '6e158a47eb2ca3f6,https://example.org/a,"Doe, Jane",https://creativecommons.org/licenses/by/4.0/,A.jpg\n',
 * );
 * for await (const { author, title } of streamAttributionsCsv("train_attribution.csv")) {
 *   console.log(author, title); // => Doe, Jane A.jpg
 * }
 * ```
 */
export function streamAttributionsCsv(file: string): AsyncGenerator<ImageAttribution, void> {
  const columns = ["id", "url", "author", "license", "title"];
  return streamCsv(file, columns, ([id, url, author, license, title], line) => ({
    id: detached(requireHexId(id, { file, line })),
    url: detached(url),
    author: detached(author),
    license: detached(license),
    title: detached(title),
  }));
}

/** The URL of a field, or `undefined` where it says that there is none. */
export function parseUrl(field: string): string | undefined {
  const url = field.trim();
  return url === "" || url === "None" ? undefined : url;
}
