// A process of its own (vitest.config.ts says why), as it mocks a module.
// @vitest-environment-options { "alone": "parquet-absent" }
import { openParquet, PackageUnavailableError, readParquet, writeParquet } from "@lmk/index/parquet";
import { expect, it, vi } from "vitest";
import { matrixFrom } from "./fixtures.ts";

const cause = new Error("Cannot find package 'hyparquet'\n  imported from here");
vi.mock("../src/parquet/import-packages.ts", () => ({
  importReader: () => Promise.reject(cause),
  importWriter: () => Promise.reject(cause),
}));

it("says what to install where a package is absent", async () => {
  const error = (caller: string, name: string) =>
    new PackageUnavailableError(
      `${caller}: expected the optional package ${name} to load, got "Cannot find package 'hyparquet'"; add it to the dependencies`,
      name,
      { cause },
    );
  await expect(openParquet("a.parquet")).rejects.toThrow(error("openParquet", "hyparquet"));
  await expect(readParquet("a.parquet")).rejects.toThrow(error("readParquet", "hyparquet"));
  await expect(writeParquet("a.parquet", matrixFrom([[1]]))).rejects.toThrow(
    error("writeParquet", "hyparquet-writer"),
  );
  await expect(openParquet("a.parquet")).rejects.toMatchObject({
    code: "package-unavailable",
    packageName: "hyparquet",
  });
});
