import { join } from "node:path";
import { gldv2Archives } from "../readers/gldv2-archives.ts";
import type { Split } from "../readers/landmark-data.ts";
import { requireInteger, requireOneOf } from "../require.ts";
import type { FileToDownload } from "./file-to-download.ts";

/** A data set that can be downloaded. */
export type DatasetName = "gldv2" | "roxford5k" | "rparis6k";

/** The data sets that can be downloaded. */
export const datasetNames: readonly DatasetName[] = ["gldv2", "roxford5k", "rparis6k"];

/** Options of {@link datasetFiles}. */
export interface DatasetFilesOptions {
  /**
   * Parts of Google Landmarks v2.
   *
   * @defaultValue all three
   */
  readonly splits?: readonly Split[];
  /**
   * Whether to leave the images of Google Landmarks v2 away.
   *
   * @defaultValue false
   */
  readonly metadataOnly?: boolean;
  /**
   * First and last number of the archives of Google Landmarks v2 to take of each split, as far as it has them.
   *
   * @defaultValue all
   */
  readonly archives?: readonly [first: number, last: number];
  /**
   * A mirror of the folder that holds the archives; of Google Landmarks v2, of the whole bucket.
   *
   * @defaultValue where they are published
   */
  readonly baseUrl?: string;
  /**
   * A mirror of the folder that holds the ground truth of revisited Oxford or Paris.
   *
   * @defaultValue where it is published
   */
  readonly groundTruthUrl?: string;
}

/** A file of a data set. */
export interface DatasetFile extends FileToDownload {
  /** Where its MD5 sum is published, in a file of one line. */
  readonly md5Url?: string;
  /** How it is unpacked, if it is an archive. */
  readonly unpack?: {
    /** Where its files go. */
    readonly folder: string;
    /** Whether they go there without the folders of the archive. */
    readonly flat: boolean;
    /** Names of files that are not wanted. */
    readonly leaveOut: readonly string[];
  };
}

const gldv2Url = "https://s3.amazonaws.com/google-landmark";

const gldv2Tables: Readonly<Record<Split, readonly string[]>> = {
  train: [
    "metadata/train.csv",
    "metadata/train_clean.csv",
    "metadata/train_attribution.csv",
    "metadata/train_label_to_category.csv",
    "metadata/train_label_to_hierarchical.csv",
  ],
  index: [
    "metadata/index.csv",
    "metadata/index_image_to_landmark.csv",
    "metadata/index_label_to_category.csv",
    "metadata/index_label_to_hierarchical.csv",
  ],
  test: [
    "metadata/test.csv",
    "ground_truth/recognition_solution_v2.1.csv",
    "ground_truth/retrieval_solution_v2.1.csv",
  ],
};

const gldv2Splits: readonly Split[] = ["train", "index", "test"];

/**
 * Images of the Paris archives that are no pictures one can open. The revisited ground truth lists none of them, and
 * {@link downloadDataset} does not unpack them.
 */
export const corruptParisImages: readonly string[] = [
  "paris_louvre_000136.jpg",
  "paris_louvre_000146.jpg",
  "paris_moulinrouge_000422.jpg",
  "paris_museedorsay_001059.jpg",
  "paris_notredame_000188.jpg",
  "paris_pantheon_000284.jpg",
  "paris_pantheon_000960.jpg",
  "paris_pantheon_000974.jpg",
  "paris_pompidou_000195.jpg",
  "paris_pompidou_000196.jpg",
  "paris_pompidou_000201.jpg",
  "paris_pompidou_000467.jpg",
  "paris_pompidou_000640.jpg",
  "paris_sacrecoeur_000299.jpg",
  "paris_sacrecoeur_000330.jpg",
  "paris_sacrecoeur_000353.jpg",
  "paris_triomphe_000662.jpg",
  "paris_triomphe_000833.jpg",
  "paris_triomphe_000863.jpg",
  "paris_triomphe_000867.jpg",
];

/** Archives, ground truth and what is left out, of a revisited data set. */
interface RevisitedSource {
  readonly archivesUrl: string;
  readonly archives: readonly string[];
  readonly leaveOut: readonly string[];
  readonly sha256: string;
}

const revisitedSources: Readonly<Record<"roxford5k" | "rparis6k", RevisitedSource>> = {
  roxford5k: {
    archivesUrl: "https://www.robots.ox.ac.uk/~vgg/data/oxbuildings",
    archives: ["oxbuild_images-v1.tgz"],
    leaveOut: [],
    sha256: "ba7967754bd2d7d2210a5799f9c45ad5835e269a80ef9d3eba44caa35816c471",
  },
  rparis6k: {
    archivesUrl: "https://www.robots.ox.ac.uk/~vgg/data/parisbuildings",
    archives: ["paris_1-v1.tgz", "paris_2-v1.tgz"],
    leaveOut: corruptParisImages,
    sha256: "d2e729a5293dda7dda8a15c8383424a42e4964a2c4cfea2f32fa85d11d2df499",
  },
};

/**
 * The published files of a data set, and where they stand below its folder.
 *
 * | data set | files | images |
 * |---|---|---|
 * | `gldv2` | 500 archives of train (about 1 GB each), 100 of index (850 MB), 20 of test (500 MB), each with an MD5 file; the tables and solutions of version 2.1, in `metadata/` | `<split>/a/b/c/<id>.jpg`, as `openGldv2` expects |
 * | `roxford5k` | `oxbuild_images-v1.tgz` (1.9 GB), `gnd_roxford5k.pkl` with its SHA-256 | `jpg/<name>.jpg` |
 * | `rparis6k` | `paris_1-v1.tgz`, `paris_2-v1.tgz` (2.5 GB), `gnd_rparis6k.pkl` with its SHA-256 | `jpg/<name>.jpg`, without {@link corruptParisImages} |
 *
 * No checksum of the Oxford and Paris archives is published.
 *
 * @param name - The data set.
 * @param root - Its folder.
 * @returns Tables first, then archives in the order of `splits` and of their numbers.
 * @throws RangeError if the name is unknown, or an option is out of range or of another data set.
 *
 * @example
 * ```ts
 * import { datasetFiles } from "@lmk/data/download";
 *
 * const files = datasetFiles("gldv2", "gldv2", { splits: ["test"], archives: [0, 1] });
 * console.log(files.length, files[4].url);
 * // => 5 https://s3.amazonaws.com/google-landmark/test/images_001.tar
 * ```
 *
 * @see {@link https://github.com/cvdfoundation/google-landmark | Google Landmarks v2}
 * @see {@link http://cmp.felk.cvut.cz/revisitop/ | Revisited Oxford and Paris}
 */
export function datasetFiles(
  name: DatasetName,
  root: string,
  options: DatasetFilesOptions = {},
): readonly DatasetFile[] {
  requireOneOf("datasetFiles", "name", name, datasetNames);
  if (name !== "gldv2") return revisitedFiles(name, root, options);
  requireAbsent(name, options, ["groundTruthUrl"]);
  return gldv2Files(root, options);
}

function gldv2Files(root: string, options: DatasetFilesOptions): DatasetFile[] {
  const { splits = gldv2Splits, metadataOnly = false, archives = [0, 499], baseUrl = gldv2Url } = options;
  for (const split of splits) requireOneOf("datasetFiles", "splits", split, gldv2Splits);
  requireInteger("datasetFiles", "archives[0]", archives[0], 0);
  requireInteger("datasetFiles", "archives[1]", archives[1], archives[0]);
  const tables = splits.flatMap((split) => gldv2Tables[split]);
  const files: DatasetFile[] = tables.map((table) => ({
    url: `${baseUrl}/${table}`,
    path: join(root, "metadata", table.slice(table.indexOf("/") + 1)),
  }));
  if (metadataOnly) return files;
  for (const split of splits) {
    for (const archive of gldv2Archives(split).slice(archives[0], archives[1] + 1)) {
      files.push({
        url: `${baseUrl}/${split}/${archive.name}`,
        path: join(root, split, archive.name),
        md5Url: `${baseUrl}/md5sum/${split}/${archive.md5Name}`,
        unpack: { folder: join(root, split), flat: false, leaveOut: [] },
      });
    }
  }
  return files;
}

function revisitedFiles(
  name: "roxford5k" | "rparis6k",
  root: string,
  options: DatasetFilesOptions,
): DatasetFile[] {
  requireAbsent(name, options, ["splits", "metadataOnly", "archives"]);
  const { archivesUrl, archives, leaveOut, sha256 } = revisitedSources[name];
  const {
    baseUrl = archivesUrl,
    groundTruthUrl = `http://cmp.felk.cvut.cz/cnnimageretrieval/data/test/${name}`,
  } = options;
  const groundTruth = `gnd_${name}.pkl`;
  return [
    { url: `${groundTruthUrl}/${groundTruth}`, path: join(root, groundTruth), sha256 },
    ...archives.map((archive) => ({
      url: `${baseUrl}/${archive}`,
      path: join(root, archive),
      unpack: { folder: join(root, "jpg"), flat: true, leaveOut },
    })),
  ];
}

function requireAbsent(
  name: DatasetName,
  options: DatasetFilesOptions,
  others: readonly (keyof DatasetFilesOptions)[],
): void {
  const given = others.find((option) => options[option] !== undefined);
  if (given === undefined) return;
  throw new RangeError(`datasetFiles: expected no \`${given}\` for ${name}, got ${String(options[given])}`);
}
