/**
 * Turns the names of a checkpoint into those of a network.
 *
 * What stands before the backbone's names is cut: `module.` and `backbone.`. The 2019 winners and Radenović keep a
 * ResNet's parts in a list, as `backbone.4.0.conv1.weight` and `features.4.0.conv1.weight`: 0 and 1 are the first
 * convolution and its batch norm, 4 to 7 the stages. A squeeze-and-excitation network's list has its first parts together
 * under 0, and 1 to 4 are the stages.
 *
 * @param isResNet - Whether the network is a ResNet; some other networks have lists of their own.
 * @returns A function from a name to the network's; undefined for the weights of a loss, `final.…`.
 */
export function networkNames(
  names: readonly string[],
  isResNet: boolean,
): (name: string) => string | undefined {
  const isNested = names.some((name) => /^(module\.)?(backbone|features)\.0\.conv1\./.test(name));
  return (name) => {
    const plain = name.replace(/^module\./, "");
    if (plain.startsWith("final.")) return undefined;
    const [, index, rest] = /^(?:backbone|features)\.(\d+)\.(.+)$/.exec(plain) ?? [];
    if (!isResNet || index === undefined || rest === undefined) return plain.replace(/^backbone\./, "");
    if (isNested) return `layer${index}.${rest}`;
    if (index === "0") return `conv1.${rest}`;
    return index === "1" ? `bn1.${rest}` : `layer${Number(index) - 3}.${rest}`;
  };
}
