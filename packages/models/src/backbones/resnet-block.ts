import { add, type Tensor4D } from "@tensorflow/tfjs-core";
import { relu } from "../layers/activations.ts";
import { batchNormalization } from "../layers/batch-norm.ts";
import { type ConvolutionOptions, convolution } from "../layers/convolution.ts";
import { instanceBatchNormalization } from "../layers/ibn.ts";
import { chain, type Layer, operation, shapesOf } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { squeezeExcitation } from "../layers/squeeze-excitation.ts";
import { convolved, type ShortcutOptions } from "./resnet-parts.ts";

/** What makes a residual block. */
export interface BlockOptions {
  readonly block: "basic" | "bottleneck";
  readonly input: number;
  /** Channels before the last convolution. */
  readonly inner: number;
  readonly output: number;
  readonly stride: number;
  /** Of a bottleneck's 3 × 3 convolution. */
  readonly groups: number;
  readonly instanceNorm: boolean;
  readonly excitation: "linear" | "convolution" | undefined;
  /** Changes the shape of the block's input to that of its output. */
  readonly shortcut: (name: string, options: ShortcutOptions) => Layer;
}

/** `relu(x + f(x))`, with a convolution of `x` where its shape changes. */
export function residual(name: string, options: BlockOptions): Layer {
  const { input, output, stride, instanceNorm, excitation, shortcut } = options;
  const layers = convolutions(options).flatMap((each, i): Layer[] => {
    const [of, norm] = [`${name}.conv${i + 1}`, `${name}.bn${i + 1}`];
    if (i > 0) return [operation(relu), convolved(of, norm, each)];
    const normalization = instanceNorm ? instanceBatchNormalization : batchNormalization;
    return [convolution(of, each), normalization(norm, each.out)];
  });
  const branch = chain(...layers, ...(excitation ? [excited(name, output, excitation)] : []));
  const changes = stride !== 1 || input !== output;
  const beside = changes ? shortcut(`${name}.downsample`, { in: input, out: output, stride }) : chain();
  return {
    shapes: shapesOf([branch, beside]),
    apply: (pass, x) => relu(add<Tensor4D>(branch.apply(pass, x), beside.apply(pass, x))),
  };
}

function convolutions(options: BlockOptions): readonly ConvolutionOptions[] {
  const { block, input, inner, output, stride, groups } = options;
  if (block === "basic") {
    return [
      { in: input, out: inner, size: 3, stride },
      { in: inner, out: output, size: 3 },
    ];
  }
  return [
    { in: input, out: inner },
    { in: inner, out: inner, size: 3, stride, groups },
    { in: inner, out: output },
  ];
}

/** Squeeze and excitation by a sixteenth of the channels. */
function excited(name: string, channels: number, by: "linear" | "convolution"): Layer {
  const down = { in: channels, out: channels / 16 };
  const up = { in: down.out, out: channels };
  if (by === "linear") {
    return squeezeExcitation({
      reduce: linear<Tensor4D>(`${name}.se.fc.0`, { ...down, bias: false }),
      expand: linear<Tensor4D>(`${name}.se.fc.2`, { ...up, bias: false }),
    });
  }
  return squeezeExcitation({
    reduce: convolution(`${name}.se_module.fc1`, { ...down, bias: true }),
    expand: convolution(`${name}.se_module.fc2`, { ...up, bias: true }),
  });
}
