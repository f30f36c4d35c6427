/** Ids and scores of lists, best first, `k` each. */
export interface FoundLists {
  readonly ids: Int32Array<ArrayBuffer>;
  readonly scores: Float32Array<ArrayBuffer>;
}
