import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configs } from "../src/configs.ts";
import { readPythonLiteral } from "../src/python-literal.ts";
import { readYml } from "../src/read-yml.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "yml-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const base = `
MODEL:
  METRIC_LOSS_TYPE: 'softmax'
  IF_LABELSMOOTH: 'off'
  DEVICE_ID: ('0,1,2,3,4,5,6,7')
  CNN_DROPOUT: 0.0
  GEM: True
  DIST_TRAIN: True
  TRIPLET_LOSS_WEIGHT: 0.0
  ID_LOSS_TYPE: arcface
  COS_LAYER: True
INPUT: {RE_PROB: 1.0}
DATASETS:
  NAMES: ('ourapi')
  ROOT_TRAIN_DIR: ('datasets/instance_search/GLDv2/reid_images')
  ROOT_VAL_DIR: ('datasets/instance_search/Oxford5k/reid_images')
DATALOADER: {SAMPLER: 'softmax', NUM_INSTANCE: 1, NUM_WORKERS: 32}
SOLVER: {WARMUP_METHOD: 'cosine', BIAS_LR_FACTOR: 2, FP16_ENABLED: True}
TEST: {EVAL: True, CBIR_METRIC: True}
`;

const child = `
BASE: 'configs/GLDv2/base.yml'
MODEL:
  PRETRAIN_CHOICE: 'self'
  PRETRAIN_PATH: 'ILR2021/logs/GLDv2clean/IBN-Net/SER101ibn_512_finetune/se_resnet101_ibn_a_2.pth'
  NAME: 'se_resnet101_ibn_a'
INPUT:
  SIZE_TRAIN: [512, 512]
  SIZE_TEST: [512, 512]
  PADDING: 20
DATALOADER:
  CACHE_LIST: 'cache_all_list.pkl'
  SAMPLER: 'gld'
SOLVER:
  OPTIMIZER_NAME: 'SGD'
  MAX_EPOCHS: 4
  BASE_LR: 0.0008
  IMS_PER_BATCH: 18    # 16G: 20, 32G: 48
  CHECKPOINT_PERIOD: 2
  EVAL_PERIOD: 20
  WEIGHT_DECAY:  1e-5
  WEIGHT_DECAY_BIAS: 1e-5
  WARMUP_EPOCHS: 0.0
  COSINE_MARGIN: 0.3
  COSINE_SCALE: 30
TEST:
  IMS_PER_BATCH: 18
OUTPUT_DIR: 'logs/GLDv2clean/SER101ibn_512_all'
`;

describe("readYml", () => {
  it("reads a file of the original over the file of its BASE", async () => {
    write("configs/GLDv2/base.yml", base);
    const file = write("configs/GLDv2/child.yml", child);
    const { SER101ibn_512_all: published } = configs;
    expect(await readYml(file)).toEqual({ ...published, BASE: "configs/GLDv2/base.yml" });
  });

  it("takes the file's own keys before those of BASE, and options before both", async () => {
    write("parent.yml", "SOLVER: {BASE_LR: 0.5, MAX_EPOCHS: 7}\nOUTPUT_DIR: 'base'\n");
    const file = write("own.yml", "BASE: parent.yml\nSOLVER: {BASE_LR: 0.25}\n");
    const options = ["SOLVER.MOMENTUM", "1e-1", "INPUT.SIZE_TRAIN", "(64, 32)", "OUTPUT_DIR", "there"];
    const { SOLVER, INPUT, OUTPUT_DIR } = await readYml(file, { options });
    expect([SOLVER.BASE_LR, SOLVER.MAX_EPOCHS, SOLVER.MOMENTUM]).toEqual([0.25, 7, 0.1]);
    expect([INPUT.SIZE_TRAIN, OUTPUT_DIR]).toEqual([[64, 32], "there"]);
  });

  it("takes on and off in quotes, and refuses them without", async () => {
    const quoted = write("quoted.yml", "MODEL: {IF_LABELSMOOTH: 'off'}\n");
    expect((await readYml(quoted)).MODEL.IF_LABELSMOOTH).toBe("off");
    const bare = write("bare.yml", "MODEL: {IF_LABELSMOOTH: off}\n");
    await expect(readYml(bare)).rejects.toThrow(
      `${bare}: expected the value of MODEL.IF_LABELSMOOTH to be like "on", got false; put it in quotes`,
    );
  });

  it("refuses unknown keys, values of another kind, and options without a value", async () => {
    const unknown = write("unknown.yml", "SOLVER: {BASE_RATE: 1}\n");
    await expect(readYml(unknown)).rejects.toThrow(
      `${unknown}: expected keys of the original, got SOLVER.BASE_RATE; correct its name or leave it out`,
    );
    const file = write("empty.yml", "");
    await expect(readYml(file, { options: ["SOLVER.BASE_LR", "fast"] })).rejects.toThrow(
      'options: expected the value of SOLVER.BASE_LR to be like 0.0003, got "fast"; correct it',
    );
    await expect(readYml(file, { options: ["SOLVER.BASE_LR"] })).rejects.toThrow(
      "options: expected pairs of a key and a value, got 1 words, the last of which is SOLVER.BASE_LR; give each key a value",
    );
    await expect(readYml(write("list.yml", "MODEL: [1]\n"))).rejects.toThrow(
      "expected keys with values, got [1]",
    );
  });

  it("refuses a file that is not there, is no YAML, or has no BASE", async () => {
    await expect(readYml("nowhere.yml")).rejects.toThrow(
      "config: expected a yml file, got no nowhere.yml; correct the path",
    );
    await expect(readYml(write("broken.yml", "MODEL: {\n"))).rejects.toThrow(
      "broken.yml: expected YAML, got",
    );
    const file = write("orphan.yml", "BASE: no-such-parent.yml\n");
    await expect(readYml(file)).rejects.toThrow(
      "expected the file of BASE, no-such-parent.yml, in the folder",
    );
  });
});

it.each([
  ["1e-5", 1e-5],
  ["-.5", -0.5],
  ["True", true],
  ["None", null],
  ["('ourapi')", "ourapi"],
  ["('0,1')", "0,1"],
  ["(40, 70)", [40, 70]],
  ["(40,)", [40]],
  ["[256, 256]", [256, 256]],
  ["[[1], ()]", [[1], []]],
  ["arcface", "arcface"],
  ["cache_all_list.pkl", "cache_all_list.pkl"],
  ["(1, 2", "(1, 2"],
  ["1, 2", "1, 2"],
  ["[,]", "[,]"],
  ["", ""],
])("reads %j as Python does: %j", (text, value) => {
  expect(readPythonLiteral(text)).toEqual(value);
});
