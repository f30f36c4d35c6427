import { efficientnetVariants, swinVariants } from "@lmk/models";
import { namedFile } from "@lmk-example/kit";
import { type BackboneName, backbonesOf } from "./pretrained.ts";
import { recipes } from "./recipes.ts";

type InitFiles = Readonly<Partial<Record<BackboneName, string>>>;

/** Reads `--init BACKBONE=FILE`, once for each backbone. */
export const initOption: (text: string, before?: InitFiles) => InitFiles = namedFile({
  isKnown: (name): name is BackboneName =>
    Object.hasOwn(efficientnetVariants, name) || Object.hasOwn(swinVariants, name),
  names: [
    ...new Set(
      recipes.flatMap(({ steps }) => steps.flatMap(({ config }) => [...backbonesOf(config).keys()])),
    ),
  ],
  example: "tf_efficientnet_b5_ns=b5.pth",
});
