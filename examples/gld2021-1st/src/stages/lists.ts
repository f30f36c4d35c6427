import { join } from "node:path";
import {
  type Gallery,
  galleryOf,
  nonLandmarksOf,
  type PreparedData,
  runStage,
  writeJson,
  writeWhole,
} from "@lmk-example/kit";
import { labelledIndexOf } from "../labelled-index.ts";
import type { TrainTable } from "../network-config.ts";
import { listOfTable, stepData } from "../step-data.ts";
import type { SystemContext, SystemData } from "../system.ts";

/**
 * Chooses the images of each train table, writes how many they are and which class each landmark is, and chooses the labelled
 * images of the rankings, of train and of the index.
 */
export async function lists(context: SystemContext, prepared: PreparedData): Promise<SystemData> {
  const stage = await runStage(
    context.run,
    "lists",
    { settings: { classes: "by landmark id" }, after: [prepared.stage] },
    async (folder) => {
      const counts: Record<string, unknown> = {};
      for (const table of Object.keys(listOfTable) as TrainTable[]) {
        const { rows, landmarkIds } = stepData(prepared.data, table);
        counts[table] = { images: rows.length, landmarks: landmarkIds.length };
      }
      writeJson(join(folder, "counts.json"), counts);
      const { landmarkIds } = stepData(prepared.data, "train_gldv2x.csv");
      const lines = [...landmarkIds].map((landmark, id) => `${landmark},${id}\n`);
      writeWhole(join(folder, "landmark_id2class.csv"), `landmark_id,class_id\n${lines.join("")}`);
    },
  );
  const gallery = chooseGallery(context, prepared);
  const labelledIndex = labelledIndexOf(prepared);
  return { prepared, lists: stage, gallery, labelledIndex, nonLandmarks: nonLandmarksOf(prepared) };
}

/** The labelled images that can be read. */
function chooseGallery({ config }: Pick<SystemContext, "config">, prepared: PreparedData): Gallery {
  const chosen = stepData(prepared.data, config.gallery === "clean" ? "train.csv" : "train_gldv2x.csv");
  const listed = new Set(chosen.rows);
  return galleryOf("lists", prepared, (row) => listed.has(row));
}
