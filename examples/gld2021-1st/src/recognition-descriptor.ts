import { concatenateEmbeddings, type Matrix, normalizeRows } from "@lmk/index";

/**
 * One descriptor for each image from those of all members: the mean of each kind, and the means side by side.
 *
 * With three kinds of 512 numbers these are 1,536. Descriptors are made as long as one another before they are averaged, and
 * means before they are set side by side; the authors do not say whether theirs are.
 *
 * @param kinds - For each kind its members' descriptors, one row per image in the same order.
 * @returns Rows of length 1.
 * @throws RangeError if there is no kind or one without members, rows or columns differ in number, or a row is all zeros or not
 * finite.
 */
export function recognitionDescriptors(kinds: readonly (readonly Matrix[])[]): Matrix {
  return concatenateEmbeddings(kinds.map((members, kind) => ({ matrix: meanDirection(members, kind) })));
}

/** The sum of unit rows; its length does not matter here. */
function meanDirection(members: readonly Matrix[], kind: number): Matrix {
  const [first, ...others] = members;
  if (first === undefined) {
    throw new RangeError(`recognitionDescriptors: expected \`kinds[${kind}]\` to have a member, got none`);
  }
  const sum = normalizeRows(first);
  for (const member of others) {
    if (member.rows !== sum.rows || member.columns !== sum.columns) {
      throw new RangeError(
        `recognitionDescriptors: expected members of \`kinds[${kind}]\` to be ${sum.rows} × ${sum.columns}, got ${member.rows} × ${member.columns}`,
      );
    }
    const unit = normalizeRows(member).data;
    for (let i = 0; i < unit.length; i++) sum.data[i]! += unit[i]!;
  }
  return sum;
}
