import { join } from "node:path";
import { readClassLandmarksPickle } from "@lmk/data";
import { type CompletedStage, engineSettings, hashOf, makeLists, readRows } from "@lmk-example/kit";
import { foldsFiles } from "../folds-files.ts";
import { headClasses } from "../head-classes.ts";
import { allNeededLists, isHeadName, type ListName } from "../list-names.ts";
import { rowsOf } from "../member-rows.ts";
import type { Method } from "../method.ts";
import { type OpenHeads, openHeads } from "../open-heads.ts";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import type { Networks } from "../way.ts";
import { weightsFile } from "./embed.ts";
import { type Lists, membersOf } from "./search.ts";

/** Test images whose lists are saved together; for them all heads are read once. */
const rowsPerPart = 16_384;

/** Test images that are compared with a block of classes at once. */
const rowsAtOnce = 1024;

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
  const files = trained.map(({ folder }) => join(folder, weightsFile));
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
        const landmarks = await readClassLandmarksPickle(join(folds.folder, foldsFiles.classes));
        opening ??= openHeads(files, {
          classes: landmarks.length,
          rows: Math.min(rowsAtOnce, rows.rows),
          engine: engineSettings(context),
        });
        const { heads, cosines } = await opening;
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
