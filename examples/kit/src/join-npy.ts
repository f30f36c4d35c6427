import { createNpyWriter, readNpy, writeNpy } from "@lmk/index/npy";

/** Joins the rows of `.npy` files of one width, in order, with one file in memory at a time. Of no files it makes no rows. */
export async function joinNpyFiles(path: string, parts: readonly string[]): Promise<void> {
  if (parts.length === 0) return writeNpy(path, { data: new Float32Array(0), rows: 0, columns: 1 });
  const first = await readNpy(parts[0]!);
  await using writer = await createNpyWriter(path, { columns: first.columns });
  await writer.append(first);
  for (const part of parts.slice(1)) await writer.append(await readNpy(part));
  await writer.close();
}
