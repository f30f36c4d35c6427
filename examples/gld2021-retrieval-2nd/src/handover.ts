import type { NamedArrays } from "@lmk/models";
import { type InitFromResult, initFrom } from "@lmk/train";
import { UserError } from "@lmk-example/kit";
import { headName } from "./network.ts";
import type { YmlConfig } from "./yml-config.ts";

/** Options of {@link imagenetWeights}. */
export interface ImagenetWeightsOptions {
  /**
   * Whether the linear layers of squeeze and excitation are taken, whose names have `fc` in them.
   *
   * @defaultValue false, as the original, whose SE-ResNet so begins with random gates
   */
  readonly loadSeFc?: boolean;
}

/**
 * Weights of a backbone as its authors publish them, by the names of the network here, without what the original leaves
 * out: all arrays with `fc` in their names, but those within the blocks of a ResNeSt.
 *
 * @param checkpoint - The file's arrays. A ResNet-50 has the shortcuts of torchvision, which the network's have a layer
 *   before.
 */
export function imagenetWeights(
  { MODEL }: Pick<YmlConfig, "MODEL">,
  checkpoint: NamedArrays,
  { loadSeFc = false }: ImagenetWeightsOptions = {},
): NamedArrays {
  const resnest = MODEL.NAME.startsWith("resnest");
  const taken = Object.entries(checkpoint).flatMap(([name, array]) => {
    const short = name.replace("module.", "");
    const kept = resnest
      ? !short.startsWith("fc.")
      : !short.includes("fc") || (loadSeFc && short.includes(".se.fc."));
    return kept ? [[MODEL.NAME === "resnet50" ? shortcutName(short) : short, array] as const] : [];
  });
  return Object.fromEntries(taken);
}

/** The means of pixels come before the convolution of the shortcuts that stride, so that it and its norm are one later. */
function shortcutName(name: string): string {
  return name.replace(
    /^(layer[23]\.0\.downsample)\.([01])\./,
    (_, before: string, place: string) => `${before}.${Number(place) + 1}.`,
  );
}

/**
 * The weights that a run begins with, by the original's rules: arrays of the same name and shape are taken, others keep
 * their initial values, and the head's classes become the first ones of a head with more classes, which is right as long
 * as classes are in the same order.
 *
 * @param initial - Fresh weights of the run's network and its head.
 * @param checkpoint - Those of a backbone or of a run before, whose names may begin with `module.` and, as the original's
 *   do, with `base.` in the backbone.
 * @throws UserError if the checkpoint's head has more classes or other columns, or nothing of it fits.
 */
export function handOver(initial: NamedArrays, checkpoint: NamedArrays): InitFromResult {
  const given = Object.fromEntries(
    Object.entries(checkpoint).map(([name, array]) => [
      name.replace("module.", "").replace(/^base\./, ""),
      array,
    ]),
  );
  const [head, before] = [initial[headName], given[headName]];
  if (head !== undefined && before !== undefined) {
    const fits = before.shape[1] === head.shape[1] && before.shape[0]! <= head.shape[0]!;
    if (!fits) {
      throw new UserError(
        `MODEL.PRETRAIN_PATH: expected a head of at most ${head.shape[0]} classes and ${head.shape[1]} columns, got ${before.shape.join(" × ")}; begin with a run of the same classes or fewer`,
      );
    }
  }
  const fitting = Object.entries(given).filter(([name, { shape }]) => {
    return name === headName || initial[name]?.shape.join() === shape.join();
  });
  const result = initFrom(initial, Object.fromEntries(fitting), {
    strict: false,
    ...(before !== undefined && head !== undefined ? { copyRows: [headName] } : {}),
  });
  if (result.report.loaded.length > 0) return result;
  throw new UserError(
    "MODEL.PRETRAIN_PATH: expected weights of this network, got none with its names and shapes; take those of MODEL.NAME",
  );
}
