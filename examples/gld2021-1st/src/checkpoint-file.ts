import { join } from "node:path";
import type { NetworkConfig } from "./network-config.ts";

/** The folder of a run below the output folder, as the authors' checkpoints are laid out. */
export function runFolder(outputDir: string, { name }: Pick<NetworkConfig, "name">): string {
  return join(outputDir, name, "fold0");
}

/** The file of a run's weights: the original's name, with `.safetensors` instead of `.pth`. */
export function checkpointFile(outputDir: string, config: Pick<NetworkConfig, "name">, seed: number): string {
  return join(runFolder(outputDir, config), `checkpoint_last_seed${seed}.safetensors`);
}
