import { expect, it, vi } from "vitest";

it("importing the package encodes no model and reads no manifest", async () => {
  const packageVersion = vi.fn(() => "0.0.0");
  vi.doMock("../src/package-version.ts", () => ({ packageVersion }));
  const { encodeModel } = await import("../src/onnx-model.ts");
  await import("../src/index.ts");
  expect(packageVersion).not.toHaveBeenCalled();
  encodeModel({ nodes: [], initializers: [], inputs: [], outputs: [] });
  expect(packageVersion).toHaveBeenCalledOnce();
});
