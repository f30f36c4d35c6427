import type { Neighbors } from "@lmk/rerank/recognition";
import {
  type CompletedStage,
  predictionsName,
  readLists,
  runStage,
  writeRecognition,
} from "@lmk-example/kit";
import { pairsOfRecognition, recognitionList } from "../list-names.ts";
import { recognizeLandmarks } from "../recognition-ranking.ts";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import type { Method, RecognitionWay } from "../way.ts";
import type { Lists } from "./search.ts";

/**
 * Recognizes the landmarks of all test images in one way, and writes them as they could be handed in: a prediction for every
 * image that can be read, in the order of the test table; `readPredictions` reads them.
 */
export async function recognizeBy(
  { run, config, notice }: SystemContext,
  { data }: EmbeddedSystem,
  lists: Lists,
  { name, title, way }: Method<RecognitionWay>,
): Promise<CompletedStage> {
  const { prepared, gallery } = data;
  const { recognition } = config;
  const stages = pairsOfRecognition(way).map((pair) => lists.get(recognitionList(way, pair))!);
  const settings = { way, recognition, gallery: config.gallery };
  const after = [prepared.stage, data.lists, ...stages];
  return runStage(run, `recognize/${name}`, { settings, after }, async (folder) => {
    const [testGallery, galleryNonLandmarks, testNonLandmarks] = await Promise.all(stages.map(readLists));
    const { predictions, unproven } = recognizeLandmarks(
      {
        testGallery: testGallery!,
        galleryNonLandmarks: galleryNonLandmarks ?? noNeighbors(gallery.rows.length),
        testNonLandmarks: testNonLandmarks ?? noNeighbors(testGallery!.rows),
        labels: gallery.labels,
      },
      recognition,
    );
    if (unproven > 0) {
      notice(
        `${title}: A − B was looked at for the nearest ${testGallery!.k} of ${gallery.rows.length} gallery images; in ${unproven} lists one farther off might rank higher`,
      );
    }
    const { labels, scores } = predictions;
    await writeRecognition(folder, predictionsName, prepared, { landmarkIds: labels, scores });
  });
}

/** Lists that nothing is near in: B and C are 0 by them. */
function noNeighbors(rows: number): Neighbors {
  return {
    ids: new Int32Array(rows).fill(-1),
    scores: new Float32Array(rows).fill(Number.NEGATIVE_INFINITY),
    rows,
    k: 1,
  };
}
