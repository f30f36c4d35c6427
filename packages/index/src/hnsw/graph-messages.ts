import type { IdRange } from "./id-table.ts";
import type { HnswSettings } from "./settings.ts";

/** What the owner of a graph asks of the thread that it lives in. */
export type GraphRequest =
  | OpenRequest
  | { readonly kind: "add"; readonly ids: Int32Array; readonly rows: Float32Array }
  | { readonly kind: "remove"; readonly ids: Int32Array }
  | BeginSearchRequest
  | { readonly kind: "search"; readonly search: number; readonly queries: Float32Array }
  | { readonly kind: "endSearch"; readonly search: number }
  | { readonly kind: "save"; readonly path: string }
  | { readonly kind: "beginRebuild" }
  | { readonly kind: "rebuild"; readonly ids: Int32Array; readonly rows: Float32Array | undefined }
  | { readonly kind: "endRebuild"; readonly keep: boolean };

/** Makes the graph, empty or from a file; answered by an {@link Int32Array} of the ids that are in it. */
export interface OpenRequest {
  readonly kind: "open";
  /** The file of the library's package, as a URL, and the folder that it is in. */
  readonly url: string;
  readonly folder: string;
  readonly settings: HnswSettings;
  readonly threads: number;
  readonly capacity: number;
  /** The graph's file, if one is read, and which ids it may hold. */
  readonly file: {
    readonly path: string | undefined;
    readonly end: number;
    readonly removed: readonly IdRange[];
  };
}

/** Keeps what the parts of one search share. */
export interface BeginSearchRequest {
  readonly kind: "beginSearch";
  readonly search: number;
  readonly k: number;
  readonly ef: number;
  /** One byte per id, 1 where it may be given. */
  readonly bitmap: Uint8Array | undefined;
}

/** The answer to a part of a search. */
export interface FoundLists {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
}

export interface GraphCall {
  readonly call: number;
  readonly request: GraphRequest;
}

/** The answer to a call: its value or, where it failed, the error. */
export interface GraphReply {
  readonly call: number;
  readonly value?: unknown;
  readonly error?: unknown;
}
