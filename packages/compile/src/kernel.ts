import type { Tracer } from "./tracer.ts";
import type { Value } from "./value.ts";

/** The tensors of a kernel call by tfjs's names for them; by number where tfjs passes a list. */
export type Inputs = Readonly<Record<string, Value>>;

/** A tfjs kernel's attributes, as tfjs passes them. */
export type Attributes = Readonly<Record<string, unknown>>;

/** How one tfjs kernel is written as ONNX nodes. */
export type Kernel = (tracer: Tracer, inputs: Inputs, attributes: Attributes) => Value | Value[];

/** Kernels by tfjs's name. */
export type Kernels = Readonly<Record<string, Kernel>>;
