import { join } from "node:path";
import {
  nonLandmarksOf,
  type PreparedData,
  runStage,
  UserError,
  usableRows,
  writeJson,
  writeWhole,
} from "@lmk-example/kit";
import type { TrainTable } from "../network-config.ts";
import { listOfTable, stepData } from "../step-data.ts";
import type { Gallery, SystemContext, SystemData } from "../system.ts";

/**
 * Chooses the images of each train table, writes how many they are and which class each landmark is, and chooses the labelled
 * images of the rankings.
 */
export async function lists(context: SystemContext, prepared: PreparedData): Promise<SystemData> {
  const stage = await runStage(
    context.run,
    "lists",
    { settings: {}, after: [prepared.stage] },
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
  const gallery = galleryOf(context, prepared);
  return { prepared, lists: stage, gallery, nonLandmarks: nonLandmarksOf(prepared) };
}

/** The labelled images that can be read. */
function galleryOf({ config }: Pick<SystemContext, "config">, prepared: PreparedData): Gallery {
  const chosen = stepData(prepared.data, config.gallery === "clean" ? "train.csv" : "train_gldv2x.csv");
  const { landmarkIds } = prepared.data.train;
  const listed = new Uint8Array(landmarkIds.length);
  for (const row of chosen.rows) listed[row] = 1;
  const rows = usableRows(prepared, "train").filter((row) => listed[row] === 1);
  if (rows.length === 0) {
    throw new UserError(
      "lists: expected train images of landmarks on the cleaned list, got none; check --data",
    );
  }
  return { rows, labels: rows.map((row) => landmarkIds[row]!) };
}
