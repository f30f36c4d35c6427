import type { Tensor } from "@tensorflow/tfjs-core";
import type { Communicator } from "./communicator.ts";
import type { NamedArrays } from "./parameters.ts";

/** A pure function of a step's inputs and of the state: outputs, and the parts of the state that change. */
export type StepFunction = (
  inputs: Readonly<Record<string, Tensor>>,
  state: Readonly<Record<string, Tensor>>,
) => {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly state: Readonly<Record<string, Tensor>>;
};

/** Shape and type of one of a step's inputs. */
export interface InputSpec {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
}

/** The arrays that stay between steps. */
export interface StepState {
  /** Copies of all arrays. */
  readonly read: () => Promise<NamedArrays>;
  /** Replaces the arrays that are named. */
  readonly write: (arrays: NamedArrays) => void;
  /** Frees them. */
  readonly dispose: () => void;
}

/** A step function ready to run. It reads and changes the state it was loaded with. */
export interface RunnableStep {
  /** Reads the inputs before it resolves and not later: the caller may fill the same arrays for the next run. */
  readonly run: (
    inputs: Readonly<Record<string, Float32Array | Int32Array>>,
  ) => Promise<Readonly<Record<string, { readonly data: ArrayLike<number> }>>>;
  readonly dispose: () => Promise<void>;
}

/** What runs step functions: {@link eagerEngine} or {@link compiledEngine}. */
export interface Engine {
  /** Such as `"compiled cpu"`, for logs. */
  readonly name: string;
  /** A state with initial values. */
  readonly createState: (arrays: NamedArrays) => StepState;
  /**
   * Makes a function run on inputs of fixed shapes.
   *
   * @param communicator - Whom {@link replicaMean} speaks to inside the function; without one it changes nothing.
   */
  readonly load: (
    fn: StepFunction,
    inputs: Readonly<Record<string, InputSpec>>,
    state: StepState,
    communicator?: Communicator,
  ) => Promise<RunnableStep>;
  /**
   * The mean of a tensor over the ranks, to be called inside a step function. Its gradient is the mean of the
   * gradients.
   */
  readonly replicaMean: <T extends Tensor>(x: T) => T;
}
