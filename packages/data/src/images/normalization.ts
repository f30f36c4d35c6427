/** How a byte becomes a number: per channel, red, green and blue, of values from 0 to 1. */
export interface Normalization {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** The normalization that ImageNet networks, and all but one of the landmark solutions built on them, were trained with. */
export const imagenetNormalization: Normalization = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/**
 * The normalization of the second solution of retrieval 2021: the means of ImageNet, and 57 of 255 as the standard deviation
 * of each channel.
 *
 * @see {@link https://github.com/WesleyZhang1991/Google_Landmark_Retrieval_2021_2nd_Place_Solution | the solution}
 */
export const gld2021SecondNormalization: Normalization = {
  mean: [0.485, 0.456, 0.406],
  std: [57 / 255, 57 / 255, 57 / 255],
};

/** Refuses a normalization that would not give finite numbers. */
export function requireNormalization(caller: string, { mean, std }: Normalization): void {
  requireThree(caller, "normalization.mean", mean, "finite numbers", Number.isFinite);
  requireThree(caller, "normalization.std", std, "finite numbers above 0", (value) => {
    return Number.isFinite(value) && value > 0;
  });
}

function requireThree(
  caller: string,
  argument: string,
  values: readonly number[],
  expected: string,
  fits: (value: number) => boolean,
): void {
  const isList = Array.isArray(values);
  if (isList && values.length === 3 && values.every(fits)) return;
  const actual = isList ? `[${values.join(", ")}]` : String(values);
  throw new RangeError(`${caller}: expected \`${argument}\` to be three ${expected}, got ${actual}`);
}

/** Three tables of 256 numbers, one after the other: `(v / 255 - mean) / std`. */
export function normalizationTable({ mean, std }: Normalization): Float32Array {
  const table = new Float32Array(3 * 256);
  for (let channel = 0; channel < 3; channel++) {
    for (let v = 0; v < 256; v++) table[channel * 256 + v] = (v / 255 - mean[channel]) / std[channel];
  }
  return table;
}

/** Writes the normalized pixels into `target` from `offset` on. */
export function normalizeInto(
  pixels: Uint8Array,
  table: Float32Array,
  target: Float32Array,
  offset: number,
): void {
  let out = offset;
  for (let i = 0; i < pixels.length; i += 3) {
    target[out] = table[pixels[i]];
    target[out + 1] = table[256 + pixels[i + 1]];
    target[out + 2] = table[512 + pixels[i + 2]];
    out += 3;
  }
}
