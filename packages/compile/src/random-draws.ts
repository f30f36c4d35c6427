import { CompileError } from "./compile-error.ts";
import { activeOp } from "./origin.ts";

/**
 * Makes tfjs's random ops fail where they have no seed, until the function given back is called. They draw
 * outside kernels, so that a graph would hold one draw for ever; what they take a seed from is `Math.random`.
 */
export function refuseUnseededDraws(): () => void {
  const draw = Math.random;
  Math.random = () => {
    const { op } = activeOp();
    if (op === undefined) return draw();
    throw new CompileError(
      "unsupported-op",
      `compile: expected tf.${op} to have a seed other than 0, got none: its numbers would be drawn once, while ` +
        "the function is traced, and be the same in every run; use randomUniform, randomNormal or dropout of " +
        "@lmk/compile with a seed that is an input, or pass the numbers as an input",
      { op: `tf.${op}` },
    );
  };
  return () => {
    Math.random = draw;
  };
}
