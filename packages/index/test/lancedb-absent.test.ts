// A process of its own (vitest.config.ts says why), as it mocks a module.
// @vitest-environment-options { "alone": "lancedb-absent" }
import { createLanceTable, openLanceTable, PackageUnavailableError } from "@lmk/index/lancedb";
import { expect, it, vi } from "vitest";
import { matrixFrom } from "./fixtures.ts";

const absent = vi.hoisted(() => ({ cause: new Error() }));
vi.mock("../src/lancedb/import-packages.ts", () => ({ importLance: () => Promise.reject(absent.cause) }));

it.each([
  ["@lancedb/lancedb", "Cannot find package '@lancedb/lancedb' imported from here"],
  ["apache-arrow", "Cannot find module 'apache-arrow'"],
])("says what to install where %s is absent", async (name, reason) => {
  absent.cause = new Error(`${reason}\nRequire stack: …`);
  const error = (caller: string) =>
    new PackageUnavailableError(
      `${caller}: expected the optional package ${name} to load, got "${reason}"; add it to the dependencies`,
      name,
      { cause: absent.cause },
    );
  await expect(openLanceTable("nowhere", "t")).rejects.toThrow(error("openLanceTable"));
  await expect(createLanceTable("nowhere", "t", matrixFrom([[1]]))).rejects.toThrow(
    error("createLanceTable"),
  );
  await expect(openLanceTable("nowhere", "t")).rejects.toMatchObject({ packageName: name });
});
