import type { GradConfig } from "@tensorflow/tfjs-core";

/**
 * Gradients by kernel name, in force while a function is traced: those that tfjs lacks, and those of its own
 * that fail or are wrong for some inputs. Everything else is differentiated by tfjs.
 */
export const allGradients: Readonly<Record<string, Omit<GradConfig, "kernelName">>> = {};
