import { createResNeSt, type ResNeStName } from "@lmk/models";
import { describeAgainstGolden } from "./against-golden.ts";

describeAgainstGolden("resnest", (variant) => {
  const [name, switches] = variant.split(" ");
  return createResNeSt(name as ResNeStName, switches === "lastStride1" ? { lastStride: 1 } : {});
});
