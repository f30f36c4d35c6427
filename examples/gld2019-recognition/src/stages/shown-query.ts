import { type PreparedData, type ShownImage, type ShownQuery, usableRows } from "@lmk-example/kit";
import type { AnsweredImage } from "../answers.ts";
import { type Evidence, inliersOf } from "../recognize.ts";

/** What the report shows test images from. */
export interface Shown {
  readonly prepared: PreparedData;
  readonly evidence: Evidence;
  /** Train images that vote. */
  readonly voters: number;
}

/** A test image with the train images that voted, and with some of the landmark that is right. */
export function shownQuery(shown: Shown, { prediction, landmarks }: AnsweredImage): ShownQuery {
  const { test } = shown.prepared.data;
  const row = test.ids.rowOf(prediction.id);
  const said = nameOf(shown, prediction.label);
  return {
    query: {
      path: test.paths.at(row),
      caption: `${prediction.id} · ${said} · score ${prediction.score.toFixed(3)}`,
    },
    before: {
      label: `votes for ${said}`,
      images: votersOf(shown, usableRows(shown.prepared, "test").indexOf(row), landmarks),
    },
    after: {
      label:
        landmarks.length === 0
          ? "no landmark is right"
          : `right: ${landmarks.map((id) => nameOf(shown, id)).join(", ")}`,
      images: examplesOf(shown, landmarks),
    },
  };
}

function votersOf(
  { prepared, evidence, voters }: Shown,
  place: number,
  landmarks: readonly number[],
): ShownImage[] {
  const { neighbors, labels, verified } = evidence;
  const { train } = prepared.data;
  const rows = usableRows(prepared, "train");
  const first = place * neighbors.k;
  const ids = neighbors.ids.subarray(first, first + Math.min(voters, neighbors.k));
  const scores = neighbors.scores.subarray(first, first + ids.length);
  const counts = verified && inliersOf({ ids, scores, rows: 1, k: ids.length }, listOf(verified, place));
  return [...ids].flatMap((id, rank) => {
    if (id < 0) return [];
    const inliers = counts === undefined ? "" : ` · ${counts[rank]} inliers`;
    return [
      {
        path: train.paths.at(rows[id]!),
        caption: `${labels[id]} · cosine ${scores[rank]!.toFixed(2)}${inliers}`,
        right: landmarks.includes(labels[id]!),
      },
    ];
  });
}

/** As many train images of the landmarks as vote. */
function examplesOf({ prepared, voters }: Shown, landmarks: readonly number[]): ShownImage[] {
  const { train } = prepared.data;
  return [...usableRows(prepared, "train")]
    .filter((row) => landmarks.includes(train.landmarkIds[row]!))
    .slice(0, voters)
    .map((row) => ({ path: train.paths.at(row), caption: `${train.landmarkIds[row]}` }));
}

function listOf({ ids, scores, k }: Evidence["neighbors"], row: number): Evidence["neighbors"] {
  return {
    ids: ids.subarray(row * k, (row + 1) * k),
    scores: scores.subarray(row * k, (row + 1) * k),
    rows: 1,
    k,
  };
}

function nameOf({ prepared }: Shown, landmark: number): string {
  const name = prepared.data.landmarkNames.get(landmark);
  return name === undefined ? `landmark ${landmark}` : `landmark ${landmark}, ${name}`;
}
