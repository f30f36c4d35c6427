import * as tf from "@tensorflow/tfjs-core";
import type { Mode, Peer } from "../measure/peer.ts";
import { createBatch, createClassifier, type Task } from "./classifier.ts";

type Tensors = Record<string, tf.Tensor>;

const tooling = new URL("../../../tooling/tfjs-node/", import.meta.url).href;

/** The same functions run eagerly by tfjs-node, which `folder`'s node_modules has; its convolutions accept any padding. */
export async function startTfjsNode(folder: string, task: Task, mode: Mode): Promise<Peer> {
  const { loadTfjsNode } = await import(`${tooling}load.mjs`);
  const { acceptPaddings } = await import(`${tooling}paddings.mjs`);
  acceptPaddings(loadTfjsNode(folder, import.meta.url));
  if (!(await tf.setBackend("tensorflow"))) throw new Error("tfjs-node did not register its backend");
  const { parameters, step, logits } = createClassifier(task);
  const { images, labels } = createBatch(task);
  const batch: Tensors = {
    images: tf.tensor(images, [task.batch, task.size, task.size, 3]),
    labels: tf.tensor(labels, [task.batch], "int32"),
    learningRate: tf.scalar(task.learningRate),
  };
  const state: Tensors = {};
  for (const [name, { data, shape }] of Object.entries(mode === "train" ? step.state : parameters)) {
    state[name] = tf.tensor(data, [...shape]);
  }
  const train = () => {
    const { outputs, state: next } = step.run(batch, state);
    const loss = outputs.loss.dataSync();
    for (const [name, tensor] of Object.entries(next)) {
      state[name].dispose();
      state[name] = tensor;
    }
    outputs.loss.dispose();
    return loss;
  };
  const infer = () => tf.tidy(() => logits(state, batch.images as tf.Tensor4D).dataSync());
  return {
    name: "tfjs-node",
    run: async () => {
      const begin = performance.now();
      const values = mode === "train" ? train() : infer();
      return { milliseconds: performance.now() - begin, values };
    },
    close: async () => undefined,
  };
}
