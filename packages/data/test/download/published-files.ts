import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Split } from "@lmk/data";
import { create } from "tar";
import { type FileServer, hashOf } from "./file-server.ts";

/** Files of a folder, by their paths below it. */
export type Tree = Record<string, string>;

export const splits: readonly Split[] = ["train", "index", "test"];

/** Two archives of six images for each split. */
const archives = 2;
const imagesPerArchive = 6;

/** Bytes that stand for a photo: as many as it takes for an archive to come in several chunks. */
function photo(seed: number): string {
  return `photo ${seed} `.repeat(4000);
}

/** Builds a small Google Landmarks v2 as it is published, serves it, and returns what its folder must hold at the end. */
export async function publishGldv2(server: FileServer, folder: string): Promise<Tree> {
  const expected: Tree = {};
  let seed = 0;
  const ids: Record<Split, string[]> = { train: [], index: [], test: [] };
  for (const split of splits) {
    for (let number = 0; number < archives; number++) {
      const files: Tree = {};
      for (let i = 0; i < imagesPerArchive; i++) {
        seed += 1;
        const id = hashOf("md5", `${seed}`).slice(0, 16);
        ids[split].push(id);
        files[join(id[0]!, id[1]!, id[2]!, `${id}.jpg`)] = photo(seed);
      }
      const stem = `images_00${number}`;
      const tar = await packed(join(folder, split, stem), files);
      server.add(`${split}/${stem}.tar`, tar);
      server.add(`md5sum/${split}/md5.${stem}.txt`, `${hashOf("md5", tar)}  ${stem}.tar\n`);
      for (const [path, content] of Object.entries(files)) expected[join(split, path)] = content;
    }
  }
  for (const [path, content] of Object.entries(tables(ids))) {
    server.add(path, content);
    expected[join("metadata", path.slice(path.indexOf("/") + 1))] = content;
  }
  return expected;
}

function tables({ train, index, test }: Record<Split, string[]>): Tree {
  const lines = (header: string, rows: string[]): string => `${[header, ...rows].join("\n")}\n`;
  const labelled = train.map((id, i) => `${id},http://x/${i},${i % 3}`);
  const category = "0,http://commons.wikimedia.org/wiki/Category:Somewhere";
  const categories = lines("landmark_id,category", [category]);
  const hierarchy = lines("landmark_id,category,supercategory,hierarchical_label,natural_or_human_made", [
    `${category},church,religious building,human-made`,
  ]);
  return {
    "metadata/train.csv": lines("id,url,landmark_id", labelled),
    "metadata/train_clean.csv": lines("landmark_id,images", [`0,${train[0]} ${train[3]}`]),
    "metadata/train_attribution.csv": lines("id,url,author,license,title", [`${train[0]},u,a,l,t`]),
    "metadata/train_label_to_category.csv": categories,
    "metadata/train_label_to_hierarchical.csv": hierarchy,
    "metadata/index.csv": lines("id", index),
    "metadata/index_image_to_landmark.csv": lines(
      "id,landmark_id",
      index.map((id) => `${id},0`),
    ),
    "metadata/index_label_to_category.csv": categories,
    "metadata/index_label_to_hierarchical.csv": hierarchy,
    "metadata/test.csv": lines("id", test),
    "ground_truth/recognition_solution_v2.1.csv": lines("id,landmarks,Usage", [`${test[0]},1,Public`]),
    "ground_truth/retrieval_solution_v2.1.csv": lines("id,images,Usage", [`${test[0]},${index[0]},Public`]),
  };
}

/** A tar archive of files, made in a folder of its own. */
export async function packed(folder: string, files: Tree, gzip = false): Promise<Buffer> {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const file = `${folder}.tar`;
  await create({ file, cwd: folder, gzip, portable: true }, readdirSync(folder));
  return readFileSync(file);
}

/** The files below a folder that match. */
export function treeOf(folder: string, pattern: RegExp = /./): Tree {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => pattern.test(path));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}
