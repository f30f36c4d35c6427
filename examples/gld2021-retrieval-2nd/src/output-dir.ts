import type { YmlConfig } from "./yml-config.ts";

/**
 * The folder of a run as the original names it: `OUTPUT_DIR` and behind it the settings, so that two runs of the same
 * `OUTPUT_DIR` do not meet.
 */
export function outputDir({ OUTPUT_DIR, MODEL, INPUT, DATALOADER, SOLVER }: YmlConfig): string {
  const loss =
    MODEL.ID_LOSS_TYPE === "arcface"
      ? `arcfacescale${SOLVER.COSINE_SCALE}margin${pythonFloat(SOLVER.COSINE_MARGIN)}`
      : MODEL.ID_LOSS_TYPE;
  const parts = [
    `input${INPUT.SIZE_TRAIN[0]}`,
    `bs${SOLVER.IMS_PER_BATCH}`,
    `loss${loss}`,
    `opt${SOLVER.OPTIMIZER_NAME}`,
    `lr${pythonFloat(SOLVER.BASE_LR)}`,
    `wd${pythonFloat(SOLVER.WEIGHT_DECAY)}`,
    `warm${pythonFloat(SOLVER.WARMUP_EPOCHS)}`,
    `ep${SOLVER.MAX_EPOCHS}`,
    `sche${SOLVER.WARMUP_METHOD}`,
    `drop${pythonFloat(MODEL.CNN_DROPOUT)}`,
    `re${pythonFloat(INPUT.RE_PROB)}`,
    `smooth${MODEL.IF_LABELSMOOTH}`,
    `sampler${DATALOADER.SAMPLER}`,
    `pad${INPUT.PADDING}`,
    MODEL.NECK_BIAS ? "neckbias" : "necknobias",
    DATALOADER.CACHE_LIST === "" ? "nocache" : DATALOADER.CACHE_LIST.split(".pkl")[0],
    `color${pythonFloat(INPUT.COLOR_PROB)}`,
    `affine${pythonFloat(INPUT.RANDOM_AFFINE_PROB)}`,
  ];
  return `${OUTPUT_DIR}_${parts.join("_")}`;
}

/** The name of the weights after an epoch, from 1, without an ending, such as `resnet50_10`. */
export function checkpointName({ MODEL }: YmlConfig, epoch: number): string {
  return `${MODEL.NAME}_${epoch}`;
}

/** A number with a fraction as Python writes it: `1.0`, `0.0008`, `1e-05`. */
function pythonFloat(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(value) ? `${value}.0` : `${value}`;
}
