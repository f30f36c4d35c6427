import type { EmbeddingBlock, Embeddings } from "../matrix.ts";
import type { SearchSettings } from "./search-settings.ts";

/** What a thread multiplies with. */
export type EngineName = "onnxruntime" | "wasm" | "javascript";

/** What a thread is asked. Only `"finish"` is answered by more than that it is done. */
export type SearchRequest =
  | {
      readonly kind: "open";
      readonly settings: SearchSettings;
      readonly engine: EngineName;
      /** Where onnxruntime-node is, if it is the engine. */
      readonly onnxruntime: string | undefined;
    }
  | { readonly kind: "store"; readonly block: EmbeddingBlock }
  | {
      readonly kind: "begin";
      readonly queries: Embeddings;
      readonly k: number;
      readonly excluded: Int32Array | undefined;
      readonly floors: Float32Array | undefined;
    }
  | {
      readonly kind: "begin-graph";
      readonly rows: number;
      readonly k: number;
      readonly floors: Float32Array | undefined;
    }
  | { readonly kind: "block"; readonly block: EmbeddingBlock }
  | { readonly kind: "stored"; readonly first: number; readonly end: number }
  | { readonly kind: "pair"; readonly first: EmbeddingBlock; readonly second: EmbeddingBlock | undefined }
  | { readonly kind: "finish" };
