/** A rectangle; `top` is less than `bottom`. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A point with the size of its label. */
export interface LabelledPoint {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a label goes, and where a line from its point ends if it stands away from it. */
export interface LabelPlace {
  readonly left: number;
  readonly top: number;
  readonly leader: { readonly x: number; readonly y: number } | null;
}

const gap = 7;
const farthest = 160;

/**
 * Places labels one after the other at the nearest spot around their point that is free of obstacles and of labels
 * placed before, within the frame. A label without such a spot goes to the right of its point.
 */
export function placeLabels(
  points: readonly LabelledPoint[],
  obstacles: readonly Box[],
  frame: Box,
): LabelPlace[] {
  const taken = [...obstacles];
  return points.map((point) => {
    const spots = spotsOf(point);
    const isFree = (box: Box) => isWithin(box, frame) && !taken.some((other) => overlap(box, other));
    const box = spots.find(isFree) ?? spots[0]!;
    taken.push(box);
    const end = { x: nearest(point.x, box.left, box.right), y: nearest(point.y, box.top, box.bottom) };
    const isAway = Math.hypot(end.x - point.x, end.y - point.y) > gap + 2;
    return { left: box.left, top: box.top, leader: isAway ? end : null };
  });
}

function spotsOf({ x, y, width, height }: LabelledPoint): Box[] {
  const spots: Box[] = [];
  for (let distance = 0; distance <= farthest; distance += height / 2) {
    for (const sign of distance === 0 ? [1] : [-1, 1]) {
      const middle = y + sign * distance;
      const beside = [x + gap, x - gap - width];
      // Straight above or below, then further to the sides.
      const across = [
        x - width / 2,
        x - gap,
        x + gap - width,
        x + gap + 3 * distance,
        x - gap - width - 3 * distance,
      ];
      for (const left of [...beside, ...across]) {
        spots.push({ left, right: left + width, top: middle - height / 2, bottom: middle + height / 2 });
      }
    }
  }
  return spots;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function isWithin(box: Box, frame: Box): boolean {
  return (
    box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom
  );
}

function nearest(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
