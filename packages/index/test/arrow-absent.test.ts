// A process of its own (vitest.config.ts says why), as it mocks a module.
// @vitest-environment-options { "alone": "arrow-absent" }
import { openArrow, PackageUnavailableError, readArrow, writeArrow } from "@lmk/index/arrow";
import { expect, it, vi } from "vitest";
import { matrixFrom } from "./fixtures.ts";

const cause = new Error("Cannot find package 'apache-arrow'\n  imported from here");
vi.mock("../src/arrow/import-packages.ts", () => ({ importArrow: () => Promise.reject(cause) }));

it("says what to install where the package is absent", async () => {
  const error = (caller: string) =>
    new PackageUnavailableError(
      `${caller}: expected the optional package apache-arrow to load, got "Cannot find package 'apache-arrow'"; add it to the dependencies`,
      "apache-arrow",
      { cause },
    );
  await expect(openArrow("a.arrow")).rejects.toThrow(error("openArrow"));
  await expect(readArrow("a.arrow")).rejects.toThrow(error("readArrow"));
  await expect(writeArrow("a.arrow", matrixFrom([[1]]))).rejects.toThrow(error("writeArrow"));
});
