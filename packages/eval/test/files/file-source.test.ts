import { gzipSync } from "node:zlib";
import { readRetrievalPredictions, streamRetrievalPredictions } from "@lmk/eval/files";
import { describe, expect, it } from "vitest";
import { failureOf } from "./failure.ts";

const text = '\ufeffid,images\r\nq1,"é a"\r\n\r\nq2,b "c d"\r\n'.replace('b "c d"', '"b ü"');
const expected = [
  ["q1", ["é", "a"]],
  ["q2", ["b", "ü"]],
];
const bytes = new TextEncoder().encode(text);

async function* pieces<Chunk>(
  whole: { slice(start: number, end: number): Chunk; length: number },
  size: number,
) {
  for (let at = 0; at < whole.length; at += size) yield whole.slice(at, at + size);
}

describe("sources", () => {
  it("reads text, bytes and gzipped bytes, in pieces of any size, alike", async () => {
    const zipped = new Uint8Array(gzipSync(bytes));
    for (const size of [1, 2, 3, 7, 1000]) {
      expect([...(await readRetrievalPredictions(pieces(text, size)))]).toEqual(expected);
      expect([...(await readRetrievalPredictions(pieces(bytes, size)))]).toEqual(expected);
      expect([...(await readRetrievalPredictions(pieces(zipped, size)))]).toEqual(expected);
    }
  });

  it("reads a CRLF that falls apart between two blocks of a quarter of a megabyte", async () => {
    for (const length of [(1 << 18) - 1, 1 << 18, (1 << 18) + 1]) {
      const head = "id,images\r\nq1,".padEnd(length - 1, "s");
      const predictions = await readRetrievalPredictions(`${head}\r\nq2,x\r\n`);
      expect(predictions.get("q1")![0]!.length).toBe(length - 15);
      expect(predictions.get("q2")).toEqual(["x"]);
    }
  });

  it("keeps ids apart that no encoding can tell apart", async () => {
    const predictions = await readRetrievalPredictions("id,images\n\ud800,x\n\ud801,y\n");
    expect([...predictions.keys()]).toEqual(["\ud800", "\ud801"]);
  });

  it("reads bytes that are in memory as a whole, gzipped or not", async () => {
    expect([...(await readRetrievalPredictions(bytes))]).toEqual(expected);
    expect([...(await readRetrievalPredictions(gzipSync(bytes)))]).toEqual(expected);
    const long = new TextEncoder().encode(`id,images\n${"q".repeat(1 << 18)},é\n`);
    expect([...(await readRetrievalPredictions(long)).values()]).toEqual([["é"]]);
  });

  it("reads blobs and web streams", async () => {
    const blob = new Blob([bytes]);
    expect([...(await readRetrievalPredictions(blob))]).toEqual(expected);
    expect([...(await readRetrievalPredictions(blob.stream()))]).toEqual(expected);
    const strings = blob.stream().pipeThrough(new TextDecoderStream());
    expect([...(await readRetrievalPredictions(strings))]).toEqual(expected);
  });

  it("reads gzip data of several members whole or, where the runtime does not, refuses it", async () => {
    const middle = bytes.length >> 1;
    const zipped = [gzipSync(bytes.subarray(0, middle)), gzipSync(bytes.subarray(middle))];
    const read = await readRetrievalPredictions(new Blob(zipped)).catch((error: unknown) => error);
    if (read instanceof Map) expect([...read]).toEqual(expected);
    else expect(read).toMatchObject({ code: "unreadable-file" });
  });

  it("names a File in messages", async () => {
    const file = new File(["id,images\nq1,a\nq1,a\n"], "submission.csv");
    expect((await failureOf(readRetrievalPredictions(file))).message).toBe(
      'submission.csv:3: expected `id` to be there once, got "q1" again after line 2',
    );
    expect((await failureOf(readRetrievalPredictions(file, { file: "mine.csv" }))).file).toBe("mine.csv");
  });

  it("refuses bytes that are not UTF-8, and damaged gzip data", async () => {
    const latin = Uint8Array.from([...new TextEncoder().encode("id,images\nq,"), 0xe9]);
    const notText = await failureOf(readRetrievalPredictions(pieces(latin, 5), { file: "latin.csv" }));
    expect(notText.message).toBe("latin.csv: expected UTF-8 text, got other bytes");
    expect(notText.cause).toBeInstanceOf(TypeError);
    const zipped = new Uint8Array(gzipSync(bytes));
    const cut = await failureOf(readRetrievalPredictions(pieces(zipped.slice(0, -12), 9), { file: "s.gz" }));
    expect(cut.message).toBe("s.gz: expected whole gzip data, got damaged or cut data");
    zipped[zipped.length - 6]! ^= 1;
    const damaged = await failureOf(readRetrievalPredictions(pieces(zipped, 9)));
    expect(damaged.message).toBe("expected whole gzip data, got damaged or cut data");
  });

  it("passes errors of the source on as they are", async () => {
    const reason = new Error("the line went dead");
    async function* broken(): AsyncGenerator<string> {
      yield "id,images\n";
      throw reason;
    }
    await expect(readRetrievalPredictions(broken())).rejects.toBe(reason);
    async function* brokenZip(): AsyncGenerator<Uint8Array> {
      yield gzipSync(bytes).subarray(0, 20);
      throw reason;
    }
    await expect(readRetrievalPredictions(brokenZip())).rejects.toBe(reason);
  });

  it("rejects with the reason of an aborted signal, and closes the source", async () => {
    const controller = new AbortController();
    let closed = false;
    async function* endless(): AsyncGenerator<string> {
      try {
        yield "id,images\n";
        for (let i = 0; ; i++) {
          if (i === 10) controller.abort("enough");
          yield `q${i},${"image ".repeat(20_000)}\n`;
        }
      } finally {
        closed = true;
      }
    }
    await expect(readRetrievalPredictions(endless(), { signal: controller.signal })).rejects.toBe("enough");
    expect(closed).toBe(true);
    await expect(readRetrievalPredictions("", { signal: AbortSignal.abort("before") })).rejects.toBe(
      "before",
    );
  });

  it("cancels a web stream that is not read to its end", async () => {
    let cancelled = false;
    const stream = new ReadableStream<string>({
      pull: (controller) => controller.enqueue("x,y\n"),
      cancel: () => {
        cancelled = true;
      },
    });
    expect((await failureOf(readRetrievalPredictions(stream))).code).toBe("bad-header");
    expect(cancelled).toBe(true);
  });

  it("refuses a quote that is open for megabytes instead of reading on", async () => {
    async function* endless(): AsyncGenerator<string> {
      yield 'id,images\nq1,"';
      for (;;) yield "x".repeat(1 << 16);
    }
    const error = await failureOf(readRetrievalPredictions(endless()));
    expect([error.code, error.line]).toEqual(["bad-quote", 2]);
  });

  it("holds one block of a long file, not all of it", async () => {
    const line = `${"0123456789abcdef ".repeat(99)}0123456789abcdef\n`;
    let given = 0;
    let most = 0;
    async function* rows(): AsyncGenerator<string> {
      yield "id,images\n";
      for (; given < 5_000; given++) yield `${given},${line}`;
    }
    let seen = 0;
    for await (const { images } of streamRetrievalPredictions(rows())) {
      if (images.length !== 100) throw new Error(`${images.length} images`);
      most = Math.max(most, given - seen);
      seen += 1;
    }
    expect(seen).toBe(5_000);
    expect(most).toBeLessThan(400);
  });
});
