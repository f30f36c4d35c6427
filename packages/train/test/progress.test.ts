import { PassThrough } from "node:stream";
import { createProgressBar } from "@lmk/train/progress";
import { expect, it, vi } from "vitest";

/** A stream that is no terminal, and what was written to it. */
function sink(): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = new PassThrough();
  const chunks: string[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => chunks.join("") };
}

it("writes lines, not control codes, where the stream is no terminal, and the last unit always", () => {
  const { stream, text } = sink();
  const bar = createProgressBar({ label: "train", total: 64, stream, lineEverySeconds: 1000 });
  bar.update(32, "loss 3.2");
  bar.update(64, "loss 1.1");
  bar.stop();
  expect(text()).toMatch(/^train 64\/64 · [\d.e+]+ images\/s · 0 s left · loss 1\.1\n$/);
});

it("does not count what was done before for the rate", () => {
  const { stream, text } = sink();
  const bar = createProgressBar({
    label: "extract",
    total: 10,
    done: 9,
    unit: "files",
    stream,
    lineEverySeconds: 0,
  });
  bar.update(9);
  expect(text()).toMatch(/^extract 9\/10 · 0\.0 files\/s · \? left\n$/);
});

it("rounds rates without powers of ten", () => {
  const { stream, text } = sink();
  const now = vi.spyOn(performance, "now").mockReturnValue(0);
  const bar = createProgressBar({ label: "train", total: 9996, stream, lineEverySeconds: 0 });
  for (const [seconds, done] of [
    [1, 9.94],
    [1, 99.4],
    [100, 9996],
  ] as const) {
    now.mockReturnValue(1000 * seconds);
    bar.update(done);
  }
  now.mockRestore();
  expect(text().match(/· [^·]*images\/s/g)).toEqual(["· 9.9 images/s", "· 99 images/s", "· 100 images/s"]);
});
