import { customGrad, getBackend, mul, setBackend, type Tensor, tensor, tidy } from "@tensorflow/tfjs-core";
import type { Communicator } from "../communicator.ts";
import type { Engine, InputSpec, RunnableStep, StepFunction, StepState } from "../engine.ts";
import type { NamedArray, NamedArrays } from "../parameters.ts";

/** Options of {@link eagerEngine}. */
export interface EagerEngineOptions {
  /**
   * The TensorFlow.js backend to run on, registered by its package: `"tensorflow"` (`@tensorflow/tfjs-node`, `-gpu`),
   * `"webgpu"`, `"webgl"`, `"wasm"`, `"cpu"`.
   *
   * @defaultValue the backend that is active
   */
  readonly backend?: string;
}

/**
 * Runs step functions op by op on a TensorFlow.js backend.
 *
 * On several ranks it reads tensors while it waits, which backends that only read asynchronously, such as WebGPU, refuse:
 * take `compiledEngine` there. Gradients must be registered: import `@tensorflow/tfjs` or `@tensorflow/tfjs-layers` once in
 * the program.
 *
 * @example
 * ```ts
 * import { eagerEngine } from "@lmk/train";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * eagerEngine({ backend: "cpu" }).name; // => "eager cpu"
 * ```
 */
export function eagerEngine(options: EagerEngineOptions = {}): Engine {
  const { backend } = options;
  const states = new WeakMap<StepState, EagerState>();
  // Ranks exchange values inside an op, which must know whom it speaks to while a step runs.
  let communicator: Communicator | undefined;

  const replicaMean = <T extends Tensor>(x: T): T => {
    const ranks = communicator;
    if (ranks === undefined) return x;
    const mean = (y: Tensor): Tensor => {
      const values = Float32Array.from(y.dataSync());
      ranks.meanSync([values]);
      return tensor(values, y.shape);
    };
    const averaged = customGrad((y) => ({
      value: mean(y as Tensor),
      gradFunc: (dy: Tensor) => [mean(dy)],
    }));
    return averaged(x) as T;
  };

  const load: Engine["load"] = async (fn, inputs, state, ranks) => {
    const values = states.get(state);
    if (values === undefined)
      throw new TypeError(
        "eagerEngine: expected `state` to be made by this engine's createState, got another",
      );
    const run: RunnableStep["run"] = async (arrays) => {
      if (backend !== undefined && getBackend() !== backend && !(await setBackend(backend))) {
        throw new RangeError(`eagerEngine: expected \`backend\` to be one that starts, got ${backend}`);
      }
      communicator = ranks;
      try {
        const outputs = runOnce(fn, inputs, arrays, values);
        const read = Object.entries(outputs).map(async ([name, output]) => {
          const data = await output.data();
          output.dispose();
          return [name, { data }] as const;
        });
        return Object.fromEntries(await Promise.all(read));
      } finally {
        communicator = undefined;
      }
    };
    return { run, dispose: async () => {} };
  };

  return {
    name: backend === undefined ? "eager" : `eager ${backend}`,
    createState(arrays) {
      const values = new EagerState(arrays);
      const state: StepState = {
        read: () => values.read(),
        write: (changed) => values.write(changed),
        dispose: () => values.dispose(),
      };
      states.set(state, values);
      return state;
    },
    load,
    replicaMean,
  };
}

/** Arrays that become tensors when they are first read on the backend. */
class EagerState {
  readonly #shapes = new Map<string, readonly number[]>();
  readonly #values = new Map<string, Tensor | Float32Array>();

  constructor(arrays: NamedArrays) {
    for (const [name, { shape, data }] of Object.entries(arrays)) {
      this.#shapes.set(name, shape);
      this.#values.set(name, data.slice());
    }
  }

  /** The arrays as tensors, which stay the state's own. */
  tensors(): Record<string, Tensor> {
    for (const [name, value] of this.#values) {
      if (value instanceof Float32Array) this.#values.set(name, tensor(value, [...this.#shapes.get(name)!]));
    }
    return Object.fromEntries(this.#values) as Record<string, Tensor>;
  }

  /** Takes over tensors in place of the old ones. */
  replace(changed: Readonly<Record<string, Tensor>>): void {
    for (const [name, value] of Object.entries(changed)) this.#requireShape("eagerEngine", name, value.shape);
    for (const [name, value] of Object.entries(changed)) {
      this.#free(name);
      this.#values.set(name, value);
    }
  }

  write(arrays: NamedArrays): void {
    for (const [name, { shape }] of Object.entries(arrays))
      this.#requireShape("StepState.write", name, shape);
    for (const [name, { data }] of Object.entries(arrays)) {
      this.#free(name);
      this.#values.set(name, data.slice());
    }
  }

  async read(): Promise<NamedArrays> {
    const read = [...this.#values].map(async ([name, value]): Promise<[string, NamedArray]> => {
      const data =
        value instanceof Float32Array ? value.slice() : ((await value.data()) as Float32Array).slice();
      return [name, { shape: this.#shapes.get(name)!, data }];
    });
    return Object.fromEntries(await Promise.all(read));
  }

  dispose(): void {
    for (const name of this.#values.keys()) this.#free(name);
    this.#values.clear();
  }

  #free(name: string): void {
    const old = this.#values.get(name);
    if (!(old instanceof Float32Array)) old?.dispose();
  }

  #requireShape(caller: string, name: string, shape: readonly number[]): void {
    const expected = this.#shapes.get(name);
    if (expected === undefined)
      throw new RangeError(`${caller}: expected arrays named as those of the state, got ${name}`);
    if (String(expected) === String(shape)) return;
    throw new RangeError(`${caller}: expected \`${name}\` to have shape [${expected}], got [${shape}]`);
  }
}

function runOnce(
  fn: StepFunction,
  inputs: Readonly<Record<string, InputSpec>>,
  arrays: Readonly<Record<string, Float32Array | Int32Array>>,
  values: EagerState,
): Readonly<Record<string, Tensor>> {
  const current = values.tensors();
  const { outputs, state } = tidy(() => {
    const given = Object.entries(inputs).map(([name, { shape, dtype }]) => {
      const data = arrays[name];
      if (data === undefined)
        throw new RangeError(`RunnableStep.run: expected \`inputs\` to have ${name}, got none`);
      return [name, tensor(data, [...shape], dtype)] as const;
    });
    const result = fn(Object.fromEntries(given), current);
    // A clone each: what is given back may be an input, or one tensor twice. A backend may keep an input's own array,
    // which is the caller's to fill again: what stays gets another.
    const inputIds = new Set(given.map(([, { dataId }]) => dataId));
    const mapped = (tensors: Readonly<Record<string, Tensor>>, copy: (value: Tensor) => Tensor) =>
      Object.fromEntries(Object.entries(tensors).map(([name, value]) => [name, copy(value)]));
    return {
      outputs: mapped(result.outputs, (value) => value.clone()),
      state: mapped(result.state, (value) => (inputIds.has(value.dataId) ? mul(value, 1) : value.clone())),
    };
  }) as unknown as { outputs: Record<string, Tensor>; state: Record<string, Tensor> };
  values.replace(state);
  return outputs;
}
