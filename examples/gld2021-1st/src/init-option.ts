import { efficientnetVariants, swinVariants } from "@lmk/models";
import { InvalidArgumentError } from "commander";
import { type BackboneName, backbonesOf } from "./pretrained.ts";
import { recipes } from "./recipes.ts";

type InitFiles = Readonly<Partial<Record<BackboneName, string>>>;

/** Reads `--init BACKBONE=FILE`, once for each backbone. */
export function initOption(text: string, before: InitFiles = {}): InitFiles {
  const [, backbone = "", file] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (file !== undefined && (backbone in efficientnetVariants || backbone in swinVariants)) {
    return { ...before, [backbone]: file };
  }
  const names = new Set(
    recipes.flatMap(({ steps }) => steps.flatMap(({ config }) => [...backbonesOf(config).keys()])),
  );
  throw new InvalidArgumentError(
    `expected a file of ${[...names].join(", ")}, such as tf_efficientnet_b5_ns=b5.pth, got ${text}.`,
  );
}
