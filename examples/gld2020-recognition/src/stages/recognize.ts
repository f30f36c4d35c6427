import type { Neighbors } from "@lmk/rerank/recognition";
import {
  type CompletedStage,
  predictionsName,
  readLists,
  runStage,
  writeRecognition,
} from "@lmk-example/kit";
import { listLength } from "../list-length.ts";
import { type ListName, neededLists } from "../list-names.ts";
import type { Method } from "../method.ts";
import { recognize } from "../recognize.ts";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import { type Lists, membersOf } from "./search.ts";

/**
 * Recognizes the landmarks of all test images in one way, and writes them as they could be handed in: a prediction for
 * every image that can be read, in the order of the test table; `readPredictions` reads them.
 *
 * @param lists - Those of `searchAll` and of `rankClassesAll`.
 */
export async function recognizeBy(
  { run, config, notice }: SystemContext,
  system: EmbeddedSystem,
  lists: Lists,
  { name, title, way }: Method,
): Promise<CompletedStage> {
  const { prepared, gallery } = system.data;
  const { fusion, nonLandmarkRanking, nonLandmarkRules } = config.recognition;
  const members = membersOf(system);
  const needed = neededLists(way, members).map((list) => [list, stageOf(lists, list)] as const);
  const settings = { way, fusion, nonLandmarkRanking, nonLandmarkRules };
  const after = [prepared.stage, ...needed.map(([, stage]) => stage)];
  return runStage(run, `recognize/${name}`, { settings, after }, async (folder) => {
    const read = new Map<ListName, Neighbors>();
    for (const [list, stage] of needed) read.set(list, await readLists(stage));
    const evidence = { labels: gallery.labels, members, list: (list: ListName) => read.get(list)! };
    const { predictions, unproven } = recognize(way, evidence, config.recognition);
    const { labels, scores } = predictions;
    if (unproven > 0) {
      const listed = listLength(config.recognition, labels.length);
      notice(
        `${title}: A − B was looked at for the nearest ${listed} of ${gallery.rows.length} searched images; in ${unproven} lists one farther off might rank higher`,
      );
    }
    await writeRecognition(folder, predictionsName, prepared, { landmarkIds: labels, scores });
  });
}

function stageOf(lists: Lists, name: ListName): CompletedStage {
  const stage = lists.get(name);
  if (stage === undefined) throw new RangeError(`expected lists ${name}, got none`);
  return stage;
}
