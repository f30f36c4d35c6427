/**
 * The angle of a vector in degrees, 0 to 360, by an odd polynomial of the 7th degree on 0 to 45°: at most 0.01° off.
 *
 * The coefficients are those of OpenCV, so that vectors at 45°, frequent in drawings, fall on the same side of a border
 * between two bins.
 */
export function arctangent(y: number, x: number): number {
  const ax = Math.abs(x);
  const ay = Math.abs(y);
  const ratio = Math.min(ax, ay) / (Math.max(ax, ay) + 2.220446049250313e-16);
  const square = ratio * ratio;
  let angle = (((-2.539725 * square + 8.914001) * square - 18.667446) * square + 57.283627) * ratio;
  if (ax < ay) angle = 90 - angle;
  if (x < 0) angle = 180 - angle;
  return y < 0 ? 360 - angle : angle;
}
