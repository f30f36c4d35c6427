import { compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { bits, expectSame, integers, mixed, uniform, withGradients } from "./against-tfjs.ts";

type Image = tf.Tensor4D;

/** Ops on an image batch of shape [2, 4, 6, 3]. */
const ops: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  "reshape to rows": (x) => tf.reshape(x, [2, -1]),
  "reshape that joins and splits": (x) => tf.reshape(x, [8, 3, 2, 3]),
  "reshape and back": (x) => tf.reshape(tf.reshape(x, [2, 24, 3]), [2, 4, 6, 3]),
  "expandDims and squeeze": (x) => tf.squeeze(tf.expandDims(tf.expandDims(x, 1), -1), [1]),
  flatten: (x) => tf.reshape(x, [-1]),
  "transpose to channels first": (x) => tf.transpose(x, [0, 3, 1, 2]),
  "transpose reversed": (x) => tf.transpose(x),
  "transpose, then reshape": (x) => tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [12, 12]),
  "concat along channels": (x) => tf.concat([x, tf.mul(x, 2), mixed(x)], 3),
  "concat along a negative axis": (x) => tf.concat([x, mixed(x)], -2),
  "stack in front": (x) => tf.stack([x, mixed(x)]),
  "stack inside": (x) => tf.stack([x, mixed(x)], 2),
  "stack at the end": (x) => tf.stack([x, mixed(x)], -1),
  unstack: (x) => tf.mul(tf.unstack(x, 1)[1], tf.unstack(x, 1)[3]),
  "split in equal parts": (x) => tf.sub(tf.split(x, 3, 2)[2], tf.split(x, 3, 2)[0]),
  "split in given parts": (x) => tf.split(x, [1, 2], 3)[1],
  "split with a part that is left over": (x) => tf.split(x, [1, -1, 2], 2)[1],
  slice: (x) => tf.slice(x as Image, [1, 1, 0, 1], [1, 2, -1, 2]),
  "slice of leading axes": (x) => tf.slice(x, [1, 2]),
  stridedSlice: (x) => tf.stridedSlice(x, [0, 1, 0, 0], [2, 4, 6, 3], [1, 2, 3, 1]),
  "stridedSlice with negative bounds and masks": (x) =>
    tf.stridedSlice(x, [-1, 0, -5, 0], [2, 3, -1, 0], [1, 2, 2, 1], 0b0010, 0b1000),
  "stridedSlice that drops an axis": (x) =>
    tf.stridedSlice(x, [0, 2, 0, 1], [2, 3, 6, 2], [1, 1, 1, 1], 0, 0, 0, 0, 0b1010),
  pad: (x) =>
    tf.pad(
      x,
      [
        [0, 0],
        [1, 2],
        [0, 3],
        [1, 0],
      ],
      0.5,
    ),
  mirrorPad: (x) =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [1, 2],
        [2, 0],
        [0, 0],
      ],
      "reflect",
    ),
  tile: (x) => tf.tile(x, [1, 2, 1, 3]),
  "tile of ones": (x) => tf.tile(tf.mean(x, [1, 2], true), [1, 4, 6, 1]),
  "reverse of an axis": (x) => tf.reverse(x, 2),
  "reverse of all axes": (x) => tf.reverse(x),
  broadcastTo: (x) => tf.broadcastTo(tf.mean(x, [0, 3], true), [2, 4, 6, 5]),
  "broadcastTo, then reshape": (x) => tf.reshape(tf.broadcastTo(tf.mean(x, 3, true), [2, 4, 6, 2]), [-1, 2]),
};

/** Ops whose gradient tfjs does not define. */
const valuesOnly = new Set([
  "stridedSlice",
  "stridedSlice with negative bounds and masks",
  "stridedSlice that drops an axis",
  "mirrorPad",
]);

describe("movement agrees with tfjs in value and gradient, before and after a convolution", () => {
  for (const [name, op] of Object.entries(ops)) {
    it(name, async () => {
      for (const from of [(x: tf.Tensor) => x, mixed]) {
        const moved = ({ x }: Readonly<Record<string, tf.Tensor>>) => op(from(x));
        await expectSame(
          valuesOnly.has(name)
            ? (inputs) => ({ outputs: { value: moved(inputs) } })
            : withGradients(moved, ["x"]),
          { x: uniform(1, [2, 4, 6, 3]) },
        );
      }
    });
  }
});

describe("movement of int32 and bool", () => {
  it("keeps the type", async () => {
    const every = (x: tf.Tensor) => [
      tf.reshape(x, [-1]),
      tf.transpose(x),
      tf.concat([x, x], 0),
      tf.slice(x, [1, 0], [1, 2]),
      tf.tile(x, [2, 1]),
      tf.reverse(x, 1),
      tf.broadcastTo(tf.reshape(x, [1, 2, 3]), [2, 2, 3]),
    ];
    for (const x of [integers(1, [2, 3], 9), bits(1, [2, 3])]) {
      await expectSame(
        (inputs) => ({
          outputs: Object.fromEntries(every(inputs.x).map((tensor, i) => [`op ${i}`, tensor])),
        }),
        { x },
      );
    }
  });

  it("pads int32", async () => {
    await expectSame(({ x }) => ({ outputs: { y: tf.pad(x, [[1, 2]], 7) } }), { x: integers(1, [3], 9) });
  });
});

describe("made tensors", () => {
  it("ranges, grids, fills and copies of shapes", async () => {
    await expectSame(
      ({ x }) => ({
        outputs: {
          range: tf.add(x, tf.range(0, 3)),
          integers: tf.range(5, 1, -2, "int32"),
          linspace: tf.add(x, tf.linspace(-1, 1, 3)),
          fill: tf.fill([2, 2], 1.5),
          eye: tf.eye(3),
          zeros: tf.zerosLike(x),
          ones: tf.onesLike(x),
          copy: tf.clone(x),
        },
      }),
      { x: uniform(1, [3]) },
    );
  });

  it("one tensor returned under two names, and an input returned as it is", async () => {
    await expectSame(
      ({ x }) => {
        const y = tf.add(x, 1);
        return { outputs: { first: y, second: y, input: x } };
      },
      { x: uniform(1, [3]) },
    );
  });
});

describe("strided slices that tfjs's CPU backend refuses", () => {
  it("steps along one axis while another is dropped", async () => {
    // That backend takes the place of the dropped axis for one that is left; the other outputs say what is meant.
    const compiled = await compile(
      ({ x }) => ({
        outputs: {
          strided: tf.stridedSlice(x, [1, 4, 0], [2, 0, 2], [1, -2, 1], 0, 0, 0, 0, 0b1),
          meant: tf.gather(
            tf.reshape(tf.slice(x, [1, 0, 0], [1, 5, 2]), [5, 2]),
            tf.tensor1d([4, 2], "int32"),
          ),
        },
      }),
      { inputs: { x: { shape: [3, 5, 2] } } },
    );
    const { strided, meant } = await compiled.run({ x: uniform(1, [3, 5, 2]).data as Float32Array });
    expect(strided.shape).toEqual([2, 2]);
    expect(strided).toEqual(meant);
    await compiled.dispose();
  });
});

describe("the gradient of repetition", () => {
  it("works for five axes, which tfjs refuses, and takes no slice per copy", async () => {
    const compiled = await compile(
      ({ x }) => {
        const repeated = (from: tf.Tensor) => tf.sum(tf.square(tf.tile(from, [2, 1, 2, 3, 1])));
        return { outputs: { gradient: tf.grad(repeated)(x), meant: tf.mul(x, 2 * 12) } };
      },
      { inputs: { x: { shape: [2, 1, 2, 2, 3] } } },
    );
    const { gradient, meant } = await compiled.run({
      x: uniform(1, [2, 1, 2, 2, 3]).data as Float32Array,
    });
    expect([...gradient.data].map((value, i) => Math.abs(value - meant.data[i]) < 1e-5)).not.toContain(false);
    expect(compiled.report.operators.Slice).toBeUndefined();
    await compiled.dispose();
  });
});

describe("the gradients of unstack and split", () => {
  it("work for a single part, where tfjs's own fail", async () => {
    const compiled = await compile(
      ({ x }) => {
        const loss = (from: tf.Tensor) =>
          tf.add(tf.sum(tf.square(tf.unstack(from, 1)[0])), tf.sum(tf.split(from, 1, 0)[0]));
        return { outputs: { gradient: tf.grad(loss)(x), meant: tf.add(tf.mul(x, 2), 1) } };
      },
      { inputs: { x: { shape: [3, 1] } } },
    );
    const { gradient, meant } = await compiled.run({ x: Float32Array.of(1, -2, 0.5) });
    expect(gradient).toEqual(meant);
    await compiled.dispose();
  });
});

describe("range", () => {
  it("counts as tfjs does, downwards by default", async () => {
    await expectSame(
      ({ x }) => {
        const ranges: Readonly<Record<string, tf.Tensor>> = {
          up: tf.range(0, 5),
          down: tf.range(5, 0),
          part: tf.range(5, 2.5),
          steps: tf.range(9, 0, -4),
          wide: tf.range(0, 7, 3, "int32"),
        };
        const moved = Object.entries(ranges).map(([name, range]) => [name, tf.add(range, x)]);
        return { outputs: Object.fromEntries(moved) };
      },
      { x: uniform(1, []) },
    );
  });
});
