import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { tensorBoardLog } from "@lmk/train/tensorboard";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventSchema } from "./event-schema.ts";
import { stepReport } from "./step-report.ts";

const golden = JSON.parse(readFileSync(new URL("golden/event-goldens.json", import.meta.url), "utf8")) as {
  readonly files: readonly string[];
};
const options = { host: "host", now: () => 1_700_000_000_250 };
const end = { step: 1, reason: "finished", loss: 12.5 } as const;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-tensorboard-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** CRC-32C bit by bit, from its reflected polynomial. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** The CRC-32C that a masked one stands for. */
function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated << 15) | (rotated >>> 17)) >>> 0;
}

/** The events of a file, after the checks that a reader makes. */
function eventsOf(name: string): unknown[] {
  const file = readFileSync(join(folder, name));
  const events: unknown[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(unmask(file.readUInt32LE(at + 8))).toBe(crc32c(file.subarray(at, at + 8)));
    expect(unmask(file.readUInt32LE(at + 12 + length))).toBe(crc32c(data));
    events.push(toJson(eventSchema, fromBinary(eventSchema, data)));
    at += 16 + length;
  }
  return events;
}

const names = (): string[] => readdirSync(folder).sort();

describe("tensorBoardLog", () => {
  it("knows the check value of CRC-32C", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  });

  it("writes the bytes that TensorBoard's own writer writes", async () => {
    const first = tensorBoardLog(folder, options);
    await first.onStart?.({ steps: 1000, fromStep: 0 });
    await first.onStep?.(stepReport(1, { metrics: { accuracy: 0.5 } }));
    await first.onEvaluate?.({ step: 1, metrics: { "mAP@100": -0.25 } });
    await first.onEnd?.(end);
    const second = tensorBoardLog(folder, options);
    await second.onStart?.({ steps: 1000, fromStep: 299 });
    await second.onStep?.(stepReport(300, { loss: Number.POSITIVE_INFINITY, learningRate: 0 }));
    await second.onEnd?.(end);
    expect(names().map((name) => readFileSync(join(folder, name), "hex"))).toEqual(golden.files);
  });

  it("writes records that the schema reads", async () => {
    const log = tensorBoardLog(folder, options);
    await log.onStart?.({ steps: 1000, fromStep: 0 });
    await log.onStep?.(stepReport(1, { loss: 0, metrics: { accuracy: 0.5 } }));
    await log.onEvaluate?.({ step: 2 ** 40, metrics: { mAP: 0.25 } });
    await log.onEnd?.(end);
    const wallTime = 1_700_000_000.25;
    expect(eventsOf(names()[0]!)).toEqual([
      { wallTime, fileVersion: "brain.Event:2" },
      { wallTime, sessionLog: { status: 1 } },
      {
        wallTime,
        step: "1",
        summary: {
          value: [
            { tag: "loss" }, // 0, the value that JSON leaves out
            { tag: "learning_rate", simpleValue: Math.fround(0.001) },
            { tag: "images_per_second", simpleValue: 128 },
            { tag: "metrics/accuracy", simpleValue: 0.5 },
          ],
        },
      },
      { wallTime, step: String(2 ** 40), summary: { value: [{ tag: "evaluation/mAP", simpleValue: 0.25 }] } },
    ]);
  });

  it("names a file after all others, whatever the clock says", async () => {
    writeFileSync(join(folder, "events.out.tfevents.1800000000.other.123.0"), "");
    writeFileSync(join(folder, "notes.txt"), "");
    for (let i = 0; i < 2; i++) {
      const log = tensorBoardLog(folder, options);
      await log.onStart?.({ steps: 1000, fromStep: 0 });
      await log.onEnd?.(end);
    }
    expect(names()).toEqual([
      "events.out.tfevents.1800000000.other.123.0",
      "events.out.tfevents.1800000001.host",
      "events.out.tfevents.1800000002.host",
      "notes.txt",
    ]);
  });

  it("names the first file after the clock's seconds, and makes the folder", async () => {
    const log = tensorBoardLog(join(folder, "a", "b"), options);
    await log.onStart?.({ steps: 1000, fromStep: 0 });
    expect(readdirSync(join(folder, "a", "b"))).toEqual(["events.out.tfevents.1700000000.host"]);
  });

  it("writes every step unless told otherwise, and the last one always", async () => {
    const stepsOf = async (everySteps?: number): Promise<(string | undefined)[]> => {
      const log = tensorBoardLog(folder, everySteps === undefined ? options : { ...options, everySteps });
      await log.onStart?.({ steps: 5, fromStep: 0 });
      for (let step = 1; step <= 5; step++) await log.onStep?.(stepReport(step, { steps: 5 }));
      await log.onEnd?.(end);
      const events = eventsOf(names().at(-1)!).slice(2) as { readonly step?: string }[];
      return events.map(({ step }) => step);
    };
    expect(await stepsOf()).toEqual(["1", "2", "3", "4", "5"]);
    expect(await stepsOf(2)).toEqual(["2", "4", "5"]);
  });

  it("holds points back, and writes them for a checkpoint, an evaluation and the end", async () => {
    const log = tensorBoardLog(folder, { ...options, flushEverySeconds: 1e6 });
    await log.onStart?.({ steps: 1000, fromStep: 0 });
    const count = (): number => eventsOf(names()[0]!).length;
    expect(count()).toBe(2);
    await log.onStep?.(stepReport(1));
    expect(count()).toBe(2);
    expect(log.save?.()).toBe(undefined);
    expect(count()).toBe(3);
    await log.onStep?.(stepReport(2));
    await log.onEvaluate?.({ step: 2, metrics: {} });
    expect(count()).toBe(5);
    await log.onStep?.(stepReport(3));
    await log.onEnd?.(undefined);
    expect(count()).toBe(6);
  });

  it("leaves the rate out of a step that took no time", async () => {
    const log = tensorBoardLog(folder, { ...options, flushEverySeconds: 0 });
    await log.onStart?.({ steps: 1000, fromStep: 0 });
    await log.onStep?.(stepReport(1, { seconds: 0 }));
    const [, , { summary }] = eventsOf(names()[0]!) as { summary: { value: { tag: string }[] } }[];
    expect(summary!.value.map(({ tag }) => tag)).toEqual(["loss", "learning_rate"]);
  });

  it("takes the time from the system's clock unless told otherwise", async () => {
    const log = tensorBoardLog(folder, { host: "host" });
    await log.onStart?.({ steps: 1000, fromStep: 0 });
    const [{ wallTime }] = eventsOf(names()[0]!) as { wallTime: number }[];
    expect(Math.abs(wallTime - Date.now() / 1000)).toBeLessThan(60);
  });

  it("refuses options out of their range, and a report before the start", () => {
    expect(() => tensorBoardLog(folder, { everySteps: 0 })).toThrow(
      new RangeError("tensorBoardLog: expected `everySteps` to be a whole number of at least 1, got 0"),
    );
    expect(() => tensorBoardLog(folder, { flushEverySeconds: -1 })).toThrow(
      new RangeError(
        "tensorBoardLog: expected `flushEverySeconds` to be a finite number of at least 0, got -1",
      ),
    );
    expect(() => tensorBoardLog(folder, { host: "a/b" })).toThrow(
      new RangeError(
        'tensorBoardLog: expected `host` to be letters, digits, dots, dashes and underscores, got "a/b"',
      ),
    );
    expect(() => tensorBoardLog(folder).onStep?.(stepReport(1))).toThrow(
      new Error("tensorBoardLog: expected onStart before other calls, got none"),
    );
  });
});
