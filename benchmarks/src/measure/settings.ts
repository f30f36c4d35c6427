/** Threads of every side. */
export const threads = 2;
/** Runs that are counted. */
export const steps: number = Number(process.env.LMK_STEPS ?? 20);
/** Runs before. */
export const warmup: number = Number(process.env.LMK_WARMUP ?? 5);
/** Training steps in a row of the endurance part. */
export const longSteps: number = Number(process.env.LMK_LONG_STEPS ?? 1000);
/** A folder whose node_modules has @tensorflow/tfjs-node. */
export const tfjsNode: string | undefined = process.env.LMK_TFJS_NODE;

/** The Python with PyTorch, torchvision and onnx. */
export function requirePython(): string {
  const python = process.env.LMK_PYTHON;
  if (python !== undefined) return python;
  throw new Error("set LMK_PYTHON to a Python with PyTorch, torchvision and onnx");
}
