import type { GradConfig } from "@tensorflow/tfjs-core";

/** Gradients by the name of the tfjs kernel. */
export type Gradients = Readonly<Record<string, Omit<GradConfig, "kernelName">>>;
