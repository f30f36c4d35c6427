import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, createState, type TracedFunction } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { uniform } from "./against-tfjs.ts";

const step: TracedFunction = ({ x }, { filter }) => {
  const loss = (f: tf.Tensor) =>
    tf.mean(tf.square(tf.relu(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"))));
  const { value, grad } = tf.valueAndGrad(loss as (f: tf.Tensor) => tf.Scalar)(filter);
  return { outputs: { loss: value }, state: { filter: tf.sub(filter, grad) } };
};
const shape = [2, 6, 6, 3];

describe("the cache of optimized graphs", () => {
  let folder: string;
  let cache: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lmk-cache-"));
    cache = join(folder, "made", "when needed");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const start = async (options: { cache?: string; threads?: number } = { cache }) => {
    const filter = { shape: [3, 3, 3, 8], data: uniform(1, [3, 3, 3, 8]).data as Float32Array };
    const state = createState({ filter });
    return { state, compiled: await compile(step, { inputs: { x: { shape } }, state }, options) };
  };
  /** The bits that three steps lead to. */
  const train = async (options?: { cache?: string; threads?: number }) => {
    const { state, compiled } = await start(options);
    const losses = [];
    for (let i = 0; i < 3; i++) {
      losses.push((await compiled.run({ x: uniform(5 + i, shape).data })).loss.data[0]);
    }
    await compiled.dispose();
    return { losses, state: state.read(), use: compiled.report.cache };
  };

  it("gives the same bits without it, when it is filled and when it is used", async () => {
    const { use: off, ...plain } = await train({});
    const { use: miss, ...filling } = await train();
    const { use: hit, ...using } = await train();
    expect([off, miss, hit]).toEqual(["off", "miss", "hit"]);
    expect(filling).toEqual(plain);
    expect(using).toEqual(plain);
    expect(await readdir(cache)).toHaveLength(1);
  });

  it("tells apart other numbers of threads and other functions", async () => {
    await train();
    expect((await train({ cache, threads: 1 })).use).toBe("miss");
    const other = await compile(
      ({ x }) => ({ outputs: { y: tf.exp(x) } }),
      { inputs: { x: { shape } } },
      { cache },
    );
    expect(other.report.cache).toBe("miss");
    await other.dispose();
    expect(await readdir(cache)).toHaveLength(3);
  });

  it("replaces an entry that is damaged, cut short, empty or something else", async () => {
    await train();
    const [name] = await readdir(cache);
    const whole = await readFile(join(cache, name));
    const damaged = Buffer.from(whole);
    damaged[damaged.length >> 1] ^= 1;
    for (const content of [
      damaged,
      whole.subarray(0, 1000),
      Buffer.alloc(0),
      Buffer.from("something else"),
    ]) {
      await writeFile(join(cache, name), content);
      expect((await train()).use).toBe("miss");
      expect(await readFile(join(cache, name))).toHaveLength(whole.length);
      expect((await train()).use).toBe("hit");
    }
  });

  it("is refused where the folder cannot be made or written to", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    const error = await start({ cache: join(file, "inside") }).catch((reason: unknown) => reason as Error);
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toMatch(
      /^compile: expected `options\.cache` to be a folder that can be written to, got ".*inside": ENOTDIR/,
    );
  });

  it("loses the drafts of processes that were broken off a day ago, and nothing else", async () => {
    await mkdir(cache, { recursive: true });
    const draft = (digit: string) => `${digit.repeat(64)}.12345678-1234-1234-1234-123456789abc.ort`;
    const [old, young, other] = [draft("a"), draft("b"), "notes.ort"];
    for (const name of [old, young, other]) await writeFile(join(cache, name), "");
    const { mtimeMs } = await stat(join(cache, young));
    const daysBefore = (days: number) => new Date(mtimeMs - days * 86_400_000);
    await utimes(join(cache, old), daysBefore(1.01), daysBefore(1.01));
    await utimes(join(cache, young), daysBefore(0.99), daysBefore(0.99));
    await utimes(join(cache, other), daysBefore(9), daysBefore(9));
    expect((await train()).use).toBe("miss");
    const names = await readdir(cache);
    expect(names).toHaveLength(3);
    expect(names).toEqual(expect.arrayContaining([young, other]));
  });

  it("serves several at once, and leaves nothing but entries", async () => {
    const started = await Promise.all(Array.from({ length: 6 }, () => start()));
    for (const { compiled } of started) await compiled.dispose();
    expect(await readdir(cache)).toHaveLength(1);
    expect((await train()).use).toBe("hit");
  });
});
