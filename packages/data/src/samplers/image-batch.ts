/** Images that go through the network together: all of one group, so all of one size. */
export interface ImageBatch {
  /** The group, a position in the sizes of a template. */
  readonly group: number;
  /** Rows of the images. */
  readonly rows: Int32Array;
  /**
   * For each of `rows`, which of the copies of that image in this epoch it is, from 0, so that each copy is augmented in its
   * own way. Not given where no image comes twice.
   */
  readonly copies?: Int32Array;
}
