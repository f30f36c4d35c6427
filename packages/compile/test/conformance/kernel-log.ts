import "@tensorflow/tfjs-layers";
import * as tf from "@tensorflow/tfjs-core";
import { allGradients } from "../../src/gradients/all-gradients.ts";

/** A kernel that an op reached. */
export interface KernelCall {
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly dtype: string }>>;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What was reached while a log was open: kernels, and kernels whose gradient was taken. */
export interface KernelLog {
  readonly calls: KernelCall[];
  readonly gradients: Set<string>;
}

let open: KernelLog | undefined;

/** Runs `fn` and writes down in `log` the kernels and gradients it reaches. */
export function logged<T>(log: KernelLog, fn: () => T): T {
  const before = open;
  open = log;
  try {
    return fn();
  } finally {
    open = before;
  }
}

/** The names of all kernels that tfjs-core knows. */
export function knownKernels(): string[] {
  return Object.entries(tf)
    .filter(([key, value]) => key === value)
    .map(([key]) => key)
    .sort();
}

/** Whether the gradient of a kernel is known, to tfjs or to this package. */
export function hasGradient(kernel: string): boolean {
  return tf.getGradient(kernel) !== undefined || Object.hasOwn(allGradients, kernel);
}

/** Listens to tfjs's engine and to every gradient; before any function is traced, as that puts others in place. */
function listen(): void {
  const engine = tf.engine();
  const runKernel = engine.runKernel.bind(engine);
  const listening: typeof runKernel = (kernel, inputs, attrs) => {
    open?.calls.push(describeCall(kernel, inputs, attrs));
    return runKernel(kernel, inputs, attrs);
  };
  engine.runKernel = listening;
  const gradients = knownKernels().map((name) => [name, tf.getGradient(name)] as const);
  for (const [name, config] of [...gradients, ...Object.entries(allGradients)]) {
    if (config === undefined) continue;
    const { gradFunc } = config;
    config.gradFunc = (...given) => {
      open?.gradients.add(name);
      return gradFunc(...given);
    };
  }
}

function describeCall(kernel: string, inputs: object, attrs: object | undefined): KernelCall {
  const tensors = Object.entries(inputs as tf.NamedTensorMap).filter(([, tensor]) => tensor?.shape);
  const shapes = tensors.map(([name, { shape, dtype }]) => [name, { shape: [...shape], dtype }]);
  return { kernel, inputs: Object.fromEntries(shapes), attributes: { ...attrs } };
}

/** One line per call: the kernel, its inputs' shapes and its attributes. */
export function formatCalls(calls: readonly KernelCall[]): string {
  return calls
    .map(({ kernel, inputs, attributes }) => {
      const shapes = Object.entries(inputs).map(([name, { shape, dtype }]) => {
        return `${name} ${dtype === "float32" ? "" : `${dtype} `}[${shape.join(", ")}]`;
      });
      return `    ${kernel}(${shapes.join(", ")}) ${JSON.stringify(attributes)}`;
    })
    .join("\n");
}

listen();
