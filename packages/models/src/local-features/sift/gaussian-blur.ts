/** An image of one value a pixel. */
export interface Plane {
  /** `width × height` values, row after row. */
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/**
 * The right half of a Gaussian: `w_0, w_1 … w_r` with `w_t = exp(-t² / 2σ²)`, divided so that `w_0 + 2 Σ w_t = 1`.
 *
 * `2r + 1` is `8σ + 1` rounded, made odd, which reaches to 4σ: OpenCV's size for images of float32. The weights are
 * rounded to float32 as OpenCV's are.
 */
export function halfGaussian(sigma: number): Float64Array {
  const radius = Math.floor(Math.round(8 * sigma + 1) / 2);
  const half = Float64Array.from({ length: radius + 1 }, (_, t) => Math.exp((-t * t) / (2 * sigma * sigma)));
  const total = half.reduce((sum, weight) => sum + 2 * weight, -half[0]!);
  return half.map((weight) => Math.fround(weight / total));
}

/**
 * Convolves with a Gaussian, rows first, then columns; what lies outside mirrors what lies inside, without the edge
 * itself twice (OpenCV's `BORDER_REFLECT_101`).
 *
 * Sums are float64. `2r + 1` filtered rows are kept at a time, so that each is made once and stays in the cache.
 */
export function gaussianBlur({ data, width, height }: Plane, sigma: number): Plane {
  const half = halfGaussian(sigma);
  const radius = half.length - 1;
  const result = new Float32Array(width * height);
  const padded = new Float64Array(width + 2 * radius);
  const left = columnsOutside(-radius, radius, width);
  const right = columnsOutside(width, radius, width);
  const kept = Math.min(height, 2 * radius + 1);
  const rows = new Float64Array(kept * width);
  const sums = new Float64Array(width);
  const above = new Int32Array(radius + 1);
  const below = new Int32Array(radius + 1);
  const before = Int32Array.from({ length: radius + 1 }, (_, t) => radius - t);
  const after = Int32Array.from({ length: radius + 1 }, (_, t) => radius + t);

  let filtered = 0;
  for (let y = 0; y < height; y++) {
    for (const end = Math.min(height, y + radius + 1); filtered < end; filtered++) {
      const from = filtered * width;
      for (let x = 0; x < width; x++) padded[radius + x] = data[from + x]!;
      for (let i = 0; i < radius; i++) {
        padded[i] = data[from + left[i]!]!;
        padded[radius + width + i] = data[from + right[i]!]!;
      }
      weightedSums(sums, padded, half, before, after);
      rows.set(sums, (filtered % kept) * width);
    }
    for (let t = 0; t <= radius; t++) {
      above[t] = (mirrored(y - t, height) % kept) * width;
      below[t] = (mirrored(y + t, height) % kept) * width;
    }
    weightedSums(sums, rows, half, above, below);
    for (let x = 0, to = y * width; x < width; x++, to++) result[to] = sums[x]!;
  }
  return { data: result, width, height };
}

/** `sums[x] = w_0 v[a_0 + x] + Σ_t w_t (v[a_t + x] + v[b_t + x])`, up to four terms in one pass over x. */
function weightedSums(
  sums: Float64Array,
  values: Float64Array,
  half: Float64Array,
  first: Int32Array,
  second: Int32Array,
): void {
  const radius = half.length - 1;
  const rest = radius % 4;
  if (rest === 0) startWithMiddle(sums, values, half[0]!, first[0]!);
  else if (rest === 1) startWithOne(sums, values, half, first, second);
  else startWithTwo(sums, values, half, first, second);
  if (rest === 3) addOne(sums, values, half, first, second, 3);
  for (let t = rest + 1; t <= radius; t += 4) addFour(sums, values, half, first, second, t);
}

function startWithMiddle(sums: Float64Array, values: Float64Array, weight: number, middle: number): void {
  for (let x = 0; x < sums.length; x++) sums[x] = weight * values[middle + x]!;
}

function startWithOne(
  sums: Float64Array,
  values: Float64Array,
  half: Float64Array,
  first: Int32Array,
  second: Int32Array,
): void {
  const [w0, w1] = [half[0]!, half[1]!];
  const [middle, a1, b1] = [first[0]!, first[1]!, second[1]!];
  for (let x = 0; x < sums.length; x++) {
    sums[x] = w0 * values[middle + x]! + w1 * (values[a1 + x]! + values[b1 + x]!);
  }
}

function startWithTwo(
  sums: Float64Array,
  values: Float64Array,
  half: Float64Array,
  first: Int32Array,
  second: Int32Array,
): void {
  const [w0, w1, w2] = [half[0]!, half[1]!, half[2]!];
  const [middle, a1, b1, a2, b2] = [first[0]!, first[1]!, second[1]!, first[2]!, second[2]!];
  for (let x = 0; x < sums.length; x++) {
    sums[x] =
      w0 * values[middle + x]! +
      w1 * (values[a1 + x]! + values[b1 + x]!) +
      w2 * (values[a2 + x]! + values[b2 + x]!);
  }
}

function addOne(
  sums: Float64Array,
  values: Float64Array,
  half: Float64Array,
  first: Int32Array,
  second: Int32Array,
  t: number,
): void {
  const [weight, a, b] = [half[t]!, first[t]!, second[t]!];
  for (let x = 0; x < sums.length; x++) sums[x]! += weight * (values[a + x]! + values[b + x]!);
}

function addFour(
  sums: Float64Array,
  values: Float64Array,
  half: Float64Array,
  first: Int32Array,
  second: Int32Array,
  t: number,
): void {
  const [w1, w2, w3, w4] = [half[t]!, half[t + 1]!, half[t + 2]!, half[t + 3]!];
  const [a1, a2, a3, a4] = [first[t]!, first[t + 1]!, first[t + 2]!, first[t + 3]!];
  const [b1, b2, b3, b4] = [second[t]!, second[t + 1]!, second[t + 2]!, second[t + 3]!];
  for (let x = 0; x < sums.length; x++) {
    sums[x]! +=
      w1 * (values[a1 + x]! + values[b1 + x]!) +
      w2 * (values[a2 + x]! + values[b2 + x]!) +
      w3 * (values[a3 + x]! + values[b3 + x]!) +
      w4 * (values[a4 + x]! + values[b4 + x]!);
  }
}

function columnsOutside(from: number, count: number, width: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => mirrored(from + i, width));
}

/** The position inside that a mirror at the first and at the last one shows at `position`. */
function mirrored(position: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const wrapped = ((position % period) + period) % period;
  return wrapped < length ? wrapped : period - wrapped;
}
