// Writes test/files/hnsw-v2-hnswlib and hnsw-v2-usearch, indexes as version 2 of the format has them. Once that version
// is released they must be read as they are: a newer version gets folders of its own. hnsw-v1 was written by version
// 0.1.0 of the package, which made the cosine index of randomMatrix(1, 60, 4).
//
//   node --conditions=@lmk/source --import tsx packages/index/test/files/make-hnsw-fixtures.ts
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createHnswIndex } from "@lmk/index/hnsw";
import { randomMatrix } from "../fixtures.ts";

const options = { dimension: 4, metric: "l2", m: 4, efConstruction: 50, ef: 20 } as const;

for (const library of ["hnswlib", "usearch"] as const) {
  const folder = fileURLToPath(new URL(`hnsw-v2-${library}/`, import.meta.url));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const dtype = library === "hnswlib" ? "float32" : "float16";
  const index = await createHnswIndex({ ...options, library, dtype });
  await index.add(randomMatrix(1, 60, 4));
  await index.remove(Int32Array.of(0, 7));
  await index.save(`${folder}embeddings.hnsw`);
  await index.dispose();
}
