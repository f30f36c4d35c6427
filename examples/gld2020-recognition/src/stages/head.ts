import { join } from "node:path";
import { type Compiled, compile } from "@lmk/compile";
import { readClassLandmarksPickle } from "@lmk/data";
import {
  type CompletedStage,
  engineSettings,
  hashOf,
  makeLists,
  readRows,
  UserError,
} from "@lmk-example/kit";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { foldsFiles } from "../folds-files.ts";
import { type BlockCosines, headClasses } from "../head-classes.ts";
import { classCenters, type HeadFile, openHead } from "../head-file.ts";
import { allNeededLists, isHeadName, type ListName } from "../list-names.ts";
import { rowsOf } from "../member-rows.ts";
import type { Method } from "../methods.ts";
import { classCosines } from "../network.ts";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import type { Networks } from "../way.ts";
import { weightsFile } from "./embed.ts";
import { type Lists, membersOf } from "./search.ts";

/** Test images whose lists are saved together; for them all heads are read once. */
const rowsPerPart = 16_384;

/** Test images and classes that are compared at once. */
const rowsAtOnce = 1024;
const classesAtOnce = 2048;

/** Makes the lists of the heads' best classes that the methods read, each once. Ids are landmarks. */
export async function rankClassesAll(
  context: SystemContext,
  system: EmbeddedSystem,
  methods: readonly Method[],
): Promise<Lists> {
  const lists = new Map<ListName, CompletedStage>();
  for (const name of allNeededLists(methods, membersOf(system))) {
    if (isHeadName(name)) {
      lists.set(name, await rankClasses(context, system, name.split("/")[0] as Networks));
    }
  }
  return lists;
}

/**
 * Finds the best landmarks of each test image by the heads of some networks: by the mean of their cosines, of which those
 * of landmarks that no searched image shows are lowered by 1.
 */
async function rankClasses(
  context: SystemContext,
  system: EmbeddedSystem,
  networks: Networks,
): Promise<CompletedStage> {
  const { folds, gallery } = system.data;
  const members = networks === "ensemble" ? membersOf(system) : [networks];
  const rows = rowsOf(system, members, "test");
  const { classCount } = context.config.recognition.fusion;
  const shown = [...new Set(gallery.labels)].sort((a, b) => a - b);
  const trained = members.map((member) => system.trained.get(member)!);
  let opening: Promise<OpenHeads> | undefined;
  try {
    return await makeLists(context, {
      name: `head/${networks}`,
      settings: { classCount, members, gallery: hashOf(shown), provider: context.options.provider },
      after: [folds, ...trained, ...rows.stages],
      rows: rows.rows,
      rowsPerPart,
      rowsAtOnce: rowsPerPart,
      async listsOf(first, end) {
        opening ??= openHeads(context, system, trained, Math.min(rowsAtOnce, rows.rows));
        const { heads, landmarks, cosines } = await opening;
        const wanted = new Set(shown);
        const galleryClasses = Int32Array.from(landmarks.keys()).filter((id) => wanted.has(landmarks[id]!));
        const lists = await headClasses(await readRows(rows, { first, end }), {
          heads,
          classes: landmarks.length,
          galleryClasses,
          classCount,
          cosines,
        });
        return { ...lists, ids: lists.ids.map((id) => landmarks[id]!) };
      },
    });
  } finally {
    await (await opening)?.[Symbol.asyncDispose]();
  }
}

interface OpenHeads extends AsyncDisposable {
  readonly heads: readonly HeadFile[];
  /** The landmark of each class. */
  readonly landmarks: Int32Array;
  readonly cosines: BlockCosines;
}

async function openHeads(
  context: SystemContext,
  { data }: EmbeddedSystem,
  trained: readonly CompletedStage[],
  rows: number,
): Promise<OpenHeads> {
  const landmarks = await readClassLandmarksPickle(join(data.folds.folder, foldsFiles.classes));
  const opened: AsyncDisposable[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened) await one[Symbol.asyncDispose]();
  };
  try {
    const heads: HeadFile[] = [];
    for (const { folder } of trained) {
      const head = await openHead(join(folder, weightsFile));
      opened.push(head);
      heads.push(head);
      requireClasses(folder, head, landmarks.length);
    }
    const size = { rows, classes: Math.min(classesAtOnce, landmarks.length) };
    const compiled = await compileCosines(context, size, heads[0]!.dimension);
    opened.push(compiled);
    const run: BlockCosines["run"] = async (embeddings, head) =>
      (await compiled.run({ embeddings, head })).cosines!.data as Float32Array;
    return { heads, landmarks, cosines: { ...size, run }, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

function requireClasses(folder: string, head: HeadFile, landmarks: number): void {
  if (head.classes >= landmarks) return;
  throw new UserError(
    `${join(folder, weightsFile)}: expected a head of at least ${landmarks} classes, got ${head.classes}; train the network again`,
  );
}

function compileCosines(
  context: SystemContext,
  { rows, classes }: Pick<BlockCosines, "rows" | "classes">,
  dimension: number,
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
    engineSettings(context),
  );
}
