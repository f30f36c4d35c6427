import { existsSync } from "node:fs";
import { type Compiled, compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";

/** The Vulkan driver for the processor, SwiftShader, that Debian's package chromium brings. */
const driver = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Keeps the GPU's device open, which every session would otherwise open and close anew. */
let held: Compiled | undefined;

/**
 * Offers the software driver to onnxruntime where the machine names no other, and says why WebGPU cannot run
 * here nevertheless. The Vulkan loader reads the variable when the process first asks for an adapter.
 */
export async function webgpuObstacle(): Promise<string | undefined> {
  const { env } = process;
  if (env.VK_DRIVER_FILES === undefined && existsSync(driver)) env.VK_DRIVER_FILES = driver;
  try {
    held ??= await compile(
      ({ x }) => ({ outputs: { y: tf.add(x, 1) } }),
      { inputs: { x: { shape: [2] } } },
      { provider: "webgpu" },
    );
    return undefined;
  } catch (error) {
    const adapterMissing = /WebGPU adapter|not supported|not available/i.test(String(error));
    if (error instanceof RangeError && adapterMissing) return `no WebGPU here: ${error.message}`;
    throw error;
  }
}

/** Closes the device. */
export async function releaseWebgpu(): Promise<void> {
  await held?.dispose();
  held = undefined;
}
