import { CompileError } from "./compile-error.ts";
import { type Dtype, sizeOf, type TypedArray, toArray } from "./dtype.ts";
import { type Attribute, elementTypeCode, GraphBuilder } from "./graph.ts";
import {
  constantValue,
  identityOrder,
  permuted,
  reorderedData,
  repeatedTo,
  reshapedInPlace,
  storedByAxis,
  uniformValue,
  type Value,
  withRank,
} from "./value.ts";

/** What a graph may use that not every provider can do. */
export interface Abilities {
  /** `MaxPool` also tells where each maximum was. */
  readonly poolingIndices: boolean;
  /** `BatchNormalization` with the statistics of the batch. */
  readonly batchStatistics: boolean;
  /** `ConvTranspose` with several input channels in each of several groups gives right values. */
  readonly groupedTransposes: boolean;
  /** Means over replicas are nodes, at which the graph is cut; without, they change nothing. */
  readonly replicaMeans?: boolean;
}

/** What kernels build values with: the graph, and the movement of values between layouts. */
export class Tracer {
  readonly graph: GraphBuilder = new GraphBuilder();
  readonly abilities: Abilities;
  readonly #constantNames = new Map<
    TypedArray,
    { readonly name: string; readonly dims: readonly number[] }
  >();
  readonly #reorderedData = new Map<TypedArray, Map<string, TypedArray>>();

  constructor(abilities: Abilities) {
    this.abilities = abilities;
  }

  /** The name of the stored tensor, made an initializer if it is a constant. */
  name(value: Value): string {
    if (value.data === undefined) return this.#reshape(value.name, value.held ?? value.stored, value.stored);
    const { data, stored, dtype } = value;
    if (data.length === 1) return this.graph.constant(data, stored, dtype);
    let known = this.#constantNames.get(data);
    if (known === undefined) {
      known = { name: this.graph.constant(data, stored, dtype), dims: stored };
      this.#constantNames.set(data, known);
    }
    return this.#reshape(known.name, known.dims, stored);
  }

  /** A value held by the graph tensor `name`, whose stored dimensions are the logical shape in that order. */
  value(name: string, shape: readonly number[], dtype: Dtype, order?: readonly number[]): Value {
    const storedOrder = order ?? identityOrder(shape.length);
    return {
      shape: [...shape],
      dtype,
      order: storedOrder,
      stored: storedOrder.map((axis) => shape[axis]),
      name,
    };
  }

  /** The value with its graph tensor brought to the stored dimensions, for nodes that count axes. */
  exact(value: Value): Value {
    if (value.data !== undefined) return value;
    const { held: _, ...plain } = value;
    return { ...plain, name: this.name(value) };
  }

  /** The value's graph tensor with the dimensions `dims`, which differ from the stored ones in ones. */
  nameAs(value: Value, dims: readonly number[]): string {
    const from = value.data === undefined ? (value.held ?? value.stored) : value.stored;
    return this.#reshape(value.data === undefined ? value.name : this.name(value), from, dims);
  }

  scalar(element: number, dtype: Dtype = "float32"): Value {
    return uniformValue(element, [], dtype);
  }

  /** The value stored in another order of its axes; repeated dimensions stay repeated. */
  inOrder(value: Value, order: readonly number[]): Value {
    const dims = storedByAxis(value);
    const stored = order.map((axis) => dims[axis]);
    const long = (axes: readonly number[]) => axes.filter((axis) => dims[axis] !== 1);
    const { mask: _, held, ...plain } = value;
    if (order.every((axis, i) => axis === value.order[i]))
      return held === undefined ? plain : { ...plain, held };
    if (long(order).every((axis, i) => axis === long(value.order)[i])) {
      return { ...plain, order, stored, held: held ?? value.stored };
    }
    if (value.data !== undefined)
      return { ...plain, order, stored, data: this.#reordered(value, value.data, order) };
    const perm = order.map((axis) => value.order.indexOf(axis));
    return { ...plain, order, stored, name: this.graph.node("Transpose", [this.name(value)], { perm }) };
  }

  /** The value stored in `order` (as tfjs sees it, by default) with no repeated dimension left. */
  dense(value: Value, order: readonly number[] = identityOrder(value.shape.length)): Value {
    const arranged = this.inOrder(value, order);
    const full = order.map((axis) => value.shape[axis]);
    if (full.every((dimension, i) => dimension === arranged.stored[i])) return arranged;
    const { data: _, held: __, ...plain } = arranged;
    const expanded = this.graph.node("Expand", [this.name(arranged), this.graph.integers(full)]);
    return { ...plain, stored: full, name: expanded };
  }

  /** The value with another shape of the same size. */
  reshape(value: Value, shape: readonly number[]): Value {
    if (value.shape.length === shape.length && shape.every((d, i) => d === value.shape[i])) return value;
    const inPlace = reshapedInPlace(value, shape);
    if (inPlace !== undefined) return inPlace;
    const source = this.dense(value);
    if (source.data !== undefined) return constantValue(source.data, shape, value.dtype);
    return this.value(this.#reshape(source.name, source.held ?? source.stored, shape), shape, value.dtype);
  }

  transpose(value: Value, permutation: readonly number[]): Value {
    return permuted(value, permutation);
  }

  /** The value repeated along axes of length 1 (and new leading axes) up to `shape`; nothing moves. */
  broadcast(value: Value, shape: readonly number[]): Value {
    return repeatedTo(withRank(value, shape.length), shape);
  }

  /**
   * An element-wise node over values that broadcast. The result is stored like the largest operand of full
   * rank; the others are turned to it.
   */
  elementwise(
    op: string,
    operands: readonly Value[],
    dtype: Dtype,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    const { names, ...layout } = this.aligned(operands);
    return { ...layout, dtype, name: this.graph.node(op, names, attributes) };
  }

  /**
   * The names of operands turned to one order so that ONNX broadcasts them, and the layout of the result.
   * Trailing dimensions of length 1 are left out where one is repeated: onnxruntime's broadcasting is slow over them.
   */
  aligned(operands: readonly Value[]): {
    names: string[];
    shape: number[];
    order: readonly number[];
    stored: number[];
    held: number[];
  } {
    const shape = broadcastShape(operands.map((operand) => operand.shape));
    const rank = shape.length;
    const arrays = operands.filter(({ data }) => data?.length !== 1);
    if (arrays.length === 1) return this.#besideScalars(arrays[0], operands, shape);
    const leader = operands
      .filter((operand) => operand.shape.length === rank)
      .reduce((best, operand) => (leads(operand, best) ? operand : best));
    const order = sizeOf(leader.stored) === 1 ? identityOrder(rank) : leader.order;
    const turned = operands.map((operand) => this.inOrder(withRank(operand, rank), order));
    const stored = order.map((_, position) =>
      turned.reduce((longest, { stored: dims }) => (dims[position] === 1 ? longest : dims[position]), 1),
    );
    const isRepeated = turned.some(({ data, stored: dims, held = dims }) => {
      return data?.length !== 1 && held.join() !== stored.join();
    });
    const length = isRepeated ? stored.findLastIndex((dimension) => dimension !== 1) + 1 : stored.length;
    const tensors = turned.map((operand) =>
      operand.data?.length === 1
        ? { name: this.graph.constant(operand.data, [], operand.dtype), dims: [] }
        : this.#broadcastable(operand, operand.stored.slice(0, length)),
    );
    const held = broadcastShape(tensors.map(({ dims }) => dims));
    return { names: tensors.map(({ name }) => name), shape, order, stored, held };
  }

  /** An element-wise node over one value, which keeps its layout. */
  follow(
    op: string,
    value: Value,
    dtype: Dtype = value.dtype,
    attributes: Readonly<Record<string, Attribute>> = {},
    extra: readonly string[] = [],
  ): Value {
    const { data, mask: _, held, ...layout } = value;
    const kept = data === undefined && held !== undefined ? { ...layout, held } : layout;
    const source = data === undefined ? value.name : this.name(value);
    return { ...kept, dtype, name: this.graph.node(op, [source, ...extra], attributes) };
  }

  /** The value as another type: numbers are truncated towards zero, anything but 0 is true. */
  cast(value: Value, dtype: Dtype): Value {
    if (value.dtype === dtype) return value;
    if (value.mask !== undefined) return this.cast(value.mask, dtype);
    if (value.data !== undefined) {
      return { ...value, dtype, data: toArray(dtype, value.data) };
    }
    const result = this.follow("Cast", value, dtype, { to: elementTypeCode[dtype] });
    return value.dtype === "bool" ? { ...result, mask: value } : result;
  }

  /** Reports a kernel that is known, but not with what it was given. */
  unsupported(op: string, reason: string): never {
    throw new CompileError("unsupported-op", `compile: cannot express ${op} ${reason}`);
  }

  /** Reorders a constant once per order, so that a filter used forward and backward is kept once. */
  #reordered(value: Value, data: TypedArray, order: readonly number[]): TypedArray {
    const key = `${storedByAxis(value)}/${value.order}/${order}`;
    const byOrder = this.#reorderedData.get(data) ?? new Map<string, TypedArray>();
    this.#reorderedData.set(data, byOrder);
    const result = byOrder.get(key) ?? reorderedData(value, data, order);
    byOrder.set(key, result);
    return result;
  }

  /** Operands of which all but `array` are one element: it stays as it is held. */
  #besideScalars(array: Value, operands: readonly Value[], shape: number[]) {
    const { order, stored, held = stored } = withRank(array, shape.length);
    const plain = array.data !== undefined;
    const names = operands.map((operand) => {
      if (operand !== array) return this.graph.constant(operand.data as TypedArray, [], operand.dtype);
      return plain ? this.name(operand) : operand.name;
    });
    return { names, shape, order, stored: [...stored], held: plain ? [...array.stored] : [...held] };
  }

  /** The tensor with the dimensions `wanted`, as it is where only leading ones differ, which broadcasting adds. */
  #broadcastable(value: Value, wanted: readonly number[]): { name: string; dims: readonly number[] } {
    const reshaped = (name: string, from: readonly number[]) => {
      return { name: this.#reshape(name, from, wanted), dims: wanted };
    };
    const trimmed = (dims: readonly number[]) => dims.slice(dims.findIndex((dimension) => dimension !== 1));
    if (value.data !== undefined) {
      const vector = trimmed(wanted);
      if (vector.length === 1) return { name: this.name({ ...value, stored: vector }), dims: vector };
      return reshaped(this.name(value), value.stored);
    }
    const from = value.held ?? value.stored;
    const same =
      from.length <= wanted.length && (sizeOf(from) === 1 || trimmed(from).join() === trimmed(wanted).join());
    return same ? { name: value.name, dims: from } : reshaped(value.name, from);
  }

  #reshape(name: string, from: readonly number[], to: readonly number[]): string {
    if (from.length === to.length && from.every((dimension, i) => dimension === to[i])) return name;
    // A 0 in the target otherwise means the dimension as it is.
    const attributes: Readonly<Record<string, Attribute>> = to.includes(0) ? { allowzero: 1 } : {};
    return this.graph.node("Reshape", [name, this.graph.integers(to)], attributes);
  }
}

/** The shape that numpy-style broadcasting gives. */
export function broadcastShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return identityOrder(rank).map((axis) =>
    shapes.reduce((longest, shape) => {
      const dimension = shape[axis - rank + shape.length] ?? 1;
      if (dimension === 1 || dimension === longest) return longest;
      if (longest === 1) return dimension;
      const listed = shapes.map((each) => `[${each.join(", ")}]`).join(" and ");
      throw new CompileError("invalid-arguments", `compile: expected shapes that broadcast, got ${listed}`);
    }, 1),
  );
}

/** Whether `a` rather than `b` decides a common order: the larger; then what is computed; then what was turned. */
function leads(a: Value, b: Value): boolean {
  const sizes = sizeOf(a.stored) - sizeOf(b.stored);
  if (sizes !== 0) return sizes > 0;
  if ((a.data === undefined) !== (b.data === undefined)) return a.data === undefined;
  return b.order.every((axis, i) => axis === i) && a.order.some((axis, i) => axis !== i);
}
