// A process of its own (vitest.config.ts says why), as it mocks a module.
// @vitest-environment-options { "alone": "hnsw-absent" }
import { fileURLToPath } from "node:url";
import { exactSearch } from "@lmk/index";
import {
  availableHnswLibraries,
  createHnswIndex,
  HnswUnavailableError,
  hnswUnavailableReason,
  isHnswAvailable,
  loadHnswIndex,
} from "@lmk/index/hnsw";
import { beforeEach, expect, it, vi } from "vitest";
import { matrixFrom } from "./fixtures.ts";

const failures = vi.hoisted((): Record<string, Error> => ({}));

vi.mock("../src/hnsw/import-library.ts", () => ({
  importLibrary: (packageName: string) =>
    failures[packageName] ? Promise.reject(failures[packageName]) : Promise.resolve("data:text/javascript,"),
}));

const absent = (name: string): Error =>
  Object.assign(new Error(`Cannot find module '${name}'\nRequire stack:\n- somewhere`), {
    code: "MODULE_NOT_FOUND",
  });
const uncompiled = new Error("Could not locate the bindings file. Tried:\n -> build/addon.node");
const file = (name: string) => fileURLToPath(new URL(`files/${name}/embeddings.hnsw`, import.meta.url));

beforeEach(() => {
  for (const name of Object.keys(failures)) delete failures[name];
});

it("says so, with the way out, where no library loads", async () => {
  failures["hnswlib-node"] = uncompiled;
  failures.usearch = absent("usearch");
  expect(await isHnswAvailable()).toBe(false);
  expect(await availableHnswLibraries()).toEqual([]);
  const reasons =
    "hnswlib-node is installed without its native part, which was not compiled, and usearch is not installed";
  expect(await hnswUnavailableReason()).toBe(reasons);
  await expect(createHnswIndex({ dimension: 2 })).rejects.toThrow(
    new HnswUnavailableError(
      `createHnswIndex: expected one of the optional packages hnswlib-node and usearch to load, but ${reasons}; install usearch (it is compiled already for Linux and macOS), or hnswlib-node where a C++ compiler is at hand, or use exactSearch of @lmk/index`,
      { cause: uncompiled },
    ),
  );
  await expect(createHnswIndex({ dimension: 2 })).rejects.toMatchObject({ code: "hnsw-unavailable" });
});

it("says which library a file or an option needs, where that one is absent", async () => {
  failures.usearch = absent("usearch");
  expect(await availableHnswLibraries()).toEqual(["hnswlib"]);
  expect(await hnswUnavailableReason()).toBeUndefined();
  expect(await isHnswAvailable("usearch")).toBe(false);
  expect(await hnswUnavailableReason("usearch")).toBe("usearch is not installed");
  const message = (caller: string) =>
    `${caller}: expected the optional package usearch to load, but usearch is not installed; install it (it is compiled already for Linux and macOS), or use exactSearch of @lmk/index`;
  await expect(createHnswIndex({ dimension: 2, dtype: "float16" })).rejects.toThrow(
    new HnswUnavailableError(message("createHnswIndex"), { cause: failures.usearch }),
  );
  await expect(loadHnswIndex(file("hnsw-v2-usearch"))).rejects.toThrow(
    new HnswUnavailableError(message("loadHnswIndex"), { cause: failures.usearch }),
  );
});

it("says the same of hnswlib-node", async () => {
  failures["hnswlib-node"] = Object.assign(new Error("/a/addon.node: wrong ELF class"), {
    code: "ERR_DLOPEN_FAILED",
  });
  expect(await availableHnswLibraries()).toEqual(["usearch"]);
  const reason = "the native part of hnswlib-node is for another platform or Node.js";
  expect(await hnswUnavailableReason("hnswlib")).toBe(reason);
  await expect(loadHnswIndex(file("hnsw-v1"))).rejects.toThrow(
    new HnswUnavailableError(
      `loadHnswIndex: expected the optional package hnswlib-node to load, but ${reason}; install it where a C++ compiler is at hand, or use exactSearch of @lmk/index`,
      { cause: failures["hnswlib-node"] },
    ),
  );
  failures["hnswlib-node"] = new Error("odd\nmore");
  expect(await hnswUnavailableReason("hnswlib")).toBe("hnswlib-node does not load: odd");
  await expect(hnswUnavailableReason("faiss" as "usearch")).rejects.toThrow(
    new RangeError('hnswUnavailableReason: expected `library` to be "hnswlib" or "usearch", got "faiss"'),
  );
});

it("leaves exact search as it is", () => {
  expect([...exactSearch(matrixFrom([[1]]), matrixFrom([[1], [2]]), { k: 2 }).ids]).toEqual([1, 0]);
});
