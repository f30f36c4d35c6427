import { join } from "node:path";
import { createNpyWriter, openNpy } from "@lmk/index/npy";
import { applyQuantileTransformAsync, learnQuantileTransformAsync } from "@lmk/rerank/recognition";
import { type CompletedStage, type EmbeddingRows, readRows, runStage } from "@lmk-example/kit";
import { rowsOf } from "../member-rows.ts";
import type { EmbeddedSystem, Part, SystemContext } from "../system.ts";
import type { MemberName } from "../train-run.ts";

const parts: readonly Part[] = ["test", "gallery"];

/** Rows that are mapped and written together. */
const blockRows = 16_384;

/**
 * Makes each number of a network's embeddings normal, by where it lies among those of the test images: the quantile
 * transform of the first place. Numbers are mapped one by one, so the networks need not stand side by side for it.
 */
export async function quantiles(
  context: SystemContext,
  system: EmbeddedSystem,
  member: MemberName,
): Promise<Readonly<Record<Part, EmbeddingRows>>> {
  const { threads } = context.options;
  const { seed } = context.config;
  const of = (part: Part): EmbeddingRows => rowsOf(system, [member], part);
  const after = parts.flatMap((part) => [...of(part).stages]);
  const name = `quantiles/${member}`;
  const stage = await runStage(context.run, name, { settings: { seed }, after }, async (folder) => {
    const transform = await learnQuantileTransformAsync(await readRows(of("test")), { seed, threads });
    for (const part of parts) {
      const rows = of(part);
      await using writer = await createNpyWriter(fileOf(folder, part), { columns: transform.columns });
      for (let first = 0; first < rows.rows; first += blockRows) {
        const some = await readRows(rows, { first, end: Math.min(first + blockRows, rows.rows) });
        await writer.append(await applyQuantileTransformAsync(transform, some, { threads }));
      }
      await writer.close();
    }
  });
  return {
    test: written(stage, "test", of("test").rows),
    gallery: written(stage, "gallery", of("gallery").rows),
  };
}

function written(stage: CompletedStage, part: Part, rows: number): EmbeddingRows {
  return { rows, settings: { part }, stages: [stage], open: () => openNpy(fileOf(stage.folder, part)) };
}

function fileOf(folder: string, part: Part): string {
  return join(folder, `${part}.npy`);
}
