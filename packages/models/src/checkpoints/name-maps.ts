/** Namings of other sources that {@link nameMaps} knows. */
export type NameMapName =
  | "timm-swin-0.9"
  | "timm-rexnet"
  | "timm-seresnext"
  | "lukemelas-efficientnet"
  | "fishnet-published"
  | "torchvision-average-downsample";

/**
 * Turns a checkpoint's names into a network's.
 *
 * @param targets - The network's names, which tell where its blocks are.
 * @returns A function from a name of the source to one of the network; nothing for a buffer that the network does not
 * keep. A name that the map does not know stays as it is.
 */
export type NameMap = (targets: ReadonlySet<string>) => (name: string) => string | undefined;

/**
 * Namings of other sources, by name.
 *
 * - `timm-swin-0.9`: Swin of timm 0.9 and later, where a stage's downsampling stands at the beginning of the next stage
 *   and the head is `head.fc`; also within a larger model, as `backbone.layers.…`.
 * - `timm-rexnet`: timm's names of ReXNet, `features.0.conv_dw.conv`, as the authors', `features.3.out.0`.
 * - `timm-seresnext`: SE-ResNets of timm and GluonCV, `conv1` and `se`, as pretrainedmodels', `layer0.conv1` and
 *   `se_module`. Never found by itself: their first pooling pads, which pretrainedmodels' does not, so that features
 *   come out a little different from theirs.
 * - `lukemelas-efficientnet`: `_blocks.0._depthwise_conv` of the packages efficientnet_pytorch and
 *   efficientnet_lite_pytorch as timm's `blocks.0.0.conv_dw`.
 * - `fishnet-published`: the published weights of FishNet-150, for modules as the 2019 solution builds them.
 * - `torchvision-average-downsample`: torchvision's `downsample.0` and `.1` where the network pools first and has them
 *   at `.1` and `.2`.
 */
export const nameMaps: Readonly<Record<NameMapName, NameMap>> = {
  "timm-swin-0.9": () => fromTimmSwin,
  "timm-rexnet": fromTimmReXNet,
  "timm-seresnext": () => fromTimmSeResNeXt,
  "lukemelas-efficientnet": fromLukeMelas,
  "fishnet-published": () => fromPublishedFishNet,
  "torchvision-average-downsample": fromTorchvisionDownsample,
};

/** Namings under which a network computes what the source's does, and which may therefore be found by shapes alone. */
export const safeNameMaps: readonly NameMapName[] = (Object.keys(nameMaps) as NameMapName[]).filter(
  (name) => name !== "timm-seresnext",
);

function fromTimmSwin(name: string): string | undefined {
  if (/\.(attn_mask|relative_position_index)$/.test(name)) return;
  return name
    .replace(/(^|\.)layers\.([1-9]\d*)\.downsample\./, (_, before: string, stage: string) => {
      return `${before}layers.${Number(stage) - 1}.downsample.`;
    })
    .replace(/^head\.fc\./, "head.");
}

/** The authors number modules through: stem 0 to 2, block i at i + 3, and the last convolution after the blocks. */
function fromTimmReXNet(targets: ReadonlySet<string>): (name: string) => string {
  const largest = new Map<string, number>();
  for (const target of targets) {
    const [, block, index] = /^features\.(\d+)\.out\.(\d+)\./.exec(target) ?? [];
    if (block !== undefined) largest.set(block, Math.max(largest.get(block) ?? 0, Number(index)));
  }
  return (name) => {
    const [, stem, rest] = /^stem\.(conv|bn)\.(.+)$/.exec(name) ?? [];
    if (stem !== undefined) return `features.${stem === "conv" ? 0 : 1}.${rest}`;
    const [, index, part] = /^features\.(\d+)\.(.+)$/.exec(name) ?? [];
    if (index === undefined) return name.replace(/^head\.fc\./, "output.1.");
    const block = Number(index) + 3;
    const [, last, field] = /^(conv|bn)\.(.+)$/.exec(part!) ?? [];
    if (last !== undefined) return `features.${last === "conv" ? block : block + 1}.${field}`;
    return `features.${block}.out.${reXNetModule(part!, largest.get(String(block)) ?? 0)}`;
  };
}

/** In a block: expansion 0, 1 (if any), depthwise 3, 4 (else 0, 1), gate 5, projection last. */
function reXNetModule(part: string, largest: number): string {
  const expands = largest >= 6;
  const [, layer, kind, field] = /^(conv_\w+)\.(conv|bn)\.(.+)$/.exec(part) ?? [];
  const step = kind === "conv" ? 0 : 1;
  if (layer === "conv_exp") return `${step}.${field}`;
  if (layer === "conv_dw") return `${(expands ? 3 : 0) + step}.${field}`;
  if (layer === "conv_pwl") return `${largest - 1 + step}.${field}`;
  const gate = expands ? 5 : 2;
  const places: Readonly<Record<string, number>> = { fc1: 0, bn: 1, fc2: 3 };
  return part.replace(/^se\.(fc1|bn|fc2)\./, (_, module: string) => `${gate}.fc.${places[module]}.`);
}

function fromTimmSeResNeXt(name: string): string {
  return name
    .replace(/^(conv1|bn1)\./, "layer0.$1.")
    .replace(/^(layer\d\.\d+)\.se\./, "$1.se_module.")
    .replace(/^fc\./, "last_linear.");
}

const lukeMelasOutside: Readonly<Record<string, string>> = {
  _conv_stem: "conv_stem",
  _bn0: "bn1",
  _conv_head: "conv_head",
  _bn1: "bn2",
  _fc: "classifier",
};

const lukeMelasBlock: Readonly<Record<string, string>> = {
  _expand_conv: "conv_pw",
  _bn0: "bn1",
  _depthwise_conv: "conv_dw",
  _bn1: "bn2",
  _se_reduce: "se.conv_reduce",
  _se_expand: "se.conv_expand",
  _project_conv: "conv_pwl",
  _bn2: "bn3",
};

/** Blocks without expansion have one convolution and one norm less. */
const lukeMelasPlainBlock: Readonly<Record<string, string>> = {
  ...lukeMelasBlock,
  _bn1: "bn1",
  _project_conv: "conv_pw",
  _bn2: "bn2",
};

/** Blocks are numbered through there, by stage and place here. */
function fromLukeMelas(targets: ReadonlySet<string>): (name: string) => string {
  const blocks = [...new Set([...targets].flatMap((name) => /^blocks\.\d+\.\d+(?=\.)/.exec(name) ?? []))];
  const order = (block: string) => {
    const [, stage, place] = block.split(".");
    return Number(stage) * 1000 + Number(place);
  };
  blocks.sort((a, b) => order(a) - order(b));
  return (name) => {
    const [, index, module, field] = /^_blocks\.(\d+)\.(\w+)\.(.+)$/.exec(name) ?? [];
    const block = blocks[Number(index)];
    if (block === undefined) {
      return name.replace(/^_\w+/, (found) => lookUp(lukeMelasOutside, found) ?? found);
    }
    const modules = targets.has(`${block}.conv_pwl.weight`) ? lukeMelasBlock : lukeMelasPlainBlock;
    const known = lookUp(modules, module!);
    return known === undefined ? name : `${block}.${known}.${field}`;
  };
}

function lookUp(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The tail's and head's last stages hold two more modules in the published file's order. */
const fishNetModules: readonly (readonly [string, string])[] = [
  ["fish.3.1.0.", "fish.3.0.2."],
  ["fish.3.1.1.", "fish.3.0.3."],
  ["fish.3.1.3.", "fish.3.1."],
  ["fish.9.4.0.", "fish.9.3.2."],
  ["fish.9.4.1.", "fish.9.3.3."],
  ["fish.9.4.4.", "fish.9.4.1."],
];

function fromPublishedFishNet(name: string): string {
  for (const [from, to] of fishNetModules) {
    const at = name.startsWith(from) ? 0 : name.indexOf(`.${from}`) + 1;
    if (name.startsWith(from, at)) return name.slice(0, at) + to + name.slice(at + from.length);
  }
  return name;
}

function fromTorchvisionDownsample(targets: ReadonlySet<string>): (name: string) => string {
  return (name) =>
    name.replace(/(layer\d\.0\.downsample)\.([01])\./, (found, stage: string, place: string) => {
      return targets.has(`${stage}.2.weight`) ? `${stage}.${Number(place) + 1}.` : found;
    });
}
