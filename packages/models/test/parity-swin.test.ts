import { createSwin, type SwinName } from "@lmk/models";
import { describeAgainstGolden } from "./against-golden.ts";

describeAgainstGolden("swin", (variant) => {
  const [name, , size, , window] = variant.split(" ");
  const sides = size === undefined ? {} : { size: Number(size), window: Number(window) };
  return createSwin(name as SwinName, { ...sides, dropPathRate: 0 });
});
