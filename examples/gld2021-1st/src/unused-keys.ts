/** A key without a meaning here. */
export interface UnusedKeyMeaning {
  /** The value in `default_config.py`; `undefined` where it has none. */
  readonly value: unknown;
  /** What published configs set it to; paths and what the authors' machines are called are left out. */
  readonly inConfigs?: { readonly value: unknown; readonly of: string };
  readonly reason: string;
}

const [all, hybrids] = ["all configs", "those of hybrids"];

/** Values that published configs set, none of which is the default. */
const set: Readonly<Record<string, UnusedKeyMeaning["inConfigs"]>> = {
  dataset: { value: "ch_ds_1", of: all },
  num_workers: { value: 8, of: all },
  train_val: { value: false, of: all },
  eval_retrieval: { value: true, of: all },
  save_only_last_ckpt: { value: false, of: all },
  tags: { value: "debug", of: all },
  neptune_connection_mode: { value: "debug", of: "those of DOLG" },
  debug: { value: true, of: "those of hybrids and of DOLG-B5" },
  find_unused_parameters: { value: true, of: hybrids },
};

const because = (reason: string, values: Readonly<Record<string, unknown>>) =>
  Object.entries(values).map(([key, value]): [string, UnusedKeyMeaning] => [
    key,
    { value, reason, ...(set[key] === undefined ? {} : { inConfigs: set[key] }) },
  ]);

const none = undefined;

const entries = [
  ...because("files and tables are found in the folder that is given to the command", {
    suffix: ".jpg",
    data_dir: none,
    data_folder: none,
    output_dir: none,
    val_df: null,
    val_data_folder: none,
    test_df: null,
    test_data_folder: none,
    query_df: none,
    index_df: none,
    query_data_folder: null,
    index_data_folder: null,
    landmark_id2class_id: none,
  }),
  ...because("there is one data set, one augmentation, and images have three channels", {
    dataset: "base_ds",
    in_channels: 3,
    train_aug: false,
    val_aug: false,
    test_augs: false,
    img_aug: false,
  }),
  ...because("nothing that was published reads it", {
    drop_path_rate: 0,
    drop_rate: 0,
    dropout: 0,
    attn_drop_rate: 0,
    scale: 1,
    alpha: 1,
    study_weight: 1,
    epoch_weights: null,
    backbone_kwargs: {},
    pretrained_convhead: false,
    cls_loss_pos_weight: null,
    class_weights: null,
    return_local_features: false,
    on_only: false,
  }),
  ...because("the training loop that reads it was not published, and all configs leave it as it is", {
    fold: 0,
    val_fold: -1,
    sam_momentum: 0.9,
    resume_training: false,
    resume_from: null,
    data_sample: -1,
    mixup: 0,
    cutmix: 0,
    mosaic: 0,
    boxmix: 0,
    mixup_beta: 0.5,
    mixadd: false,
    tta: [],
    pre_train_val: "tr_val",
    reload_train_loader: false,
  }),
  ...because("embeddings and scores are stages of their own, which always run", {
    headless: false,
    train: true,
    val: true,
    test: false,
    do_test: true,
    train_val: true,
    batch_size_val: null,
    calc_loss: true,
    calc_metric: true,
    eval_ddp: true,
    eval_retrieval: false,
    eval_epochs: 1,
    eval_train_epochs: 5,
  }),
  ...because("how a machine is used does not belong to the recipe", {
    find_unused_parameters: false,
    mixed_precision: true,
    gpu: 0,
    dp: false,
    num_workers: 4,
    pin_memory: false,
    debug: false,
  }),
  ...because("a run keeps its log and its weights, and has a seed of its own so that it can be repeated", {
    seed: -1,
    neptune_project: null,
    neptune_connection_mode: "async",
    tags: null,
    save_only_last_ckpt: true,
    save_headless: false,
    save_val_data: true,
    save_first_batch: false,
    save_first_batch_preds: false,
    save_checkpoint: true,
  }),
];

/** Keys of the original's configs that have no meaning here, and why. */
export const unusedKeys: Readonly<Record<string, UnusedKeyMeaning>> = Object.fromEntries(entries);
