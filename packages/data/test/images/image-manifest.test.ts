import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createImageManifest, loadBatches, readImageSizes, writeImageManifest } from "@lmk/data/images";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder } from "../temporary-folder.ts";
import { gradient } from "./make-images.ts";

const folder = createTemporaryFolder();

describe("createImageManifest", () => {
  it("lists each image once for each kind, by row, and counts kinds", async () => {
    const deep = join(folder.path, 'deep, "odd".jpg');
    await gradient(16, 16).ensureAlpha(0.5).toColourspace("rgb16").png().toFile(deep);
    const empty = folder.write("empty.jpg", "");
    const paths = ["gone.jpg", deep, empty];
    const manifest = createImageManifest();
    expect([manifest.entries, manifest.counts]).toEqual([[], {}]);
    const batches = [{ group: 0, rows: Int32Array.of(2, 0) }];
    const sizes = [{ width: 4, height: 4 }];
    for (const _epoch of [0, 1]) {
      for await (const batch of loadBatches(paths, batches, { sizes, manifest })) {
        expect(batch.failures).toHaveLength(2);
      }
    }
    manifest.add(await readImageSizes(paths));
    expect(manifest.counts).toEqual({ missing: 1, empty: 1, "16-bit": 1, alpha: 1, "wrong-extension": 1 });
    expect(manifest.entries.map(({ row, kind, outcome }) => [row, kind, outcome])).toEqual([
      [0, "missing", "skipped"],
      [1, "16-bit", "converted"],
      [1, "alpha", "converted"],
      [1, "wrong-extension", "converted"],
      [2, "empty", "skipped"],
    ]);

    const file = join(folder.path, "manifest.csv");
    await writeImageManifest(file, manifest);
    const quoted = `"${deep.replaceAll('"', '""')}"`;
    expect(readFileSync(file, "utf8")).toBe(
      [
        "row,path,kind,outcome,message",
        "0,gone.jpg,missing,skipped,Input file is missing",
        `1,${quoted},16-bit,converted,"Input image has 16 bits a value, converted to 8"`,
        `1,${quoted},alpha,converted,"Input image is transparent, its alpha is dropped"`,
        `1,${quoted},wrong-extension,converted,"Input file is of format png, its name says jpg"`,
        `2,${empty},empty,skipped,Input file is empty`,
        "",
      ].join("\n"),
    );
  });

  it("writes the header alone where nothing was found", async () => {
    const file = join(folder.path, "nothing.csv");
    await writeImageManifest(file, createImageManifest());
    expect(readFileSync(file, "utf8")).toBe("row,path,kind,outcome,message\n");
  });
});
