/** Distribution function of the standard normal distribution, to about 15 digits. */
export function normalDistribution(x: number): number {
  return x < 0 ? tail(-x) : 1 - tail(x);
}

/** The standard normal quantile of a probability between 0 and 1; plus or minus Infinity at the ends. */
export function normalQuantile(probability: number): number {
  if (probability > 0.5) return -normalQuantile(1 - probability);
  if (probability <= 0) return -Infinity;
  let low = -40;
  let high = 0;
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (tail(-middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The probability above `x`, which is 0 or more: a series near the middle, a continued fraction far out. */
function tail(x: number): number {
  if (x === Infinity) return 0;
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x > 3) {
    let fraction = x;
    for (let term = 100; term > 0; term--) fraction = x + term / fraction;
    return density / fraction;
  }
  let sum = 0;
  let term = x;
  for (let odd = 1; sum + term !== sum; odd += 2) {
    sum += term;
    term *= (x * x) / (odd + 2);
  }
  return 0.5 - density * sum;
}
