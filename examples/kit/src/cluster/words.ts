/** Whether a command's words have an option. */
export function hasOption(words: readonly string[], option: string): boolean {
  return words.some((word) => word === option || word.startsWith(`${option}=`));
}

/**
 * A command's words without an option that takes a value, wherever and however often it is given: `--workers 2` or
 * `--workers=2`. A `--` goes too: it ends the options, and others are to follow.
 */
export function withoutOption(words: readonly string[], option: string): string[] {
  const left: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === option) at += 1;
    else if (word !== "--" && !word.startsWith(`${option}=`)) left.push(word);
  }
  return left;
}
