import { compile } from "@lmk/compile";
import {
  type Backbone,
  createDolg,
  createEfficientNet,
  createEmbeddingModel,
  createResNet,
  createSwin,
  type EmbeddingModel,
  spoc,
} from "@lmk/models";
import { type Tensor4D, tensor } from "@tensorflow/tfjs-core";
import { difference, interleave, type Summary } from "../measure/interleave.ts";
import type { Peer } from "../measure/peer.ts";
import { createRandom } from "../measure/random.ts";
import { requirePython, threads } from "../measure/settings.ts";
import { startExportedNetwork } from "./exported-network.ts";

/** A network, and the images it is timed on. */
export interface EmbeddingTask {
  /** As `export_network.py` knows it. */
  readonly name: string;
  readonly create: () => EmbeddingModel;
  readonly size: number;
  readonly batch: number;
}

/** The networks that are timed. */
export const embeddingTasks: readonly EmbeddingTask[] = [
  {
    name: "tf_efficientnet_b0_ns",
    create: () => pooled(createEfficientNet("tf_efficientnet_b0_ns")),
    size: 224,
    batch: 8,
  },
  { name: "resnet50", create: () => pooled(createResNet("resnet50")), size: 224, batch: 8 },
  {
    name: "swin_tiny_patch4_window7_224",
    create: () => pooled(createSwin("swin_tiny_patch4_window7_224")),
    size: 224,
    batch: 8,
  },
  {
    name: "dolg_tf_efficientnet_b5_ns",
    create: () => createDolg({ backbone: "tf_efficientnet_b5_ns", dilations: [6, 12, 18] }),
    size: 768,
    batch: 1,
  },
];

/** The mean of the last map, as timm and torchvision pool it. */
function pooled(backbone: Backbone): EmbeddingModel {
  return createEmbeddingModel({ backbone, pooling: spoc(), neck: null });
}

/** One network beside its exported twin. */
export interface EmbeddingRow {
  readonly name: string;
  readonly size: number;
  readonly batch: number;
  readonly dimension: number;
  /** Milliseconds a batch. */
  readonly lmk: Summary;
  readonly exported: Summary;
  /** The time of lmk over that of the exported network, medians. */
  readonly ratio: number;
  readonly difference: number;
  readonly agrees: boolean;
}

/** Times a compiled network beside the one that PyTorch exports. */
export async function measureEmbedding(task: EmbeddingTask): Promise<EmbeddingRow> {
  const { name, size, batch } = task;
  const model = task.create();
  const parameters = model.initialize({ seed: 1 });
  const random = createRandom(2);
  const images = Float32Array.from({ length: batch * size * size * 3 }, () => 4 * random() - 2);
  const peers: Peer[] = [];
  try {
    peers.push(await startCompiledModel(model, parameters, images, task));
    const network = { network: name, parameters, images, batch, size };
    peers.push(await startExportedNetwork(requirePython(), network, threads));
    const { lmk, exported } = await interleave(peers);
    const apart = difference(lmk.first, exported.first);
    return {
      name,
      size,
      batch,
      dimension: model.dimension,
      lmk: summaryOf(lmk),
      exported: summaryOf(exported),
      ratio: lmk.median / exported.median,
      difference: apart,
      agrees: apart < 1e-3,
    };
  } finally {
    for (const peer of peers) await peer.close();
  }
}

const summaryOf = ({ median, min, max }: Summary): Summary => ({ median, min, max });

async function startCompiledModel(
  model: EmbeddingModel,
  weights: ReturnType<EmbeddingModel["initialize"]>,
  images: Float32Array,
  { size, batch }: EmbeddingTask,
): Promise<Peer> {
  const compiled = await compile(
    ({ images: input }) => {
      const parameters = Object.fromEntries(
        Object.entries(weights).map(([name, { data, shape }]) => [name, tensor(data, [...shape])]),
      );
      return { outputs: { embedding: model.apply(parameters, input as Tensor4D).embedding } };
    },
    { inputs: { images: { shape: [batch, size, size, 3] } } },
    { threads },
  );
  return {
    name: "lmk",
    run: async () => {
      const begin = performance.now();
      const { embedding } = await compiled.run({ images });
      const milliseconds = performance.now() - begin;
      return { milliseconds, values: embedding.data };
    },
    close: () => compiled.dispose(),
  };
}
