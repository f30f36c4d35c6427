import { type Compiled, compile } from "@lmk/compile";
import { type engineSettings, UserError } from "@lmk-example/kit";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { BlockCosines } from "./head-classes.ts";
import { classCenters, type HeadFile, openHead } from "./head-file.ts";
import { classCosines } from "./network.ts";

/** Classes that images are compared with at once. */
const classesAtOnce = 2048;

/** The heads of some networks, and what compares images with their classes; to be closed again. */
export interface OpenHeads extends AsyncDisposable {
  readonly heads: readonly HeadFile[];
  readonly cosines: BlockCosines;
}

/** What {@link openHeads} is told. */
export interface OpenHeadsOptions {
  /** Least classes of each head. */
  readonly classes: number;
  /** Images that are compared at once. */
  readonly rows: number;
  readonly engine: ReturnType<typeof engineSettings>;
}

/**
 * Opens the heads in files of `writeWeights`.
 *
 * @throws {UserError} if there is no head in a file, or one of fewer classes.
 */
export async function openHeads(
  paths: readonly string[],
  { classes, rows, engine }: OpenHeadsOptions,
): Promise<OpenHeads> {
  const opened: AsyncDisposable[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened) await one[Symbol.asyncDispose]();
  };
  try {
    const heads: HeadFile[] = [];
    for (const path of paths) {
      const head = await openHead(path);
      opened.push(head);
      heads.push(head);
      requireClasses(path, head.classes, classes);
    }
    const size = { rows, classes: Math.min(classesAtOnce, classes) };
    const compiled = await compileCosines(size, heads[0]!.dimension, engine);
    opened.push(compiled);
    const run: BlockCosines["run"] = async (embeddings, head) =>
      (await compiled.run({ embeddings, head })).cosines!.data as Float32Array;
    return { heads, cosines: { ...size, run }, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

function requireClasses(path: string, got: number, classes: number): void {
  if (got >= classes) return;
  throw new UserError(
    `${path}: expected a head of at least ${classes} classes, got ${got}; train the network again`,
  );
}

function compileCosines(
  { rows, classes }: Pick<BlockCosines, "rows" | "classes">,
  dimension: number,
  engine: OpenHeadsOptions["engine"],
): Promise<Compiled> {
  return compile(
    ({ embeddings, head }) => ({
      outputs: { cosines: classCosines(embeddings as Tensor2D, head as Tensor2D) },
    }),
    {
      inputs: {
        embeddings: { shape: [rows, dimension] },
        head: { shape: [classCenters * classes, dimension] },
      },
    },
    engine,
  );
}
