import { archetypes } from "../archetypes/archetypes.ts";
import { createRandom } from "../random.ts";
import { landmarkCountries } from "./countries.ts";
import type { Plan, PlannedImage, PlannedLandmark, Split } from "./plan.ts";

/** Every CSV file of a data set, by its name. */
export function createTables(plan: Plan, seed: number | string): Readonly<Record<string, string>> {
  const of = (split: Split): PlannedImage[] => plan.images.filter((image) => image.split === split);
  const train = of("train");
  const index = of("index");
  const test = of("test");
  const inTrain = sortedBy(plan.landmarks.filter(({ trainLabel }) => trainLabel !== null), ({ trainLabel }) => trainLabel!);
  const shown = new Set(index.map(({ shows }) => shows));
  const inIndex = sortedBy(plan.landmarks.filter((_, row) => shown.has(row)), ({ indexLabel }) => indexLabel);
  const usage = usageOf(seed);
  return {
    "train.csv": table("id,url,landmark_id", train.map(({ id, label }) => [id, urlOf("train", id), plan.landmarks[label]!.trainLabel!])),
    "train_clean.csv": table("landmark_id,images", cleanRows(plan, train)),
    "train_attribution.csv": table("id,url,author,license,title", train.map(({ id, label }) => [id, urlOf("train", id), "@lmk/data", "https://creativecommons.org/publicdomain/zero/1.0/", `${plan.landmarks[label]!.name}.jpg`])),
    "train_label_to_category.csv": table("landmark_id,category", inTrain.map((landmark) => [landmark.trainLabel!, categoryOf(landmark)])),
    "train_label_to_hierarchical.csv": table(hierarchicalHeader, inTrain.map((landmark) => [landmark.trainLabel!, ...hierarchyOf(landmark)])),
    "train_label_to_country.csv": table("landmark_id,country,continent", inTrain.map((landmark) => [landmark.trainLabel!, landmark.country, continentOf(landmark)])),
    "index.csv": table("id", index.map(({ id }) => [id])),
    "index_image_to_landmark.csv": table("id,landmark_id", index.filter(({ shows }) => shows >= 0).map(({ id, shows }) => [id, plan.landmarks[shows]!.indexLabel])),
    "index_label_to_category.csv": table("landmark_id,category", inIndex.map((landmark) => [landmark.indexLabel, categoryOf(landmark)])),
    "index_label_to_hierarchical.csv": table(hierarchicalHeader, inIndex.map((landmark) => [landmark.indexLabel, ...hierarchyOf(landmark)])),
    "test.csv": table("id", test.map(({ id }) => [id])),
    "recognition_solution_v2.1.csv": table("id,landmarks,Usage", test.map(({ id, shows }) => [id, shows < 0 ? "" : (plan.landmarks[shows]!.trainLabel ?? ""), usage(id)])),
    "retrieval_solution_v2.1.csv": table("id,images,Usage", retrievalRows(index, test, usage)),
  };
}

const hierarchicalHeader = "landmark_id,category,supercategory,hierarchical_label,natural_or_human_made";

function table(header: string, rows: readonly (readonly (string | number)[])[]): string {
  return `${[header, ...rows.map((row) => row.join(","))].join("\n")}\n`;
}

function urlOf(split: Split, id: string): string {
  return `https://example.org/landmarks/${split}/${id}.jpg`;
}

function categoryOf(landmark: PlannedLandmark): string {
  return `https://example.org/wiki/Category:${landmark.name.replaceAll(" ", "_")}`;
}

function hierarchyOf(landmark: PlannedLandmark): string[] {
  const archetype = archetypes[landmark.design.archetype];
  return [categoryOf(landmark), archetype.supercategory, archetype.hierarchy, archetype.isNatural ? "natural" : "human-made"];
}

function continentOf(landmark: PlannedLandmark): string {
  return landmarkCountries.find(({ code }) => code === landmark.country)!.continent;
}

/** The right images of each landmark that has at least two of them. */
function cleanRows(plan: Plan, train: readonly PlannedImage[]): (string | number)[][] {
  const right = groupBy(train.filter(({ shows, label }) => shows === label), ({ label }) => label);
  const rows = [...right].filter(([, images]) => images.length >= 2);
  return sortedBy(rows, ([label]) => plan.landmarks[label]!.trainLabel!).map(([label, images]) => [
    plan.landmarks[label]!.trainLabel!,
    images.map(({ id }) => id).join(" "),
  ]);
}

function retrievalRows(index: readonly PlannedImage[], test: readonly PlannedImage[], usage: (id: string) => string): string[][] {
  const byLandmark = groupBy(index, ({ shows }) => shows);
  return test.map(({ id, shows }) => {
    const images = shows < 0 ? undefined : byLandmark.get(shows);
    return images === undefined ? [id, "None", "Ignored"] : [id, images.map((image) => image.id).join(" "), usage(id)];
  });
}

/** A third of the queries are public, as on a leader board. */
function usageOf(seed: number | string): (id: string) => "Public" | "Private" {
  return (id) => (createRandom(seed, "usage", id)() < 1 / 3 ? "Public" : "Private");
}

function sortedBy<Item>(items: readonly Item[], key: (item: Item) => number): Item[] {
  return [...items].sort((a, b) => key(a) - key(b));
}

function groupBy<Item>(items: readonly Item[], key: (item: Item) => number): Map<number, Item[]> {
  const groups = new Map<number, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
