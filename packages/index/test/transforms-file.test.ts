import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  composeTransforms,
  IndexFileError,
  learnPcaWhitening,
  loadTransform,
  randomRotation,
  saveTransform,
  type Transform,
} from "@lmk/index/transforms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomMatrix } from "./fixtures.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lmk-transforms-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const whitening: Transform = composeTransforms([
  { kind: "normalize" },
  learnPcaWhitening(randomMatrix(1, 40, 5), { components: 3, shrinkage: 0.1 }).transform,
  { kind: "power", exponent: 0.7 },
  { kind: "shift", offset: Float64Array.of(1e-300, -0, 5) },
  { kind: "truncate", columns: 2 },
  { kind: "normalize" },
]);

/** A saved file whose bytes were changed and whose checksum fits them again. */
async function savedWith(name: string, change: (body: Uint8Array, view: DataView) => void): Promise<string> {
  const path = join(folder, name);
  await saveTransform(path, whitening);
  const bytes = new Uint8Array(await readFile(path));
  change(bytes, new DataView(bytes.buffer));
  bytes.set(createHash("sha256").update(bytes.subarray(0, -32)).digest(), bytes.length - 32);
  await writeFile(path, bytes);
  return path;
}

async function errorOf(path: string): Promise<Pick<IndexFileError, "message" | "code" | "path">> {
  const error = await loadTransform(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!IndexFileError.isInstance(error)) throw error;
  const { message, code } = error;
  return { message: message.replaceAll(path, "FILE"), code, path: error.path };
}

describe("saveTransform and loadTransform", () => {
  it("give back every kind of step with the same bits, and leave no other file", async () => {
    for (const [i, transform] of [
      whitening,
      randomRotation(9),
      { kind: "chain", steps: [] } as const,
    ].entries()) {
      const path = join(folder, `whole-${i}`);
      await saveTransform(path, transform);
      expect(await loadTransform(path)).toEqual(transform);
    }
    expect((await readdir(folder)).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("write the bytes of the format: version 1 of a power and a shift", async () => {
    const path = join(folder, "bytes");
    await saveTransform(path, {
      kind: "chain",
      steps: [
        { kind: "power", exponent: 0.5 },
        { kind: "shift", offset: Float64Array.of(1, -2) },
      ],
    });
    const header = '[{"kind":"power","exponent":0.5},{"kind":"shift","offset":2}]';
    const size = Buffer.alloc(8);
    size.writeDoubleLE(24 + header.length + 16 + 32);
    const body = Buffer.concat([
      Buffer.from("LMKtrans"),
      Buffer.from([1, 0, 0, 0, header.length, 0, 0, 0]),
      size,
      Buffer.from(header),
      Buffer.from("000000000000f03f00000000000000c0", "hex"),
    ]);
    const expected = Buffer.concat([body, createHash("sha256").update(body).digest()]);
    expect(Buffer.compare(await readFile(path), expected)).toBe(0);
  });

  it("refuse to write what is not valid, and leave the older file", async () => {
    const path = join(folder, "kept");
    await saveTransform(path, { kind: "normalize" });
    await expect(saveTransform(path, { kind: "power", exponent: -1 })).rejects.toThrow(
      new RangeError("saveTransform: expected `transform.exponent` to be a finite number above 0, got -1"),
    );
    expect(await loadTransform(path)).toEqual({ kind: "normalize" });
  });

  it("refuse another format, a newer version, and files cut off, too long or changed", async () => {
    const path = join(folder, "broken");
    await writeFile(path, "PK\u0003\u0004 something else");
    expect(await errorOf(path)).toEqual({
      message: 'loadTransform: expected FILE to start with "LMKtrans", got "PK\\u0003\\u0004 som"',
      code: "not-this-format",
      path,
    });
    await saveTransform(path, whitening);
    const bytes = new Uint8Array(await readFile(path));
    const { length } = bytes;
    await writeFile(path, bytes.subarray(0, 20));
    expect(await errorOf(path)).toMatchObject({
      message: "loadTransform: expected FILE to have at least 56 bytes, got 20",
      code: "wrong-size",
    });
    await writeFile(path, bytes.subarray(0, length - 1));
    expect(await errorOf(path)).toMatchObject({
      message: `loadTransform: expected FILE to have ${length} bytes, got ${length - 1}`,
      code: "wrong-size",
    });
    await writeFile(path, Buffer.concat([bytes, Buffer.alloc(3)]));
    expect((await errorOf(path)).code).toBe("wrong-size");
    await writeFile(
      path,
      Uint8Array.from(bytes, (byte, i) => (i === 8 ? 2 : byte)),
    );
    expect(await errorOf(path)).toMatchObject({
      message: "loadTransform: expected FILE to be of version 1, got 2",
      code: "unsupported-version",
    });
    for (const at of [30, length - 40, length - 1]) {
      await writeFile(
        path,
        Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 4 : byte)),
      );
      expect((await errorOf(path)).code).toBe("wrong-checksum");
    }
    await expect(loadTransform(join(folder, "absent"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("refuse headers that do not make a transform, though the checksum fits", async () => {
    const headerOf = (body: Uint8Array) =>
      new TextDecoder().decode(body.subarray(24, 24 + body[12]! + 256 * body[13]!));
    const replaced = (name: string, from: string, to: string) =>
      savedWith(name, (body) => {
        const at = headerOf(body).indexOf(from);
        expect([at >= 0, to.length]).toEqual([true, from.length]);
        body.set(new TextEncoder().encode(to), 24 + at);
      });
    expect(await errorOf(await replaced("kind", '"normalize"', '"normalise"'))).toMatchObject({
      message:
        'loadTransform: expected FILE to hold a valid transform, got loadTransform: expected `transform.steps[0].kind` to be a kind of step, got "normalise"',
      code: "bad-header",
    });
    expect((await errorOf(await replaced("json", "[{", "{{"))).code).toBe("bad-header");
    expect((await errorOf(await replaced("list", "[{", " 1"))).code).toBe("bad-header");
    expect((await errorOf(await replaced("count", '"matrix":15', '"matrix":95'))).code).toBe("bad-header");
    expect((await errorOf(await replaced("columns", '"inputColumns":5', '"inputColumns":3'))).code).toBe(
      "bad-header",
    );
    const long = await savedWith("long", (_, view) => view.setUint32(12, 2 ** 31, true));
    expect((await errorOf(long)).code).toBe("bad-header");
  });
});
