import type { Tensor } from "@tensorflow/tfjs-core";
import type { Engine, InputSpec, RunnableStep, StepFunction, StepState } from "../engine.ts";
import type { NamedArrays } from "../parameters.ts";

/** A state of the compiler's. */
export interface CompilerState {
  readonly fetch: () => Promise<NamedArrays>;
  readonly write: (arrays: NamedArrays) => void;
}

/** The compiler's options, as far as {@link compiledEngine} reads or sets them. */
export interface CompilerOptions {
  readonly provider?: string;
  readonly replicas?: {
    readonly size: number;
    readonly mean: (arrays: readonly Float32Array[]) => Promise<void>;
  };
}

/** What {@link compiledEngine} needs of `@lmk/compile`. */
export interface Compiler<State extends CompilerState, Options extends CompilerOptions> {
  readonly createState: (arrays: NamedArrays) => State;
  readonly compile: (
    fn: StepFunction,
    signature: { readonly inputs: Readonly<Record<string, InputSpec>>; readonly state: State },
    options?: Options,
  ) => Promise<RunnableStep>;
  readonly replicaMean: <T extends Tensor>(x: T) => T;
}

/**
 * Runs step functions as compiled graphs: forward pass, gradients and update in one.
 *
 * @param compiler - The module `@lmk/compile`.
 * @param options - Options of its `compile`, such as `provider` (`"cpu"`, `"webgpu"` or `"cuda"`), `threads` and `cache`.
 *
 * @example
 * ```ts
 * import * as compiler from "@lmk/compile";
 * import { compiledEngine } from "@lmk/train";
 *
 * compiledEngine(compiler, { provider: "cpu" }).name; // => "compiled cpu"
 * ```
 */
export function compiledEngine<State extends CompilerState, Options extends CompilerOptions>(
  compiler: Compiler<State, Options>,
  options: NoInfer<Options>,
): Engine {
  const states = new WeakMap<StepState, State>();
  return {
    name: `compiled ${options.provider ?? "cpu"}`,
    createState(arrays) {
      const inner = compiler.createState(arrays);
      const state: StepState = {
        read: () => inner.fetch(),
        write: (changed) => inner.write(changed),
        dispose: () => {},
      };
      states.set(state, inner);
      return state;
    },
    async load(fn, inputs, state, communicator) {
      const inner = states.get(state);
      if (inner === undefined) {
        throw new TypeError(
          "compiledEngine: expected `state` to be made by this engine's createState, got another",
        );
      }
      const replicas = communicator && { replicas: { size: communicator.size, mean: communicator.mean } };
      return compiler.compile(fn, { inputs, state: inner }, { ...options, ...replicas });
    },
    replicaMean: compiler.replicaMean,
  };
}
