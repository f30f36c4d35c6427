/** Units per second, such as `96 images/s`. */
export function formatRate(rate: number, unit: string): string {
  return `${rate >= 99.5 ? rate.toFixed(0) : rate.toPrecision(2)} ${unit}/s`;
}

/** A duration, such as `5 min 3 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** A number in at most so many significant digits, without trailing zeros. */
export function formatNumber(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}

/** A learning rate in three digits, such as `0.001` or `9.84e-4`. */
export function formatLearningRate(rate: number): string {
  return rate === 0 || rate >= 1e-3 ? formatNumber(rate, 3) : rate.toExponential(2);
}
