import { add, mean, mul, reshape, sum, type Tensor4D } from "@tensorflow/tfjs-core";
import { relu, sigmoid } from "../layers/activations.ts";
import { batchNormalization } from "../layers/batch-norm.ts";
import { convolution } from "../layers/convolution.ts";
import { chain, type Layer, operation, shapesOf } from "../layers/layer.ts";

/** What makes a row of bottlenecks. */
export interface BottlenecksOptions {
  readonly input: number;
  readonly output: number;
  readonly depth: number;
  /** Distance of the filters' values; 1 unless given. */
  readonly dilation?: number;
  /** Whether the first one's shortcut sums neighboring channels instead of convolving them; not unless given. */
  readonly sums?: boolean;
}

/** Bottlenecks one after another, `NAME.0`, `NAME.1`, …; all but the first keep the number of channels. */
export function bottlenecks(name: string, options: BottlenecksOptions): Layer {
  const { input, output, depth, dilation = 1, sums = false } = options;
  const shortcut = sums ? summed(input / output) : projected(`${name}.0.shortcut`, input, output);
  const first = bottleneck(`${name}.0`, { input, output, dilation: sums ? dilation : 1 }, shortcut);
  const others = Array.from({ length: depth - 1 }, (_, i) =>
    bottleneck(`${name}.${i + 1}`, { input: output, output, dilation }, chain()),
  );
  return chain(first, ...others);
}

/** `shortcut(x) + f(x)` with batch norm and ReLU before each of the three convolutions of f. */
function bottleneck(
  name: string,
  { input, output, dilation }: { input: number; output: number; dilation: number },
  shortcut: Layer,
): Layer {
  const inner = output / 4;
  const branch = chain(
    batchNormalization(`${name}.bn1`, input),
    operation(relu),
    convolution(`${name}.conv1`, { in: input, out: inner }),
    batchNormalization(`${name}.bn2`, inner),
    operation(relu),
    convolution(`${name}.conv2`, { in: inner, out: inner, size: 3, dilation }),
    batchNormalization(`${name}.bn3`, inner),
    operation(relu),
    convolution(`${name}.conv3`, { in: inner, out: output }),
  );
  return {
    shapes: shapesOf([branch, shortcut]),
    apply: (pass, x) => add<Tensor4D>(branch.apply(pass, x), shortcut.apply(pass, x)),
  };
}

/** Batch norm, ReLU, 1 × 1 convolution where the number of channels changes. */
function projected(name: string, input: number, output: number): Layer {
  if (input === output) return chain();
  return chain(
    batchNormalization(`${name}.0`, input),
    operation(relu),
    convolution(`${name}.2`, { in: input, out: output }),
  );
}

/** Each `count` neighboring channels summed. */
function summed(count: number): Layer {
  if (count === 1) return chain();
  return operation((x) => {
    const [batch, height, width, channels] = x.shape;
    return sum<Tensor4D>(reshape(x, [batch, height, width, channels / count, count]), 4);
  });
}

/** The bridge from tail to body, `NAME.0` to `NAME.3`: channels doubled, then bottlenecks whose output an attention scales. */
export function bridge(name: string, channels: number, depth: number): Layer {
  const [doubled, squeezed] = [2 * channels, channels / 16];
  const score = chain(
    batchNormalization(`${name}.0.0`, channels),
    operation(relu),
    convolution(`${name}.0.2`, { in: channels, out: channels / 2 }),
    batchNormalization(`${name}.0.3`, channels / 2),
    operation(relu),
    convolution(`${name}.1`, { in: channels / 2, out: doubled, bias: true }),
  );
  const body = bottlenecks(`${name}.2`, { input: doubled, output: channels, depth });
  const attention = chain(
    batchNormalization(`${name}.3.0.0`, doubled),
    operation(relu),
    operation((x) => mean<Tensor4D>(x, [1, 2], true)),
    convolution(`${name}.3.0.3`, { in: doubled, out: squeezed, bias: true }),
    operation(relu),
    convolution(`${name}.3.0.5`, { in: squeezed, out: channels, bias: true }),
    operation(sigmoid),
  );
  return {
    shapes: shapesOf([score, body, attention]),
    apply(pass, x) {
      const scored = score.apply(pass, x);
      const scale = attention.apply(pass, scored);
      return add<Tensor4D>(mul(body.apply(pass, scored), scale), scale);
    },
  };
}
