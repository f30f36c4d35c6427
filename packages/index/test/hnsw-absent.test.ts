import { exactSearch } from "@lmk/index";
import {
  createHnswIndex,
  HnswUnavailableError,
  hnswUnavailableReason,
  isHnswAvailable,
  loadHnswIndex,
} from "@lmk/index/hnsw";
import { expect, it, vi } from "vitest";
import { matrixFrom } from "./fixtures.ts";

vi.mock("../src/hnsw/import-native.ts", () => ({
  importNative: () =>
    Promise.reject(new Error("Could not locate the bindings file. Tried:\n -> build/addon.node")),
}));

it("says so, with the way out, where the native module does not load", async () => {
  expect(await isHnswAvailable()).toBe(false);
  expect(await hnswUnavailableReason()).toBe("Could not locate the bindings file. Tried:");
  const message = (caller: string) =>
    `${caller}: expected the optional package hnswlib-node to load, got "Could not locate the bindings file. Tried:"; install it where a C++ compiler is at hand, or use exactSearch of @lmk/index`;
  const cause = new Error("Could not locate the bindings file. Tried:\n -> build/addon.node");
  await expect(createHnswIndex({ dimension: 2 })).rejects.toThrow(
    new HnswUnavailableError(message("createHnswIndex"), { cause }),
  );
  await expect(loadHnswIndex("index.hnsw")).rejects.toThrow(
    new HnswUnavailableError(message("loadHnswIndex"), { cause }),
  );
  await expect(createHnswIndex({ dimension: 2 })).rejects.toMatchObject({ code: "hnsw-unavailable" });
});

it("leaves exact search as it is", () => {
  expect([...exactSearch(matrixFrom([[1]]), matrixFrom([[1], [2]]), { k: 2 }).ids]).toEqual([1, 0]);
});
