import { join } from "node:path";
import { createNames } from "@lmk/data";
import { readImageSizes } from "@lmk/data/images";
import { beforeAll, describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";
import { broken, gradient, truncated } from "./make-images.ts";

const folder = createTemporaryFolder();
const file = (name: string): string => join(folder.path, name);

beforeAll(async () => {
  await gradient(64, 48).jpeg().toFile(file("plain.jpg"));
  await gradient(64, 48).jpeg().withMetadata({ orientation: 6 }).toFile(file("turned.jpg"));
  await gradient(10, 20).png().toFile(file("plain.png"));
  await gradient(10, 20).webp().toFile(file("plain.webp"));
  folder.write("half.jpg", truncated(file("plain.jpg"), 0.9));
  folder.write("empty.jpg", "");
  folder.write("text.jpg", "not an image");
});

describe("readImageSizes", () => {
  it("gives sizes as images are shown, or as they are stored", async () => {
    const paths = ["plain.jpg", "turned.jpg", "plain.png", "plain.webp"].map(file);
    expect(await readImageSizes(paths)).toEqual({
      widths: Int32Array.of(64, 48, 10, 10),
      heights: Int32Array.of(48, 64, 20, 20),
      failures: [],
      notices: [
        {
          row: 1,
          path: paths[1],
          kind: "exif-orientation",
          message: "Input image has EXIF orientation 6",
        },
      ],
    });
    const stored = await readImageSizes(paths, { autoOrient: false });
    expect([stored.widths[1], stored.heights[1]]).toEqual([64, 48]);
  });

  it("names what cannot be read and goes on", async () => {
    const paths = ["gone.jpg", "empty.jpg", "text.jpg", "plain.jpg", "half.jpg"].map(file);
    const { widths, heights, failures } = await readImageSizes(paths);
    expect([widths, heights]).toEqual([Int32Array.of(0, 0, 0, 64, 64), Int32Array.of(0, 0, 0, 48, 48)]);
    expect(failures.map(({ row, path }) => [row, path])).toEqual([0, 1, 2].map((row) => [row, paths[row]]));
    expect(failures.map(({ kind, message }) => [kind, message])).toEqual([
      ["missing", "Input file is missing"],
      ["empty", "Input file is empty"],
      ["not-an-image", "Input file contains unsupported image format"],
    ]);
  });

  it("tells failures instead of keeping them", async () => {
    const told: number[] = [];
    const paths = ["gone.jpg", "plain.jpg", "text.jpg"].map(file);
    const onFailure = ({ row }: { readonly row: number }): number => told.push(row);
    const { widths, failures } = await readImageSizes(paths, { onFailure });
    expect([...widths]).toEqual([0, 64, 0]);
    expect(told.sort()).toEqual([0, 2]);
    expect(failures).toEqual([]);
  });

  it("finds truncated files when it decodes", async () => {
    const paths = [file("plain.jpg"), file("half.jpg")];
    const { widths, failures } = await readImageSizes(paths, { check: "decode" });
    expect(widths).toEqual(Int32Array.of(64, 0));
    expect(failures).toEqual([
      { row: 1, path: paths[1], kind: "truncated", message: "Input file is truncated" },
    ]);
  });

  it("tells truncated files from corrupt ones, of each format, and names what the system refuses", async () => {
    const formats = ["jpg", "png", "webp", "gif", "tiff"];
    const paths: string[] = [];
    for (const format of formats) {
      const whole = file(`whole.${format}`);
      await gradient(64, 48).toFile(whole);
      paths.push(folder.write(`cut.${format}`, truncated(whole, 0.6)));
      // libwebp makes something of anything.
      if (format !== "webp") paths.push(folder.write(`broken.${format}`, broken(whole)));
    }
    const { failures } = await readImageSizes([...paths, folder.path], { check: "decode" });
    expect(failures.map(({ path, kind }) => [path.slice(folder.path.length + 1), kind])).toEqual([
      ["cut.jpg", "truncated"],
      ["broken.jpg", "corrupt"],
      ["cut.png", "truncated"],
      ["broken.png", "corrupt"],
      ["cut.webp", "truncated"],
      ["cut.gif", "truncated"],
      ["broken.gif", "corrupt"],
      // The end of a TIFF file cannot be told.
      ["cut.tiff", "corrupt"],
      ["broken.tiff", "corrupt"],
      ["", "unreadable"],
    ]);
    expect(failures.at(-1)?.message).toBe("Input file cannot be read: EISDIR");
  });

  it("refuses what declares too many pixels", async () => {
    const paths = [file("plain.jpg")];
    expect((await readImageSizes(paths, { maxPixels: 64 * 48 })).failures).toEqual([]);
    expect((await readImageSizes(paths, { maxPixels: 64 * 48 - 1 })).failures).toEqual([
      { row: 0, path: paths[0], kind: "too-large", message: "Input image exceeds pixel limit" },
    ]);
  });

  it("takes computed paths, none, and tells how far it is", async () => {
    const done: number[] = [];
    const paths = createNames(300, () => file("plain.png"));
    const { widths } = await readImageSizes(paths, { onProgress: (count) => done.push(count) });
    expect(widths).toEqual(new Int32Array(300).fill(10));
    expect(done).toEqual([256, 300]);
    expect((await readImageSizes([])).widths).toEqual(Int32Array.of());
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    const paths = createNames(2000, () => file("plain.png"));
    const reading = readImageSizes(paths, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    expect(await rejectionOf(reading)).toMatchObject({ name: "AbortError" });
    expect(
      await rejectionOf(readImageSizes(paths, { signal: AbortSignal.abort(new Error("enough")) })),
    ).toEqual(new Error("enough"));
  });

  it("reads no further once progress cannot be told", async () => {
    let asked = 0;
    const paths = createNames(5000, () => {
      asked += 1;
      return file("plain.png");
    });
    const onProgress = (): void => {
      throw new Error("no terminal");
    };
    expect(await rejectionOf(readImageSizes(paths, { onProgress, concurrency: 4 }))).toEqual(
      new Error("no terminal"),
    );
    // Until the files in work are done.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked).toBeGreaterThanOrEqual(256);
    expect(asked).toBeLessThan(256 + 4);
  });

  it("tells wrong arguments from broken files", async () => {
    expect(await rejectionOf(readImageSizes({ length: 2, at: () => undefined }))).toEqual(
      new RangeError("readImageSizes: expected `rows` to be integers from 0 to 1, got 0"),
    );
    const error = await rejectionOf(readImageSizes([5 as unknown as string]));
    expect((error as Error).message).toMatch(/^Unsupported input '5' of type number/);
  });

  it("refuses options that cannot be", async () => {
    expect(await rejectionOf(readImageSizes([], { concurrency: 0 }))).toEqual(
      new RangeError("readImageSizes: expected `concurrency` to be an integer >= 1, got 0"),
    );
    expect(await rejectionOf(readImageSizes([], { maxPixels: 0 }))).toEqual(
      new RangeError("readImageSizes: expected `maxPixels` to be an integer >= 1, got 0"),
    );
    expect(await rejectionOf(readImageSizes([], { check: "full" as "decode" }))).toEqual(
      new RangeError('readImageSizes: expected `check` to be one of header, decode, got "full"'),
    );
  });
});
