import type { Names } from "../readers/image-ids.ts";
import type { InternedStrings } from "../readers/interned-strings.ts";

/** Images to train on, by row; an image may come in several rows, with a class each. */
export interface ImageList {
  /** The number of rows. */
  readonly length: number;
  /** The id of each row: the 16 digits of its file, or the name of the file without the ending. */
  readonly ids: Names;
  /** The file of each row. */
  readonly paths: Names;
  /** The class of each row from 0, or -1 for an image that shows no landmark. */
  readonly classIds: Int32Array;
  /** 1 where the label may be wrong, 0 where it is on a cleaned list. */
  readonly noisy: Uint8Array;
  /** The tag of each row, such as its continent; the code of a row without one is -1. */
  readonly tags: InternedStrings;
}
