import { createRandom, pick, type Random, range } from "../random.ts";
import type { Condition } from "../render/light.ts";
import type { Framing } from "../scene/viewpoint.ts";
import type { LandmarkOrder, Sight } from "./sight.ts";

/** What a photo of a landmark is for. */
export type PhotoKind = "query" | "easy" | "hard" | "junk";

/** How photos of a kind are taken and told from the others. */
interface KindRule {
  readonly sceneDifficulty: number;
  /** The frame, where it is not left to chance. */
  readonly frame: (random: Random) => Framing | null;
  readonly accepts: (sight: Sight) => boolean;
}

const plainLight: readonly Condition[] = ["clear", "scattered", "overcast", "golden"];

function isEasy({ shown, extent, turn, condition }: Sight): boolean {
  return shown >= 0.75 && extent >= 0.45 && turn <= 0.6 && plainLight.includes(condition);
}

function isHard(sight: Sight): boolean {
  const { shown, extent, turn, condition } = sight;
  const hasTrouble = shown <= 0.65 || extent <= 0.4 || turn >= 0.8 || !plainLight.includes(condition);
  return hasTrouble && shown >= 0.4 && extent >= 0.25 && turn <= 1.8;
}

/** Far away, or a piece at the edge of the frame. */
function isJunk({ shown, extent }: Sight): boolean {
  return shown >= 0.05 && (extent <= 0.18 || shown <= 0.25);
}

/** The building whole, with some space around it: what a person would draw a box on. */
function isQuery(sight: Sight): boolean {
  const { box } = sight;
  if (box === null || !isEasy(sight)) return false;
  return Math.min(box[0], box[1], 1 - box[2], 1 - box[3]) >= 0.01;
}

const rules: Readonly<Record<PhotoKind, KindRule>> = {
  query: {
    sceneDifficulty: 0,
    frame: (random) => ({ coverage: range(random, 0.6, 0.9), inside: 1, edge: "left" }),
    accepts: isQuery,
  },
  easy: { sceneDifficulty: 0, frame: () => null, accepts: isEasy },
  hard: { sceneDifficulty: 1, frame: () => null, accepts: isHard },
  junk: {
    sceneDifficulty: 0.5,
    frame: (random) =>
      random() < 0.5
        ? { coverage: range(random, 0.08, 0.16), inside: 1, edge: "left" }
        : {
            coverage: range(random, 0.8, 1.5),
            inside: range(random, 0.12, 0.28),
            edge: pick(random, ["left", "right"] as const),
          },
    accepts: isJunk,
  },
};

/** Tries before a landmark is given up. */
const largestTry = 200;

/** A photo that was found fit for its kind, and what it shows. */
export interface FoundPhoto {
  readonly order: LandmarkOrder;
  readonly sight: Sight;
}

/**
 * Looks for a photo of a kind: takes one seed after the other until what it shows is of that kind.
 *
 * Between the kinds there are photos of no kind, so that no label is a matter of a percent.
 *
 * @returns Undefined if none of 200 photos is.
 */
export function findPhoto(
  kind: PhotoKind,
  photo: Omit<LandmarkOrder, "sceneDifficulty" | "framing">,
  survey: (order: LandmarkOrder) => Sight,
): FoundPhoto | undefined {
  const { sceneDifficulty, frame, accepts } = rules[kind];
  for (let attempt = 0; attempt < largestTry; attempt++) {
    const seed = `${photo.seed} ${attempt}`;
    const order = { ...photo, seed, sceneDifficulty, framing: frame(createRandom(seed, "framing")) };
    const sight = survey(order);
    if (accepts(sight)) return { order, sight };
  }
  return undefined;
}
