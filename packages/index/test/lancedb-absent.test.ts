import { createLanceTable, openLanceTable, PackageUnavailableError } from "@lmk/index/lancedb";
import { expect, it, vi } from "vitest";
import { matrixFrom } from "./fixtures.ts";

const cause = new Error("Cannot find package '@lancedb/lancedb'\n  imported from here");
vi.mock("../src/lancedb/import-packages.ts", () => ({ importLance: () => Promise.reject(cause) }));

it("says what to install where the package is absent", async () => {
  const error = (caller: string) =>
    new PackageUnavailableError(
      `${caller}: expected the optional package @lancedb/lancedb to load, got "Cannot find package '@lancedb/lancedb'"; add it to the dependencies`,
      "@lancedb/lancedb",
      { cause },
    );
  await expect(openLanceTable("nowhere", "t")).rejects.toThrow(error("openLanceTable"));
  await expect(createLanceTable("nowhere", "t", matrixFrom([[1]]))).rejects.toThrow(
    error("createLanceTable"),
  );
});
