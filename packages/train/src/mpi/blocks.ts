/** Arrays of at least this many numbers are used where they lie; smaller ones are copied together. */
const smallest = 65_536;

/** The numbers of several arrays, cut into pieces for one MPI call each. */
export interface Blocks {
  /** Views of the long arrays, and a copy of the short ones. */
  readonly blocks: readonly Float32Array[];
  /** Writes the copy back to the arrays it was made from. */
  readonly writeBack: () => void;
}

/** Many short arrays become one block, and an array of more than `largest` numbers becomes several. */
export function blocksOf(arrays: readonly Float32Array[], largest: number): Blocks {
  const isShort = ({ length }: Float32Array): boolean => arrays.length > 1 && length < smallest;
  const short = arrays.filter(isShort);
  const packed = new Float32Array(short.reduce((sum, { length }) => sum + length, 0));
  const placed = short.reduce<{ array: Float32Array; start: number }[]>((before, array) => {
    const last = before.at(-1);
    before.push({ array, start: last ? last.start + last.array.length : 0 });
    return before;
  }, []);
  for (const { array, start } of placed) packed.set(array, start);
  return {
    blocks: [packed, ...arrays.filter((array) => !isShort(array))].flatMap((array) => cut(array, largest)),
    writeBack() {
      for (const { array, start } of placed) array.set(packed.subarray(start, start + array.length));
    },
  };
}

function cut(array: Float32Array, largest: number): Float32Array[] {
  const blocks: Float32Array[] = [];
  for (let start = 0; start < array.length; start += largest)
    blocks.push(array.subarray(start, start + largest));
  return blocks;
}
