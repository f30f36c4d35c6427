import { source } from "../generated/products-model.ts";
import type { ProductEngine } from "./wasm-search.ts";

/** What is used of onnxruntime-node. */
interface Onnxruntime {
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: { readonly intraOpNumThreads: number; readonly interOpNumThreads: number },
    ): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, sizes: readonly number[]) => object;
}

interface OnnxSession {
  run(feeds: Record<string, object>, outputs: Record<string, object>): Promise<unknown>;
}

/**
 * Multiplies with onnxruntime in the calling thread.
 *
 * @param url - The package's module.
 * @param isEnded - Whether nobody waits for products any more; then it multiplies no more.
 */
export async function openOnnxruntime(url: string, isEnded: () => boolean): Promise<ProductEngine> {
  const loaded = (await import(url)) as { readonly default?: Onnxruntime } & Onnxruntime;
  const { InferenceSession, Tensor } = loaded.default ?? loaded;
  const model = Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
  // One thread each: there are as many of us as cores, so that nobody waits for anybody within a product.
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  return {
    multiply: async (queries, rows, products, columns) => {
      if (isEnded())
        throw new TypeError("exact search: expected to be waited for, got a thread that was ended");
      const queryCount = queries.length / columns;
      const rowCount = rows.length / columns;
      await session.run(
        {
          queries: new Tensor("float32", queries, [queryCount, columns]),
          rows: new Tensor("float32", rows, [rowCount, columns]),
        },
        { products: new Tensor("float32", products, [queryCount, rowCount]) },
      );
    },
  };
}
