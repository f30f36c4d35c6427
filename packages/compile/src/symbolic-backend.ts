import {
  type BackendValues,
  type DataType,
  engine,
  KernelBackend,
  type Tensor,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { CompileError } from "./compile-error.ts";
import { makeArray, requireDtype, sizeOf, toArray } from "./dtype.ts";
import { activeOp } from "./origin.ts";
import { type Abilities, Tracer } from "./tracer.ts";
import { constantValue, identityOrder, type Value } from "./value.ts";

interface Entry {
  readonly value: Value;
  /** The kernel that made the value, for messages. */
  readonly maker: string;
  references: number;
}

/** What the backend is registered as. */
export const tracingBackend = "lmk-compile";

/** The data ids of all traces, to tell tensors that outlived theirs. */
const symbolicIds = new WeakSet<object>();

/** A tfjs backend whose tensors have shapes but no values: its kernels write the graph of a {@link Tracer}. */
export class SymbolicBackend extends KernelBackend {
  readonly tracer: Tracer;
  /** Why the first asynchronous read was refused, which no caller may be waiting to hear. */
  refusal: unknown;
  readonly #entries = new Map<object, Entry>();
  readonly #foreign = new Map<object, Value>();

  constructor(abilities: Abilities) {
    super();
    this.tracer = new Tracer(abilities);
  }

  /** Keeps a value under a new tfjs data id. */
  adopt(value: Value, maker: string): TensorInfo {
    requireDtype(value.dtype);
    const dataId = {};
    this.#entries.set(dataId, { value, maker, references: 1 });
    symbolicIds.add(dataId);
    return { dataId, shape: [...value.shape], dtype: value.dtype };
  }

  /** The value of a kernel's input. A tensor of another backend is copied into the graph as a constant. */
  lookUp(tensor: TensorInfo): Value {
    const entry = this.#entries.get(tensor.dataId);
    if (entry !== undefined) {
      const same = entry.value.shape.every((dimension, axis) => dimension === tensor.shape[axis]);
      return same && entry.value.shape.length === tensor.shape.length
        ? entry.value
        : this.tracer.reshape(entry.value, tensor.shape);
    }
    let value = this.#foreign.get(tensor.dataId);
    if (value === undefined) {
      if ((tensor as Partial<Tensor>).isDisposed === true) {
        throw new CompileError(
          "unsupported-op",
          `compile: expected the tensors that the function closes over to be alive, got a disposed one of shape [${tensor.shape.join(", ")}]`,
        );
      }
      if (symbolicIds.has(tensor.dataId)) {
        throw new CompileError(
          "unsupported-op",
          `compile: expected tensors with values, got one of shape [${tensor.shape.join(", ")}] that an earlier ` +
            "trace made; make it inside the function, or outside of compile",
        );
      }
      const dtype = requireDtype(tensor.dtype);
      value = constantValue(
        toArray(dtype, engine().readSync(tensor.dataId) as Float32Array),
        tensor.shape,
        dtype,
      );
      this.#foreign.set(tensor.dataId, value);
    }
    // A cast that loses nothing, made by tfjs's CPU backend, has the data id of what it casts.
    return this.tracer.reshape(this.tracer.cast(value, requireDtype(tensor.dtype)), tensor.shape);
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): object {
    const type = requireDtype(dtype);
    return this.adopt(constantValue(toArray(type, values as Float32Array), shape, type), "a constant").dataId;
  }

  override move(
    dataId: object,
    values: BackendValues,
    shape: number[],
    dtype: DataType,
    references: number,
  ): void {
    const type = requireDtype(dtype);
    const value = constantValue(toArray(type, values as Float32Array), shape, type);
    this.#entries.set(dataId, { value, maker: "a constant", references });
    symbolicIds.add(dataId);
  }

  override readSync(dataId: object): BackendValues {
    const { value, maker } = this.#entries.get(dataId) as Entry;
    if (value.data !== undefined) {
      if (value.data.length === 1) return makeArray(value.dtype, sizeOf(value.shape)).fill(value.data[0]);
      const dense = this.tracer.inOrder(value, identityOrder(value.shape.length));
      if (dense.data !== undefined && dense.data.length === sizeOf(value.shape)) return dense.data.slice();
    }
    const { op } = activeOp();
    const asker = op === undefined ? "the traced function itself" : `tf.${op}`;
    throw new CompileError(
      "symbolic-read",
      `compile: ${asker} read the values of a ${value.dtype} tensor of shape [${value.shape.join(", ")}] made by ` +
        `${maker}, which has none while the function is traced; return it as an output and read it after run()`,
      op === undefined ? {} : { op: `tf.${op}` },
    );
  }

  /** As {@link readSync}; a refused read is kept for the trace to throw, and its promise never settles. */
  override read(dataId: object): Promise<BackendValues> {
    try {
      return Promise.resolve(this.readSync(dataId));
    } catch (error) {
      this.refusal ??= error;
      return new Promise(() => undefined);
    }
  }

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.#entries.get(dataId);
    if (entry === undefined) return true;
    entry.references -= 1;
    if (entry.references > 0 && !force) return false;
    this.#entries.delete(dataId);
    return true;
  }

  override incRef(dataId: object): void {
    (this.#entries.get(dataId) as Entry).references += 1;
  }

  override refCount(dataId: object): number {
    return this.#entries.get(dataId)?.references ?? 0;
  }

  override numDataIds(): number {
    return this.#entries.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.#entries.clear();
    this.#foreign.clear();
  }
}
