import { expect, it } from "vitest";
import { baseConfig } from "../src/base-config.ts";
import { configs } from "../src/configs.ts";
import { checkpointName, outputDir } from "../src/output-dir.ts";

it("puts the settings of a run behind its folder", () => {
  expect(outputDir(configs.R50_256)).toBe(
    "logs/GLDv2clean/R50_256_input256_bs128_lossarcfacescale30margin0.3_optSGD_lr0.08_wd0.0005_warm1.0_ep10_schecosine_drop0.0_re1.0_smoothoff_samplersoftmax_pad10_necknobias_cache_clean_list_color0.0_affine0.0",
  );
  expect(outputDir(configs.SER101ibn_512_all)).toBe(
    "logs/GLDv2clean/SER101ibn_512_all_input512_bs18_lossarcfacescale30margin0.3_optSGD_lr0.0008_wd1e-05_warm0.0_ep4_schecosine_drop0.0_re1.0_smoothoff_samplergld_pad20_necknobias_cache_all_list_color0.0_affine0.0",
  );
});

it("tells apart the eighteen runs, though four have the folder of another", () => {
  expect(new Set(Object.values(configs).map(outputDir)).size).toBe(18);
});

it("says what has no margin, no list, or a bias", () => {
  const other = {
    ...baseConfig,
    MODEL: { ...baseConfig.MODEL, ID_LOSS_TYPE: "circle", NECK_BIAS: true },
    SOLVER: { ...baseConfig.SOLVER, BASE_LR: 1.25e-5 },
  };
  expect(outputDir(other)).toContain("_losscircle_optAdam_lr1.25e-05_");
  expect(outputDir(other)).toContain("_neckbias_nocache_color0.0");
});

it("names weights by network and epoch", () => {
  expect(checkpointName(configs.RXt101ibn_384, 10)).toBe("resnext101_ibn_a_10");
});
