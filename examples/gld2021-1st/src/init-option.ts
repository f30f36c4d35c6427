import { namedFile } from "@lmk-example/kit";
import { backboneNames } from "./init-files.ts";
import type { BackboneName } from "./pretrained.ts";

type InitFiles = Readonly<Partial<Record<BackboneName, string>>>;

/** Reads `--init BACKBONE=FILE`, once for each backbone. */
export const initOption: (text: string, before?: InitFiles) => InitFiles = namedFile({
  isKnown: (name): name is BackboneName => backboneNames.some((known) => known === name),
  names: backboneNames,
  example: "tf_efficientnet_b5_ns=b5.pth",
});
