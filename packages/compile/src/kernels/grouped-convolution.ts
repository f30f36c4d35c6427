import type { Tracer } from "../tracer.ts";
import type { Value } from "../value.ts";

/**
 * tfjs has no grouped convolution. It is written as one convolution per group between a split and a
 * concatenation, and tfjs differentiates it likewise. What the parts were cut from is noted here, so that
 * {@link joinedConvolution} can put one convolution of the wholes in the place of the concatenation; the nodes
 * of the parts are then read by nobody.
 */
interface Cut {
  readonly source: Value;
  readonly axis: number;
  readonly begin: number;
}

/** A convolution, or one of its gradients, that may turn out to be one of several groups. */
export interface PartialConvolution {
  /** The tfjs kernel and everything but its operands that decides its result; equal for all groups. */
  readonly kind: string;
  /** The operands, and for each the axis along which groups cut it. */
  readonly operands: readonly { readonly value: Value; readonly axis: number }[];
  /** The axis along which the results of groups are joined. */
  readonly axis: number;
  /** The joined result of `groups` groups, from the operands that were cut. */
  readonly whole: (tracer: Tracer, operands: readonly Value[], groups: number) => Value;
}

// By identity, so that no value derived from a noted one inherits the note.
const cuts = new WeakMap<Value, Cut>();
const convolutions = new WeakMap<Value, PartialConvolution>();

/** Notes that `part` is what `source` holds along `axis` from `begin` on. */
export function noteCut(part: Value, source: Value, axis: number, begin: number): Value {
  if (part !== source) cuts.set(part, { source, axis, begin });
  return part;
}

/** Notes how `result` came about. */
export function noteConvolution(result: Value, convolution: PartialConvolution): Value {
  convolutions.set(result, convolution);
  return result;
}

/**
 * The concatenation of `parts` along `axis` as one grouped convolution, or undefined where the parts are not
 * convolutions of one kind over all the equal cuts, in order, of the same values.
 */
export function joinedConvolution(tracer: Tracer, parts: readonly Value[], axis: number): Value | undefined {
  const groups = parts.length;
  const [first, ...rest] = parts.map((part) => convolutions.get(part));
  if (first === undefined || groups < 2 || first.axis !== axis) return undefined;
  if (rest.some((other) => other?.kind !== first.kind)) return undefined;
  const every = [first, ...(rest as PartialConvolution[])];
  const sources = first.operands.map((_, i) => cutSource(every.map(({ operands }) => operands[i])));
  if (sources.includes(undefined)) return undefined;
  return first.whole(tracer, sources as Value[], groups);
}

/** The value that the operands are all the equal cuts of, or undefined. */
function cutSource(operands: PartialConvolution["operands"]): Value | undefined {
  const source = cuts.get(operands[0].value)?.source;
  if (source === undefined) return undefined;
  const length = source.shape[operands[0].axis] / operands.length;
  const complete = operands.every(({ value, axis }, i) => {
    const cut = cuts.get(value);
    return (
      cut?.source === source &&
      cut.axis === axis &&
      cut.begin === i * length &&
      value.shape[axis] === length &&
      value.shape.every((dimension, at) => at === axis || dimension === source.shape[at])
    );
  });
  return complete ? source : undefined;
}
