import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IndexFileError, readArrow, writeArrow } from "@lmk/index/arrow";
import { Message } from "apache-arrow";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { randomMatrix } from "./fixtures.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-arrow-"));
  path = join(folder, "embeddings.arrows");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Part {
  readonly metadata: number;
  readonly body: number;
  readonly end: number;
}

/** Where the messages lie; a file has its name before them. */
function messagesOf(bytes: Buffer): Part[] {
  const parts: Part[] = [];
  for (
    let position = bytes.toString("latin1", 0, 6) === "ARROW1" ? 8 : 0;
    bytes.readInt32LE(position + 4) !== 0;
  ) {
    const metadata = position + 8;
    const body = metadata + bytes.readInt32LE(position + 4);
    position = body + Message.decode(bytes.subarray(metadata, body)).bodyLength;
    parts.push({ metadata, body, end: position });
  }
  return parts;
}

/** A stream of three batches of two rows; rows of three numbers and ids. */
async function sound(): Promise<Buffer> {
  const ids = Array.from({ length: 6 }, (_, row) => `photo ${row}`);
  await writeArrow(path, randomMatrix(1, 6, 3), { ids, format: "stream", batchRows: 2 });
  return readFileSync(path);
}

/** The first place in the metadata of the first batch with these whole numbers of 64 bits. */
function placeOf(bytes: Buffer, ...numbers: number[]): number {
  const { metadata, body } = messagesOf(bytes)[1]!;
  const wanted = Buffer.from(BigInt64Array.from(numbers, BigInt).buffer);
  const place = bytes.subarray(0, body).indexOf(wanted, metadata);
  expect(place).toBeGreaterThan(0);
  return place;
}

async function refusal(bytes: Buffer): Promise<unknown> {
  writeFileSync(path, bytes);
  return readArrow(path, { idColumn: "id" }).catch((reason: unknown) => reason);
}

describe("a damaged file", () => {
  it("is read, or said to be wrong, with any byte of a batch's body changed", async () => {
    const golden = JSON.parse(readFileSync(new URL("golden/arrow.json", import.meta.url), "utf8")) as {
      readonly files: Readonly<Record<string, string>>;
    };
    let refused = 0;
    // The second one has lists of any length: its bodies hold where each of them starts.
    for (const bytes of [await sound(), Buffer.from(golden.files["lists-in-batches"]!, "base64")]) {
      for (const { body, end } of messagesOf(bytes)) {
        for (let place = body; place < end; place++) {
          const changed = Buffer.from(bytes);
          changed[place]! ^= 0x80;
          const found = await refusal(changed);
          if (!(found instanceof Error)) continue;
          expect(IndexFileError.isInstance(found), `byte ${place}: ${String(found)}`).toBe(true);
          refused += 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(20);
  });

  it("is refused when a message has a body of less than nothing", async () => {
    const bytes = await sound();
    const { metadata, body, end } = messagesOf(bytes)[1]!;
    bytes.writeBigInt64LE(-8n, placeOf(bytes, end - body));
    const got = `expected ${path} to have a message with a body at byte ${metadata - 8}, got -8 bytes`;
    expect(await refusal(bytes)).toEqual(new IndexFileError(`readArrow: ${got}`, "bad-header", path));
  });

  it("is refused when a buffer of numbers is shorter than the rows need", async () => {
    const bytes = await sound();
    // Two rows of three numbers of four bytes start the body, after masks of no bytes.
    bytes.writeBigInt64LE(16n, placeOf(bytes, 0, 24) + 8);
    expect(await refusal(bytes)).toEqual(
      new IndexFileError(
        `readArrow: expected row 1 of ${path} to hold 3 numbers of its batch, got numbers 3 to 6 of 4`,
        "unsupported-content",
        path,
      ),
    );
  });

  it("is refused when a batch says that it has more rows", async () => {
    const bytes = await sound();
    const { body, end } = messagesOf(bytes)[1]!;
    bytes.writeBigInt64LE(2n ** 40n, placeOf(bytes, 2));
    const got = `expected ${path} to have rows of 6 bytes or more in record batch 0, got ${2 ** 40} rows in ${end - body} bytes`;
    expect(await refusal(bytes)).toEqual(new IndexFileError(`readArrow: ${got}`, "bad-header", path));
  });
});
