/** Where a column's smallest sizes begin: below, sizes are too often those of other axes, or shorter than windows. */
const smallest = 5;

/** The prime factors of other sizes begin here, for the same reason. */
const smallestFactor = 11;

/** Powers of two that the strides of one function may make together, times two. */
const moduli = [4, 8, 16, 32, 64] as const;

/**
 * The sizes to trace with: for each point one size per dimension, from the typical size upwards; a later
 * `attempt` takes larger ones.
 *
 * What a function does may depend on remainders: the padding of strided windows on whether a size is even, that
 * of the next windows on the size modulo 4, and so on. So that no such function gives the same graph at all
 * points, each combination of even and odd sizes occurs (up to 4 dimensions), and the sizes of a dimension leave
 * no arc of half the circle modulo 4, 8, …, 64 empty: `⌊(n + c) / 2ᵏ⌋` is even at one point and odd at another,
 * for any `c` and for `k` up to 5. All remainders modulo 3 occur, too.
 *
 * All are a prime times 1, 2, 3 or 4, which other axes seldom are, and no size is used twice.
 */
export function tracePoints(typical: readonly number[], count: number, attempt: number): number[][] {
  const taken = new Set<number>();
  const starts = typical.map((start) => Math.max(start, smallest));
  let columns: number[][] = [];
  for (let round = 0; round <= attempt; round++) {
    columns = starts.map((start, dimension) => column(start, parities(dimension, count), dimension, taken));
    columns.forEach((sizes, dimension) => {
      starts[dimension] = Math.max(...sizes) + 1;
    });
  }
  return Array.from({ length: count }, (_, point) => columns.map((sizes) => sizes[point]));
}

/** Whether a dimension is even at each point: a bit of the point's number, or the sum of two. */
function parities(dimension: number, count: number): boolean[] {
  const bits = Math.floor(Math.log2(count));
  const isSet = (point: number, bit: number) => (point >> bit) % 2 === 1;
  return Array.from({ length: count }, (_, point) =>
    dimension < bits
      ? isSet(point, dimension)
      : isSet(point, dimension % bits) !== isSet(point, (dimension + 1) % bits),
  );
}

/** The sizes of one dimension, their order turned by its number so that dimensions do not grow together. */
function column(start: number, even: readonly boolean[], dimension: number, taken: Set<number>): number[] {
  const counts = { even: even.filter(Boolean).length, odd: even.filter((is) => !is).length };
  const core = spreadSizes(start, taken);
  const chosen = {
    even: core.filter((size) => size % 2 === 0),
    odd: core.filter((size) => size % 2 === 1),
  };
  for (let size = start; chosen.even.length < counts.even || chosen.odd.length < counts.odd; size++) {
    const list = size % 2 === 0 ? "even" : "odd";
    if (chosen[list].length >= counts[list] || taken.has(size) || primeFactor(size) === undefined) continue;
    taken.add(size);
    chosen[list].push(size);
  }
  const turned = (sizes: number[]) => {
    const ordered = sizes.sort((a, b) => (dimension % 2 === 0 ? a - b : b - a));
    const by = dimension >> 1;
    return ordered.map((_, i) => ordered[(i + by) % ordered.length]);
  };
  const lists = { even: turned(chosen.even), odd: turned(chosen.odd) };
  return even.map((is) => lists[is ? "even" : "odd"].shift() as number);
}

/** Two odd and two even sizes, as small as possible, whose remainders are spread as {@link tracePoints} says. */
function spreadSizes(start: number, taken: Set<number>): number[] {
  const pool: number[] = [];
  for (let size = start; ; size++) {
    if (taken.has(size) || primeFactor(size) === undefined) continue;
    const chosen = firstSpread(pool, size);
    if (chosen === undefined) {
      pool.push(size);
      continue;
    }
    for (const other of chosen) taken.add(other);
    return chosen;
  }
}

/** `last` with three of the pool, if they are spread. */
function firstSpread(pool: readonly number[], last: number): number[] | undefined {
  for (let i = 0; i < pool.length; i++) {
    for (let j = i + 1; j < pool.length; j++) {
      for (let k = j + 1; k < pool.length; k++) {
        const four = [pool[i], pool[j], pool[k], last];
        if (isSpread(four)) return four;
      }
    }
  }
  return undefined;
}

function isSpread(sizes: readonly number[]): boolean {
  if (sizes.filter((size) => size % 2 === 0).length !== 2) return false;
  if (new Set(sizes.map((size) => size % 3)).size < 3) return false;
  if (new Set(sizes.map(primeFactor)).size < sizes.length) return false;
  return moduli.every((modulus) => {
    const around = sizes.map((size) => size % modulus).sort((a, b) => a - b);
    return around.every((at, i) => (around[i + 1] ?? around[0] + modulus) - at <= modulus / 2);
  });
}

/** The prime that a size is, or a larger one of which it is 2, 3 or 4 times; undefined for other sizes. */
function primeFactor(size: number): number | undefined {
  if (isPrime(size)) return size;
  const factor = [4, 2, 3].map((by) => size / by).find((quotient) => Number.isInteger(quotient));
  return factor !== undefined && factor >= smallestFactor && isPrime(factor) ? factor : undefined;
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return n > 1;
}
