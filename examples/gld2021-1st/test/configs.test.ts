import { describe, expect, it } from "vitest";
import { keyMeaning, ownKeys, usedKeys } from "../src/config-keys.ts";
import { type ShippedConfigName, shippedConfigs } from "../src/configs.ts";
import { defaultConfig } from "../src/default-config.ts";
import type { NetworkConfig } from "../src/network-config.ts";
import { swinB6Stride1 } from "../src/swin-b6-stride-1.ts";
import { unusedKeys } from "../src/unused-keys.ts";

const dolg = "ch_mdl_dolg_efficientnet";
const hybrid = "ch_mdl_hybrid_transformer";
const swin224 = "swin_base_patch4_window7_224";
const swin384 = "swin_base_patch4_window12_384";

const b = (n: number) => `tf_efficientnet_b${n}_ns`;

/**
 * The authors' files, read one by one: name, network, backbone, embedder, stride, side, table, rate, decay, warm-up, epochs, stop,
 * batch, batches of an update.
 */
const published: Readonly<Record<ShippedConfigName, readonly unknown[]>> = {
  dolgB7Step1: [
    "cfg_ch_dolg_b7_step1",
    ...[dolg, b(7), null, null, 256, "train.csv", 1e-4, 1e-4, 1, 10, -1, 64, 1],
  ],
  dolgB7Step2: [
    "cfg_ch_dolg_b7_step2",
    ...[dolg, b(7), null, null, 448, "train_gldv2x.csv", 1e-4, 1e-4, 1, 40, 29, 20, 1],
  ],
  dolgB7Step3: [
    "cfg_ch_dolg_b7_step3",
    ...[dolg, b(7), null, [1, 1], 448, "train_gldv2x.csv", 5e-5, 1e-4, 1, 15, -1, 4, 4],
  ],
  dolgB5Step3: [
    "cfg_ch_dolg_b5_step3",
    ...[dolg, b(5), null, null, 768, "train_gldv2x.csv", 5e-5, 0, 1, 7, -1, 10, 1],
  ],
  dolgB6Step3: [
    "cfg_ch_dolg_b6_step3",
    ...[dolg, b(6), null, null, 768, "train_gldv2x.csv", 1e-4, 1e-4, 1, 7, -1, 10, 1],
  ],
  swinB3Step4: [
    "cfg_ch_hybrid_swin224_b3_3x_1",
    ...[`${hybrid}_3x`, swin224, b(3), null, 896, "train_gldv2x.csv", 1e-4, 0, 0, 40, 16, 12, 1],
  ],
  swinB5Step4: [
    "cfg_ch_hybrid_swin224_b5_s3x",
    ...[`${hybrid}_2x`, swin224, b(5), [1, 1], 448, "train_gldv2x.csv", 5e-5, 0, 1, 40, 16, 8, 1],
  ],
  swinB6Step3: [
    "cfg_ch_hybrid_swin384_b6_s1x_2",
    ...[hybrid, swin384, b(6), null, 384, "train_gldv2x.csv", 2.5e-4, 0, 1, 40, 29, 16, 1],
  ],
};

describe("the published configs", () => {
  it.each(Object.entries(published))("%s", (name, row) => {
    const c = shippedConfigs[name as ShippedConfigName];
    expect([
      ...[c.name, c.model, c.backbone, c.embedder, c.stride, c.img_size[0], c.train_df],
      ...[c.lr, c.weight_decay, c.warmup, c.epochs, c.stop_at, c.batch_size, c.grad_accumulation],
    ]).toEqual(row);
    expect(c.img_size[1]).toBe(c.img_size[0]);
  });

  it.each(Object.values(shippedConfigs))("$name has what all have", (c) => {
    expect(c).toMatchObject({
      n_classes: 81_313,
      embedding_size: 512,
      neck: "option-D",
      pool: "gem",
      gem_p_trainable: true,
      loss: "adaptive_arcface",
      arcface_s: 45,
      arcface_m: 0.3,
      arcface_m_x: 0.45,
      arcface_m_y: 0.05,
      syncbn: false,
      normalization: "imagenet",
      schedule: "cosine",
      optimizer: "Adam",
      freeze_backbone_head: false,
      tap: null,
    });
  });

  it("dilate as their files say", () => {
    const dilations = (name: ShippedConfigName) => shippedConfigs[name].dilations;
    expect(dilations("dolgB5Step3")).toEqual([6, 12, 18]);
    for (const name of ["dolgB7Step1", "dolgB7Step2", "dolgB7Step3", "dolgB6Step3"] as const) {
      expect(dilations(name)).toEqual([3, 6, 9]);
    }
  });

  it("begin with the checkpoints that their files name", () => {
    const starts = Object.values(shippedConfigs).map((c) => [
      c.pretrained,
      c.pretrained_weights,
      c.pretrained_weights_strict,
      c.pop_weights,
    ]);
    const pop = ["patch_embed.proj.weight"];
    expect(starts).toEqual([
      [true, null, true, null],
      [true, null, true, null],
      [true, null, true, null],
      [true, null, true, null],
      [false, "cfg_ch_dolg_5_s2x/fold0/checkpoint_last_seed826111_e25.pth", true, null],
      [true, "cfg_ch_hybrid_swin224_2x_b3_cutout_s2x/fold0/checkpoint_last_seed428213.pth", false, pop],
      [true, "cfg_ch_hybrid_swin224_2x_b5_cutout_s2x/fold0/checkpoint_last_seed248126.pth", false, pop],
      [true, "cfg_ch_hybrid_swin384_b6_s1x/fold0/checkpoint_last_seed304247_e5.pth", true, null],
    ]);
  });
});

it("B6-Swin-384 of the results has a first stride of 1 and the next map", () => {
  expect(swinB6Stride1).toMatchObject({ stride: [1, 1], tap: 2, img_size: [384, 384], backbone: swin384 });
  expect(shippedConfigs.swinB6Step3).toMatchObject({ stride: null, tap: null });
});

describe("the defaults", () => {
  const defaults: Partial<NetworkConfig> = {
    n_classes: 81_313,
    batch_size: 32,
    normalization: "none",
    backbone: "tf_efficientnet_b0_ns",
    stride: null,
    pretrained: true,
    pretrained_weights: null,
    pretrained_weights_strict: true,
    pop_weights: null,
    freeze_backbone_head: false,
    pool: "avg",
    gem_p_trainable: false,
    loss: "bce",
    arcface_m_x: 0.45,
    arcface_m_y: 0.05,
    dilations: [6, 12, 18],
    label_smoothing: 0,
    warmup: 0,
    lr: 1e-4,
    schedule: "cosine",
    weight_decay: 0,
    optimizer: "Adam",
    sgd_nesterov: true,
    sgd_momentum: 0.9,
    epochs: 10,
    stop_at: -1,
    clip_grad: 0,
    clip_mode: "norm",
    grad_accumulation: 1,
    syncbn: false,
    drop_last: true,
  };

  it("are those that default_config.py ends with", () => {
    const ours = { embedder: null, unfreeze_layers: [] };
    const own = { tap: null, fusion_norm: "l2", global_order: "project_bn_silu_then_gem" };
    const more = { local_branch: "3dilated", patch_norm: false };
    expect(defaultConfig).toEqual({ ...defaults, ...ours, ...own, ...more });
    expect(Object.keys({ ...own, ...more })).toEqual(Object.keys(ownKeys));
  });

  it("of keys without a meaning are kept beside the reason", () => {
    const values = Object.fromEntries(Object.entries(unusedKeys).map(([key, { value }]) => [key, value]));
    expect(values).toMatchObject({
      ...{ suffix: ".jpg", batch_size_val: null, resume_from: null, resume_training: false, in_channels: 3 },
      ...{ headless: false, drop_path_rate: 0, drop_rate: 0, dropout: 0, attn_drop_rate: 0, fold: 0 },
      ...{ val_fold: -1, sam_momentum: 0.9, seed: -1, eval_epochs: 1, eval_train_epochs: 5, eval_ddp: true },
      ...{ eval_retrieval: false, train: true, val: true, train_val: true, do_test: true },
      ...{ find_unused_parameters: false, mixed_precision: true, dp: false, num_workers: 4 },
      ...{ pin_memory: false, data_sample: -1, save_only_last_ckpt: true, save_headless: false },
      ...{ save_val_data: true, save_checkpoint: true, mixup: 0, cutmix: 0, mosaic: 0, boxmix: 0 },
      ...{ mixup_beta: 0.5, class_weights: null, tta: [], debug: false, gpu: 0 },
    });
  });
});

it("what the published configs set of keys without a meaning is kept too", () => {
  const values = Object.entries(unusedKeys).flatMap(([key, { inConfigs }]) =>
    inConfigs === undefined ? [] : [[key, inConfigs.value, inConfigs.of]],
  );
  const all = "all configs";
  expect(Object.fromEntries(values.map(([key, ...set]) => [key, set]))).toEqual({
    ...{ dataset: ["ch_ds_1", all], num_workers: [8, all], train_val: [false, all] },
    ...{ eval_retrieval: [true, all], save_only_last_ckpt: [false, all], tags: ["debug", all] },
    neptune_connection_mode: ["debug", "those of DOLG"],
    debug: [true, "those of hybrids and of DOLG-B5"],
    find_unused_parameters: [true, "those of hybrids"],
  });
});

describe("keys", () => {
  it("have a meaning or a reason, never both", () => {
    expect(Object.keys(usedKeys).filter((key) => key in unusedKeys)).toEqual([]);
    expect(Object.keys(ownKeys).filter((key) => key in unusedKeys || key in usedKeys)).toEqual([]);
    const config = Object.keys(shippedConfigs.swinB3Step4).filter((key) => !(key in ownKeys));
    expect(Object.keys(usedKeys).sort()).toEqual(config.sort());
  });

  it("hold all of default_config.py's", () => {
    const names =
      `dataset suffix n_classes batch_size val_df test test_df batch_size_val normalization train_aug val_aug
      test_augs img_aug scale backbone stride pretrained pretrained_weights pretrained_weights_strict pop_weights
      freeze_backbone_head resume_from pool train val in_channels epoch_weights calc_loss gem_p_trainable study_weight
      backbone_kwargs headless pretrained_convhead loss arcface_m_x arcface_m_y dilations alpha cls_loss_pos_weight train_val
      eval_epochs eval_train_epochs drop_path_rate drop_rate dropout attn_drop_rate warmup label_smoothing
      return_local_features fold val_fold lr schedule weight_decay optimizer sam_momentum epochs seed resume_training do_test
      stop_at clip_grad debug eval_ddp eval_retrieval query_data_folder index_data_folder pre_train_val reload_train_loader
      find_unused_parameters mixed_precision grad_accumulation syncbn gpu dp num_workers drop_last pin_memory
      neptune_project neptune_connection_mode tags calc_metric sgd_nesterov sgd_momentum clip_mode data_sample
      save_only_last_ckpt save_headless save_val_data save_first_batch save_first_batch_preds save_checkpoint mixup cutmix
      mosaic boxmix mixup_beta mixadd on_only class_weights tta`.split(/\s+/);
    expect(names.filter((name) => keyMeaning(name) === undefined)).toEqual([]);
  });

  it("are explained by name", () => {
    expect(keyMeaning("lr")).toEqual({ kind: "used", does: "learning rate after the warm-up" });
    expect(keyMeaning("mixup")).toMatchObject({ kind: "unused", original: "default 0" });
    expect(keyMeaning("num_workers")).toMatchObject({ original: "default 4, in all configs 8" });
    expect(keyMeaning("tap")).toMatchObject({ kind: "own" });
    expect(keyMeaning("learning_rate")).toBeUndefined();
    expect(keyMeaning("toString")).toBeUndefined();
  });
});
