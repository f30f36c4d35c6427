import { createResNet, type ResNetName } from "@lmk/models";
import { describeAgainstGolden } from "./against-golden.ts";

describeAgainstGolden("resnet", (variant) => {
  const [name, ...switches] = variant.split(" ");
  return createResNet(name as ResNetName, {
    ...(switches.includes("averageShortcut") ? { shortcut: "average" } : {}),
    ...(switches.includes("lastStride1") ? { lastStride: 1 } : {}),
  });
});
