import type { InferenceSession } from "onnxruntime-node";
import { type Axes, fixedSide, requireValueName } from "../../networks/onnx-session.ts";
import type { DenseOutputs, SparseOutputs } from "./onnx-options.ts";

type Role = "points" | "scores" | "descriptors" | "scoreMap" | "descriptorMap";

/** An output that holds numbers. */
interface Output {
  readonly name: string;
  readonly axes: Axes;
  readonly isWhole: boolean;
}

const floats: readonly string[] = ["float32", "float16"];
const wholes: readonly string[] = ["int64", "int32"];

/** Names in use, which decide between outputs of the same shape. */
const names: Readonly<Record<Role, RegExp>> = {
  points: /key_?po?i?n?ts|kpts|points/i,
  scores: /score|conf|reliab/i,
  descriptors: /desc|feat/i,
  scoreMap: /score|heat|prob/i,
  descriptorMap: /desc|feat/i,
};

/** Whether an output's shape may be that of a role; an axis of unknown length may be any. */
const shapes: Readonly<Record<Role, (output: Output) => boolean>> = {
  points: ({ axes }) => [2, 3].includes(axes.length) && fixedSide(axes[axes.length - 1]) === 2,
  scores: ({ axes, isWhole }) =>
    !isWhole && axes.length >= 1 && axes.length <= 3 && axes.filter((axis) => axis !== 1).length <= 1,
  descriptors: ({ axes, isWhole }) =>
    !isWhole &&
    [2, 3].includes(axes.length) &&
    (fixedSide(axes[axes.length - 1]) ?? fixedSide(axes[axes.length - 2]) ?? 3) > 2,
  scoreMap: ({ axes, isWhole }) => !isWhole && axes.length === 4 && axes[1] === 1,
  descriptorMap: ({ axes, isWhole }) => !isWhole && axes.length === 4 && (fixedSide(axes[1]) ?? 2) > 1,
};

/** Which outputs of a file are its features: those that are named, or else those that shapes and names tell. */
export function featureOutputs(
  caller: string,
  session: InferenceSession,
  asked: SparseOutputs | DenseOutputs | undefined,
): SparseOutputs | DenseOutputs {
  if (asked !== undefined) {
    for (const [role, name] of Object.entries(asked)) {
      if (name !== undefined) requireValueName(caller, `outputs.${role}`, name, session.outputNames);
    }
    return asked;
  }
  const outputs = session.outputMetadata.flatMap((value) => {
    if (!value.isTensor || ![...floats, ...wholes].includes(value.type)) return [];
    return [{ name: value.name, axes: value.shape, isWhole: wholes.includes(value.type) }];
  });
  const points = oneOf("points", outputs, []);
  const descriptors = oneOf("descriptors", outputs, [points]);
  if (points !== undefined && descriptors !== undefined) {
    const scores = oneOf("scores", outputs, [points, descriptors]);
    return scores === undefined ? { points, descriptors } : { points, scores, descriptors };
  }
  const scoreMap = oneOf("scoreMap", outputs, []);
  const descriptorMap = oneOf("descriptorMap", outputs, [scoreMap]);
  if (scoreMap !== undefined && descriptorMap !== undefined) return { scoreMap, descriptorMap };
  const got = session.outputMetadata.map((value) => {
    return value.isTensor ? `${value.name} [${value.shape.join(", ")}] of ${value.type}` : value.name;
  });
  throw new RangeError(
    `${caller}: expected \`outputs\` to name the features, got none, of ${got.join(", ")}`,
  );
}

/** The output of a role: the only one of its shape, or the only one of these, or of those without one, of its name. */
function oneOf(
  role: Role,
  outputs: readonly Output[],
  taken: readonly (string | undefined)[],
): string | undefined {
  const free = outputs.filter(({ name }) => !taken.includes(name));
  const shaped = free.filter(shapes[role]);
  if (shaped.length === 1) return shaped[0]!.name;
  const among = shaped.length > 1 ? shaped : free.filter(({ axes }) => axes.length === 0);
  const named = among.filter(({ name }) => names[role].test(name));
  return named.length === 1 ? named[0]!.name : undefined;
}
