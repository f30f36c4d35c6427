import { introduction, table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";
import type { EmbeddingRow } from "./embedding-speed.ts";
import type { PreparationRow } from "./preparation-speed.ts";

/** A result of the benchmark of models. */
export type ModelsResult = Report<{
  readonly embedding: readonly EmbeddingRow[];
  readonly preparation: readonly PreparationRow[];
}>;

/** The tables of a result, as Markdown. */
export function modelTables(result: ModelsResult): string {
  const { embedding, preparation } = result.results;
  return [
    introduction(result),
    table(
      "### Embeddings, milliseconds an image",
      [
        "network",
        "px",
        "batch",
        "embedding",
        "lmk",
        "exported by PyTorch, same onnxruntime",
        "ratio",
        "differ by",
      ],
      embedding.map(({ name, size, batch, dimension, lmk, exported, ratio, difference }) => [
        name,
        `${size}`,
        `${batch}`,
        `${dimension}`,
        (lmk.median / batch).toFixed(1),
        (exported.median / batch).toFixed(1),
        ratio.toFixed(2),
        difference.toExponential(1),
      ]),
    ),
    table(
      "### Preparing one photograph of 1024 × 768 for 224 × 224, one thread",
      ["step", "milliseconds"],
      preparation.map(({ what, time }) => [what, time.median.toFixed(1)]),
    ),
    ...result.failures.map((failure) => `Failed: ${failure}.`),
  ].join("\n\n");
}
