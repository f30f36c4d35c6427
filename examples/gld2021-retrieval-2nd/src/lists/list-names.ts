/** The lists of images that the second place trains on and re-ranks by, in the order in which they are made. */
export const listNames = ["clean", "c2f", "full", "index_train", "all"] as const;

/**
 * A list of images by the name in its file: `c2f` is what the paper calls c2x, and `full` is `trainfull` of
 * `createTrainingSet`.
 */
export type ListName = (typeof listNames)[number];

/** The file of a list, as the original names it. */
export function listFile(name: ListName): string {
  return `cache_${name}_list.pkl`;
}

/** The file with the country of each class, as the original names it. */
export const classCountriesFile = "gbid2country.pkl";

/** What the paper says of a list. */
export interface PublishedList {
  /** The images with a landmark; `undefined` where the paper does not say. */
  readonly samples: number | undefined;
  readonly labels: number;
  /** What the list is for. */
  readonly use: string;
}

/** Table 1 of the paper, on all of Google Landmarks v2. */
export const publishedLists: Readonly<Record<ListName, PublishedList>> = {
  clean: { samples: 1_580_470, labels: 81_313, use: "training, stage 1" },
  c2f: { samples: 3_223_078, labels: 81_313, use: "training, stage 2" },
  full: { samples: 4_132_914, labels: 203_094, use: "training, stage 3" },
  index_train: { samples: undefined, labels: 203_094, use: "re-ranking" },
  all: { samples: 4_825_830, labels: 203_094, use: "training, stage 4" },
};
