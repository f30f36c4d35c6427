import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BinaryWriter as Writer } from "@bufbuild/protobuf/wire";
import { type Checkpoint, CheckpointError, readCheckpoint } from "@lmk/models/checkpoints";
import { describe, expect, it } from "vitest";
import { onnx, onnxHead } from "./checkpoint-files/build-files.ts";

interface Expected {
  readonly format: string;
  readonly arrays: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
  >;
  readonly values: Readonly<Record<string, unknown>>;
  readonly skipped: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`./checkpoint-files/${name}`, import.meta.url));
}

function readExpected(name: string): Record<string, Expected> {
  return JSON.parse(readFileSync(pathOf(`golden/${name}`), "utf8"));
}

const expected = { ...readExpected("expected.json"), ...readExpected("expected-newer.json") };

function plain({ format, arrays, values, skipped, metadata }: Checkpoint): Expected {
  const listed = Object.entries(arrays).map(
    ([name, { shape, data }]) => [name, { shape: [...shape], values: [...data] }] as const,
  );
  return {
    format,
    arrays: Object.fromEntries(listed),
    values: { ...values },
    skipped,
    metadata: { ...metadata },
  };
}

/** The expected values as float32 holds them. */
function rounded(file: Expected): Expected {
  const listed = Object.entries(file.arrays).map(
    ([name, { shape, values }]) => [name, { shape, values: values.map(Math.fround) }] as const,
  );
  return { ...file, arrays: Object.fromEntries(listed) };
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CheckpointError)) throw new Error(`expected a CheckpointError, got ${error}`);
  return `${error.code}: ${error.message}`;
}

describe("readCheckpoint", () => {
  it.each(Object.keys(expected))("reads %s from its path as PyTorch and ONNX do", async (name) => {
    expect(plain(await readCheckpoint(pathOf(name)))).toEqual(rounded(expected[name]!));
  });

  it.each(Object.keys(expected).filter((name) => name !== "external.onnx"))(
    "reads %s from bytes",
    async (name) => {
      const bytes = readFileSync(pathOf(name));
      const before = Buffer.from(bytes);
      const shifted = Buffer.concat([Buffer.of(0), bytes]).subarray(1);
      expect(plain(await readCheckpoint(bytes))).toEqual(rounded(expected[name]!));
      expect(plain(await readCheckpoint(shifted))).toEqual(rounded(expected[name]!));
      expect(bytes.equals(before)).toBe(true);
    },
  );

  it("keeps arrays apart that share a storage", async () => {
    const { arrays } = await readCheckpoint(pathOf("views.pth"));
    arrays.whole!.data[0] = 99;
    expect([arrays.tied!.data[0], arrays.transposed!.data[0]]).toEqual([-1, -1]);
  });

  it("does not keep a hold on the caller's bytes", async () => {
    const bytes = readFileSync(pathOf("state-dict.pth"));
    const { arrays } = await readCheckpoint(bytes);
    const values = [...arrays["0.weight"]!.data];
    bytes.fill(0);
    expect([...arrays["0.weight"]!.data]).toEqual(values);
  });

  it("reads the dictionary that the key names", async () => {
    const { arrays } = await readCheckpoint(pathOf("odd.pth"), { key: "ema" });
    expect(Object.keys(arrays)).toContain("attribute");
  });

  it("gives records in which inherited names are not found", async () => {
    const { arrays, values, metadata } = await readCheckpoint(pathOf("state-dict.pth"));
    expect([arrays, values, metadata].map((record) => "constructor" in record)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("lists the keys that are there where the wanted one is not", async () => {
    const path = pathOf("odd.pth");
    expect(await refusal(readCheckpoint(path, { key: "state_dict" }))).toBe(
      `no-weights: ${path}: expected tensors by name under state_dict, got keys ema`,
    );
    expect(await refusal(readCheckpoint(pathOf("training.tar"), { key: "args" }))).toBe(
      `no-weights: ${pathOf("training.tar")}: expected tensors by name under args, got keys epoch, arch, best, finished, nothing, numpy_best, numpy_step, history and 20 more`,
    );
  });

  it("counts external data to the file's size", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lmk-external-"));
    const path = join(folder, "m.onnx");
    const pair = (key: string, value: string) =>
      new Writer().tag(1, 2).string(key).tag(2, 2).string(value).finish();
    const count = 2 ** 19;
    const file = onnx((writer) => {
      onnxHead(writer, "w", 1, count).tag(14, 0).int32(1).tag(13, 2).bytes(pair("location", "m.data"));
    });
    writeFileSync(path, file);
    writeFileSync(join(folder, "m.data"), new Uint8Array(4 * count));
    const { arrays } = await readCheckpoint(path);
    rmSync(folder, { recursive: true });
    expect(arrays.w!.shape).toEqual([count]);
  });

  it("names where external data was expected when a model comes as bytes", async () => {
    expect(await refusal(readCheckpoint(readFileSync(pathOf("external.onnx"))))).toBe(
      "external-data: bytes: w: expected the model as a path, as its weights lie in another file, got bytes",
    );
  });

  it("bounds the arrays' memory", async () => {
    const path = pathOf("state-dict.pth");
    const bytes = Object.values(expected["state-dict.pth"]!.arrays).reduce(
      (sum, { values }) => sum + 4 * values.length,
      0,
    );
    const most = bytes - 4 - 1;
    expect(bytes).toBe(112);
    expect(await refusal(readCheckpoint(path, { maximumBytes: most }))).toBe(
      `too-large: ${path}: expected arrays of at most ${most} bytes as float32, got 112`,
    );
    await expect(readCheckpoint(path, { maximumBytes: 112 })).resolves.toBeDefined();
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses maximumBytes %s", async (maximumBytes) => {
    await expect(readCheckpoint(pathOf("odd.pth"), { maximumBytes })).rejects.toThrow(
      new RangeError(
        `readCheckpoint: expected \`maximumBytes\` to be a whole number above 0, got ${maximumBytes}`,
      ),
    );
  });

  it("passes on that a file is not there", async () => {
    await expect(readCheckpoint(pathOf("none.pth"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("refuses a folder", async () => {
    const path = fileURLToPath(new URL("./checkpoint-files", import.meta.url));
    expect(await refusal(readCheckpoint(path))).toBe(
      `unknown-format: ${path}: expected a file, got a folder or device`,
    );
  });
});

describe("real checkpoints", () => {
  const photos = process.env.LMK_PHOTOS ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));
  const folder = join(photos, "weights/");
  const present = existsSync(`${folder}alike-t.pth`);

  it.skipIf(!present).each([
    ["alike-t.pth", 59, -0.25314655900001526],
    ["alike-n.pth", 59, 0.10132821649312973],
  ])("reads %s (skipped where LMK_PHOTOS has no weights)", async (name, count, first) => {
    const { format, arrays } = await readCheckpoint(folder + name);
    const data = Object.values(arrays);
    expect([format, data.length, data[0]!.data[0]]).toEqual(["pytorch", count, first]);
  });
});
