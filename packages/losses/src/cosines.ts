import {
  cast,
  customGrad,
  div,
  expandDims,
  type GradSaveFunc,
  greaterEqual,
  matMul,
  maximum,
  mul,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { normalizeRows } from "./normalize-rows.ts";
import { smallestSquare } from "./row-lengths.ts";

/**
 * Cosines `[N, C]` of embeddings `[N, d]` to class rows `[C, d]`.
 *
 * The products are divided by the rows' lengths, and the rows themselves are not: of 203,094 × 3 rows a normalized copy
 * and its gradient would be two more gigabytes. For the same reason the gradient of the rows is written out:
 *
 * ```text
 * dwⱼ = Σᵢ (gᵢⱼ / |wⱼ|) xᵢ − (Σᵢ gᵢⱼ cos θᵢⱼ / |wⱼ|²) wⱼ
 * ```
 *
 * where `g` is the gradient of the cosines and `x` the normalized embeddings; two arrays of the rows' size instead of four.
 */
export function cosines(embeddings: Tensor2D, weight: Tensor2D): Tensor2D {
  return tidy(() => ofUnitRows(normalizeRows(embeddings), weight) as Tensor2D);
}

const ofUnitRows = (x: Tensor2D, rows: Tensor2D): Tensor =>
  customGrad((...given: unknown[]) => {
    const [unit, weight, save] = given as [Tensor2D, Tensor2D, GradSaveFunc];
    const squares = sum(square(weight), 1) as Tensor1D;
    const lengths = sqrt(maximum(squares, smallestSquare));
    const cosine = div(matMul(unit, weight, false, true), lengths);
    save([unit, weight, squares, lengths, cosine]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [unit, weight, squares, lengths, cosine] = saved as [
        Tensor2D,
        Tensor2D,
        Tensor1D,
        Tensor1D,
        Tensor2D,
      ];
      const along = div(sum(mul(dy, cosine), 0), square(lengths));
      // A row shorter than the least length is divided by a constant.
      const moved = mul(along, cast(greaterEqual(squares, smallestSquare), "float32"));
      const scaled = div(dy, lengths) as Tensor2D;
      return [matMul(scaled, weight), sub(matMul(scaled, unit, true), mul(weight, expandDims(moved, 1)))];
    };
    return { value: cosine, gradFunc };
  })(x, rows);
