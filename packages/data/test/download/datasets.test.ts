import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  corruptParisImages,
  type DatasetFilesOptions,
  type DatasetName,
  datasetFiles,
  datasetNames,
} from "@lmk/data/download";
import { describe, expect, it } from "vitest";

const shared =
  process.env.LMK_PHOTOS ?? fileURLToPath(new URL("../../../../../shared/data", import.meta.url));
const groundTruth = join(shared, "ground-truth");

describe("Google Landmarks v2", () => {
  it("is 12 tables and 620 archives, each with its checksum's address", () => {
    const files = datasetFiles("gldv2", "gldv2");
    expect(files.length).toBe(632);
    expect(files.filter(({ unpack }) => unpack === undefined).map(({ url }) => url)).toEqual(
      [
        "metadata/train.csv",
        "metadata/train_clean.csv",
        "metadata/train_attribution.csv",
        "metadata/train_label_to_category.csv",
        "metadata/train_label_to_hierarchical.csv",
        "metadata/index.csv",
        "metadata/index_image_to_landmark.csv",
        "metadata/index_label_to_category.csv",
        "metadata/index_label_to_hierarchical.csv",
        "metadata/test.csv",
        "ground_truth/recognition_solution_v2.1.csv",
        "ground_truth/retrieval_solution_v2.1.csv",
      ].map((path) => `https://s3.amazonaws.com/google-landmark/${path}`),
    );
    expect(files[11]!.path).toBe(join("gldv2", "metadata", "retrieval_solution_v2.1.csv"));
    expect(files.at(-1)).toEqual({
      url: "https://s3.amazonaws.com/google-landmark/test/images_019.tar",
      path: join("gldv2", "test", "images_019.tar"),
      md5Url: "https://s3.amazonaws.com/google-landmark/md5sum/test/md5.images_019.txt",
      unpack: { folder: join("gldv2", "test"), flat: false, leaveOut: [] },
    });
  });

  it("can be taken in parts", () => {
    const paths = (options: DatasetFilesOptions): string[] =>
      datasetFiles("gldv2", "", options).map(({ path }) => path);
    expect(paths({ splits: ["test"], metadataOnly: true })).toEqual([
      join("metadata", "test.csv"),
      join("metadata", "recognition_solution_v2.1.csv"),
      join("metadata", "retrieval_solution_v2.1.csv"),
    ]);
    expect(paths({ archives: [18, 20] }).slice(12)).toEqual([
      ...[18, 19, 20].map((i) => join("train", `images_0${i}.tar`)),
      ...[18, 19, 20].map((i) => join("index", `images_0${i}.tar`)),
      ...[18, 19].map((i) => join("test", `images_0${i}.tar`)),
    ]);
  });
});

describe("revisited Oxford and Paris", () => {
  it("are the archives of their authors and a ground truth", () => {
    expect(datasetFiles("rparis6k", "p").map(({ url, path }) => [url, path])).toEqual([
      [
        "http://cmp.felk.cvut.cz/cnnimageretrieval/data/test/rparis6k/gnd_rparis6k.pkl",
        join("p", "gnd_rparis6k.pkl"),
      ],
      ["https://www.robots.ox.ac.uk/~vgg/data/parisbuildings/paris_1-v1.tgz", join("p", "paris_1-v1.tgz")],
      ["https://www.robots.ox.ac.uk/~vgg/data/parisbuildings/paris_2-v1.tgz", join("p", "paris_2-v1.tgz")],
    ]);
    expect(datasetFiles("roxford5k", "o")[1]).toEqual({
      url: "https://www.robots.ox.ac.uk/~vgg/data/oxbuildings/oxbuild_images-v1.tgz",
      path: join("o", "oxbuild_images-v1.tgz"),
      unpack: { folder: join("o", "jpg"), flat: true, leaveOut: [] },
    });
  });

  it.skipIf(!existsSync(groundTruth))("have the checksums of the published files (needs LMK_PHOTOS)", () => {
    for (const name of ["roxford5k", "rparis6k"] as const) {
      const bytes = readFileSync(join(groundTruth, `gnd_${name}.pkl`));
      const { sha256 } = datasetFiles(name, "x")[0]!;
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
      if (name === "roxford5k") continue;
      // 6,412 images in the archives: 70 queries, 6,322 others, and these.
      expect(corruptParisImages.length).toBe(6412 - 70 - 6322);
      for (const image of corruptParisImages) expect(bytes.includes(image.replace(".jpg", ""))).toBe(false);
      expect(bytes.includes("paris_defense_000605")).toBe(true);
    }
  });
});

it.each<[DatasetName, DatasetFilesOptions, string]>([
  [
    "gldv1" as DatasetName,
    {},
    'datasetFiles: expected `name` to be one of gldv2, roxford5k, rparis6k, got "gldv1"',
  ],
  [
    "gldv2",
    { splits: ["val" as "test"] },
    'datasetFiles: expected `splits` to be one of train, index, test, got "val"',
  ],
  ["gldv2", { archives: [-1, 2] }, "datasetFiles: expected `archives[0]` to be an integer >= 0, got -1"],
  ["gldv2", { archives: [3, 2] }, "datasetFiles: expected `archives[1]` to be an integer >= 3, got 2"],
  [
    "gldv2",
    { groundTruthUrl: "http://x" },
    "datasetFiles: expected no `groundTruthUrl` for gldv2, got http://x",
  ],
  ["roxford5k", { splits: ["test"] }, "datasetFiles: expected no `splits` for roxford5k, got test"],
  ["rparis6k", { archives: [0, 1] }, "datasetFiles: expected no `archives` for rparis6k, got 0,1"],
])("refuses %s with %o", (name, options, message) => {
  expect(() => datasetFiles(name, "x", options)).toThrow(new RangeError(message));
  expect(datasetNames).toEqual(["gldv2", "roxford5k", "rparis6k"]);
});
