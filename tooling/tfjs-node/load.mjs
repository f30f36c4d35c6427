// Loads @tensorflow/tfjs-node from a folder that build.mjs made, on the tfjs-core of the caller.
import { existsSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { join, resolve, sep } from "node:path";

/** The packages that keep global registries or classes: two copies of one would be two engines to a reader. */
const shared = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-layers", "@tensorflow/tfjs-backend-cpu"];

/**
 * Loads tfjs-node with the caller's copies of tfjs-core, tfjs-layers and the CPU backend, so that one engine and
 * one set of classes serve both. The backend "tensorflow" is registered and becomes the active one.
 *
 * npm gives a project one copy by itself when it installs tfjs-node beside tfjs-core. A folder built elsewhere has
 * copies of its own, which this redirects while tfjs-node loads: only for modules inside that folder, and not
 * after it.
 *
 * @param {string} folder - What build.mjs was given.
 * @param {string | URL} from - The module whose copies are to be used: a path or a file URL.
 * @returns {object} The exports of tfjs-node.
 * @throws {Error} if the folder has no built addon, the versions differ, or the engine is not one.
 */
export function loadTfjsNode(folder, from) {
  const home = resolve(folder);
  const addon = join(home, "node_modules", "@tensorflow", "tfjs-node", "lib");
  if (!existsSync(addon))
    throw new Error(
      `loadTfjsNode: expected \`folder\` to be made by build.mjs, got ${JSON.stringify(folder)}`,
    );
  const requireHere = createRequire(from);
  const requireThere = createRequire(join(home, "package.json"));

  const original = Module._resolveFilename;
  Module._resolveFilename = function resolveShared(request, parent, ...rest) {
    const inside = parent?.filename?.startsWith(home + sep);
    const name = inside && shared.find((prefix) => request === prefix || request.startsWith(`${prefix}/`));
    if (name) {
      try {
        return requireHere.resolve(request);
      } catch (error) {
        // The caller need not have tfjs-layers or the CPU backend; tfjs-core it must have.
        if (name === shared[0] || error.code !== "MODULE_NOT_FOUND") throw error;
      }
    }
    return original.call(this, request, parent, ...rest);
  };
  let tfjsNode;
  try {
    tfjsNode = requireThere("@tensorflow/tfjs-node");
  } finally {
    Module._resolveFilename = original;
  }

  const core = requireHere("@tensorflow/tfjs-core");
  if (tfjsNode.Tensor !== core.Tensor || tfjsNode.engine() !== core.engine())
    throw new Error("loadTfjsNode: expected one tfjs-core, got two");
  if (core.version_core !== tfjsNode.version["tfjs-node"])
    throw new Error(
      `loadTfjsNode: expected tfjs-core ${tfjsNode.version["tfjs-node"]}, got ${core.version_core}`,
    );
  return tfjsNode;
}
