import { CompileError } from "../compile-error.ts";
import type { Dtype, TypedArray } from "../dtype.ts";
import type { FinishedGraph, Initializer } from "../graph.ts";
import { placeOfPrefix } from "../origin.ts";
import { portName, type TensorSpec, type Trace } from "../trace.ts";
import { sameConstant } from "./constants.ts";
import { evaluate, monomials, type Polynomial, PolynomialFit } from "./polynomial.ts";
import { type Dimension, freeNames, inferSizes, sizedShape } from "./sizes.ts";
import { tracePoints } from "./trace-points.ts";
import { Disagreement, type FreeSizes, type UnifiedGraph, unify } from "./unify.ts";

/** Shape and type of an input some of whose dimensions may be free. */
export interface FreeSpec {
  readonly shape: readonly Dimension[];
  readonly dtype: Dtype;
}

/** Traces the function for inputs of given shapes. */
export type TraceOnce = (inputs: ReadonlyMap<string, TensorSpec>) => Trace;

/** How often other sizes are tried before a function is refused. */
const attempts = 2;

/**
 * Traces a function for any size of its free dimensions. Without free dimensions it is traced once. Else the
 * function is traced at several sizes, and the graphs, which must differ in numbers only, become one.
 */
export function traceAnySize(
  inputs: ReadonlyMap<string, FreeSpec>,
  typical: ReadonlyMap<string, number>,
  traceOnce: TraceOnce,
): Trace {
  const shapes = new Map([...inputs].map(([name, { shape }]) => [name, shape]));
  const names = freeNames(shapes.values());
  if (names.length === 0) return traceOnce(inputs as ReadonlyMap<string, TensorSpec>);
  let refusal: Disagreement | undefined;
  let points: number[][] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    points = tracePoints(
      names.map((name) => typical.get(name) ?? 8),
      monomials(names.length).length + 1,
      attempt,
    );
    try {
      return traceAt(traceOnce, inputs, { names, points });
    } catch (error) {
      if (!(error instanceof Disagreement)) throw error;
      refusal ??= error;
    }
  }
  const { reason, origin } = refusal as Disagreement;
  const place = origin === undefined ? undefined : placeOfPrefix(origin);
  const listed = names.map((name) => `"${name}"`).join(", ");
  throw new CompileError(
    "unsupported-op",
    `compile: cannot express the function for any size of ${listed}: ${place === undefined ? "" : `in ${place.words}, `}` +
      `${reason}; compile once per size instead, with one state for all`,
    place,
  );
}

function traceAt(
  traceOnce: TraceOnce,
  inputs: ReadonlyMap<string, FreeSpec>,
  { names, points }: { readonly names: readonly string[]; readonly points: readonly (readonly number[])[] },
): Trace {
  const specsAt = (sizes: readonly number[]) =>
    new Map(
      [...inputs].map(([name, { shape, dtype }]): [string, TensorSpec] => [
        name,
        { shape: sizedShape(shape, names, sizes), dtype },
      ]),
    );
  const traces: Trace[] = [];
  for (const point of points) {
    const traced = traceOnce(specsAt(point));
    const graph = traces.length === 0 ? traced.graph : withSharedData(traced.graph, traces[0].graph);
    traces.push({ ...traced, graph });
  }
  const [first] = traces;
  for (const other of traces) {
    const list = ({ outputs, updates }: Trace) => [...outputs.keys(), ...updates].join();
    if (list(other) !== list(first)) throw new Disagreement("the names of the results vary");
  }
  const free: FreeSizes = {
    names,
    fit: new PolynomialFit(points),
    ports: [...inputs]
      .filter(([, { shape }]) => freeNames([shape]).length > 0)
      .map(([name, { shape, dtype }]) => ({
        port: { name: portName.input(name), dims: sizedShape(shape, names, points[0]), type: dtype },
        symbols: shape.map((dimension) => (typeof dimension === "string" ? dimension : undefined)),
      })),
  };
  const { graph, shapes }: UnifiedGraph = unify(
    traces.map((traced) => traced.graph),
    free,
  );
  const inputShapes = new Map([...inputs].map(([name, { shape }]) => [name, shape]));
  return {
    ...first,
    graph,
    specsOf: (arrays: Readonly<Record<string, TypedArray>>) => {
      const sizes = inferSizes(inputShapes, names, arrays);
      const outputs = [...first.outputs].map(([name, { dtype }]): [string, TensorSpec] => {
        const shape = shapes.get(portName.output(name)) as readonly Polynomial[];
        return [name, { shape: shape.map((dimension) => evaluate(dimension, sizes)), dtype }];
      });
      return { inputs: specsAt(sizes), outputs: new Map(outputs) };
    },
  };
}

/** The graph with constants that the first trace has too replaced by those, so that they are held once. */
function withSharedData(graph: FinishedGraph, first: FinishedGraph): FinishedGraph {
  const initializers = graph.initializers.map((constant, i): Initializer => {
    const twin = first.initializers[i];
    return twin !== undefined && sameConstant(constant, twin) ? { ...constant, data: twin.data } : constant;
  });
  return { ...graph, initializers };
}
