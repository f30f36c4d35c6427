import {
  addIndexImages,
  addTestImages,
  createTrainingSet,
  type ImageList,
  listTrainingSet,
  type TrainingSet,
  tagClasses,
} from "@lmk/data";
import type { ListName } from "./list-names.ts";
import type { ListSources } from "./list-sources.ts";

/** Images to train on. */
export interface TrainingList {
  /** The rows of the tables, with their classes; `landmarkIds` has the landmark of each class. */
  readonly set: TrainingSet;
  /** The same rows with ids, files and, in `all`, continents. */
  readonly list: ImageList;
}

/**
 * Makes one of the original's lists. Classes are numbered alike in all of them: those of the cleaned images come first, and
 * are all that `clean` and `c2f` have.
 *
 * Only `all` has tags: the continent of each class, and `null` for images without a landmark, which have the class -1. An
 * image of several classes stands there in a row for each, in ascending order; the original has them in no order.
 *
 * Nothing is kept: each call makes the list anew.
 *
 * @throws RangeError if a landmark of the index has no category, or, in `all`, one of train no continent.
 */
export function trainingList(name: ListName, sources: ListSources): TrainingList {
  const set = trainingSet(name, sources);
  return {
    set,
    list: listTrainingSet(set, sources, name === "all" ? { tags: continents(set, sources) } : {}),
  };
}

function trainingSet(name: ListName, sources: ListSources): TrainingSet {
  switch (name) {
    case "clean":
      return createTrainingSet("clean", sources);
    case "c2f":
      return createTrainingSet("c2x", sources);
    case "full":
      return createTrainingSet("trainfull", sources);
    case "index_train":
      return addIndexImages(trainingSet("full", sources), sources.labels);
    case "all":
      return addTestImages(trainingSet("index_train", sources), sources.labels);
  }
}

function continents({ landmarkIds }: TrainingSet, { countries }: ListSources): ReturnType<typeof tagClasses> {
  const { landmarks } = countries;
  return tagClasses(landmarkIds, { landmarkIds: landmarks.landmarkIds, tags: landmarks.continents });
}
