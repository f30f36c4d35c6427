import { createDolg, type DolgOptions, type EfficientNetName } from "@lmk/models";
import { describeAgainstGolden } from "./against-golden.ts";

const switches: Readonly<Record<string, Partial<DolgOptions>>> = {
  "": {},
  "dilations 3 6 9": { dilations: [3, 6, 9] },
  "stemStride 1": { stemStride: 1 },
  "fusion l2_squared": { fusionNorm: "l2_squared" },
  "order gem-then-project": { globalOrder: "gem_then_project" },
};

describeAgainstGolden("dolg", (variant) => {
  const [encoder, ...rest] = variant.split(" ");
  return createDolg({
    backbone: `tf_efficientnet_${encoder}_ns` as EfficientNetName,
    ...switches[rest.join(" ")]!,
  });
});
