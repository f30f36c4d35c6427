import { type Compiled, type CompileOptions, compile, createState, type State } from "@lmk/compile";
import type { Mode, Peer } from "../measure/peer.ts";
import { createBatch, createClassifier, inferenceOf, inputsOf, type Task } from "./classifier.ts";

/** A compiled task, its batch at hand. */
export interface CompiledPeer extends Peer {
  readonly compiled: Compiled;
  /** What training steps change. */
  readonly state: State;
  /** Milliseconds from a function to one that can be run. */
  readonly compileMilliseconds: number;
}

/** Compiles a task. `run` gives the loss of a training step, or the logits. */
export async function startCompiled(
  task: Task,
  mode: Mode,
  options: CompileOptions = {},
): Promise<CompiledPeer> {
  const classifier = createClassifier(task);
  const { images, labels } = createBatch(task);
  const inputs: Record<string, Float32Array | Int32Array> =
    mode === "train" ? { images, labels, learningRate: Float32Array.of(task.learningRate) } : { images };
  const started = performance.now();
  const state = createState(mode === "train" ? classifier.step.state : {});
  const compiled = await (mode === "train"
    ? compile(classifier.step.run, { inputs: inputsOf(task), state }, options)
    : compile(inferenceOf(classifier), { inputs: { images: inputsOf(task).images } }, options));
  const compileMilliseconds = performance.now() - started;
  return {
    name: "lmk",
    compiled,
    state,
    compileMilliseconds,
    run: async () => {
      const begin = performance.now();
      const { loss, logits } = await compiled.run(inputs);
      const milliseconds = performance.now() - begin;
      return { milliseconds, values: (loss ?? logits).data };
    },
    close: () => compiled.dispose(),
  };
}
