import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { create } from "tar";

/** A server of a data set, as it is published. */
export interface Published {
  readonly url: string;
  /** Bytes of all files that a download with the archives 0-0 fetches. */
  readonly bytes: number;
  /** Paths asked for with GET, in order. */
  readonly fetched: string[];
  /** Stops answering in the middle of the next GET of a path. */
  stall: string | undefined;
  readonly close: () => void;
}

const tables = {
  metadata: [
    "train.csv",
    "train_clean.csv",
    "train_attribution.csv",
    "train_label_to_category.csv",
    "train_label_to_hierarchical.csv",
    "index.csv",
    "index_image_to_landmark.csv",
    "index_label_to_category.csv",
    "index_label_to_hierarchical.csv",
    "test.csv",
  ],
  ground_truth: ["recognition_solution_v2.1.csv", "retrieval_solution_v2.1.csv"],
};

const category = "0,http://commons.wikimedia.org/wiki/Category:Somewhere";

/** What stands in a table that the generator does not write. */
function standIn(name: string, index: readonly string[]): string {
  if (name === "index_image_to_landmark.csv") {
    return `id,landmark_id\n${index.map((id) => `${id},0\n`).join("")}`;
  }
  if (name.endsWith("_category.csv")) return `landmark_id,category\n${category}\n`;
  if (name.endsWith("_hierarchical.csv")) {
    return `landmark_id,category,supercategory,hierarchical_label,natural_or_human_made\n${category},church,church,human-made\n`;
  }
  return "id,url,author,license,title\n0123456789abcdef,u,a,l,t\n";
}

/** Serves a generated data set under the names of the published one, with one archive for each split. */
export async function publishGldv2(generated: string): Promise<Published> {
  const files = new Map<string, Buffer>();
  const index = readFileSync(join(generated, "index.csv"), "utf8").trim().split("\n").slice(1);
  for (const [folder, names] of Object.entries(tables)) {
    for (const name of names) {
      const path = join(generated, name);
      files.set(
        `${folder}/${name}`,
        existsSync(path) ? readFileSync(path) : Buffer.from(standIn(name, index)),
      );
    }
  }
  for (const split of ["train", "index", "test"]) {
    const cwd = join(generated, split);
    const file = join(generated, `${split}.tar`);
    await create({ file, cwd }, readdirSync(cwd));
    files.set(`${split}/images_000.tar`, readFileSync(file));
  }
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  for (const split of ["train", "index", "test"]) {
    const md5 = createHash("md5")
      .update(files.get(`${split}/images_000.tar`)!)
      .digest("hex");
    files.set(`md5sum/${split}/md5.images_000.txt`, Buffer.from(`${md5}  images_000.tar\n`));
  }

  const fetched: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url!.slice(1);
    const body = files.get(path);
    if (body === undefined) return response.writeHead(404).end();
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const range = start > 0 ? { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, {
      etag: '"1"',
      "content-length": body.length - start,
      ...range,
    });
    if (request.method === "HEAD") return response.end();
    fetched.push(start > 0 ? `${path} from ${start}` : path);
    if (published.stall !== path) return response.end(body.subarray(start));
    published.stall = undefined;
    return response.write(body.subarray(0, body.length >> 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const published: Published = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes,
    fetched,
    stall: undefined,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return published;
}
