import { efficientnetVariants } from "@lmk/models";
import type { Config } from "./config.ts";
import type { MemberName } from "./ensembles.ts";
import type { NetworkConfig } from "./network-config.ts";
import type { NetworkSize } from "./network-size.ts";
import { plainConfigs } from "./plain-configs.ts";
import { type BackboneName, backbonesOf } from "./pretrained.ts";
import { recipes as published } from "./recipes.ts";

/** A network that is trained in place of weights learned on ImageNet: a backbone with a layer behind it. */
export interface StandInNetwork {
  /** Names its stage: that of the backbone, with a number behind it where networks have it in several sizes. */
  readonly name: string;
  readonly backbone: BackboneName;
  readonly config: NetworkConfig;
  readonly size: NetworkSize;
  /** The networks that begin with it. */
  readonly members: readonly MemberName[];
}

/** Every backbone of every size that the recipes begin with, each once. */
export function standInNetworks({
  recipes,
  sizes,
}: Pick<Config, "recipes" | "sizes">): readonly StandInNetwork[] {
  const found = new Map<string, StandInNetwork>();
  for (const { member, steps } of recipes) {
    const names = new Set(steps.flatMap(({ config }) => [...backbonesOf(config).keys()]));
    for (const backbone of names) {
      const size = sizeOf(backbone, sizes[member]);
      const key = JSON.stringify([backbone, size]);
      const known = found.get(key);
      if (known !== undefined) {
        found.set(key, { ...known, members: [...known.members, member] });
        continue;
      }
      const name = nameOf(backbone, size, sizes);
      const first = steps[0]!.config;
      const config = isEfficientNet(backbone)
        ? { ...plainConfigs.b3[0]!, name, backbone }
        : { ...first, name };
      found.set(key, { name, backbone, config, size, members: [member] });
    }
  }
  return [...found.values()];
}

/** The same name whichever networks are chosen. */
function nameOf(backbone: BackboneName, size: NetworkSize, sizes: Config["sizes"]): string {
  const users = published.filter(({ steps }) =>
    steps.some(({ config }) => backbonesOf(config).has(backbone)),
  );
  const known = new Set(users.map(({ member }) => JSON.stringify(sizeOf(backbone, sizes[member]))));
  const place = [...known].indexOf(JSON.stringify(size));
  return place === 0 ? backbone : `${backbone}-${place + 1}`;
}

/** The stand-ins of a network by the backbones whose weights they are. */
export function standInsOf(
  config: Pick<Config, "recipes" | "sizes">,
  member: MemberName,
): readonly StandInNetwork[] {
  return standInNetworks(config).filter(({ members }) => members.includes(member));
}

function isEfficientNet(backbone: BackboneName): backbone is keyof typeof efficientnetVariants {
  return backbone in efficientnetVariants;
}

/** What of a network's size is its backbone's. */
function sizeOf(
  backbone: BackboneName,
  { efficientNet, transformer, width, depth }: NetworkSize,
): NetworkSize {
  if (!isEfficientNet(backbone)) return transformer === undefined ? {} : { transformer };
  return {
    ...(efficientNet === undefined ? {} : { efficientNet }),
    ...(width === undefined ? {} : { width }),
    ...(depth === undefined ? {} : { depth }),
  };
}
