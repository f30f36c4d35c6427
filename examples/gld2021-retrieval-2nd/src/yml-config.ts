/** A training run by the keys of the original's yml files; `config-keys.ts` says what each is here. */
export interface YmlConfig {
  readonly BASE: string;
  readonly MODEL: ModelKeys;
  readonly INPUT: InputKeys;
  readonly DATASETS: DatasetsKeys;
  readonly DATALOADER: DataloaderKeys;
  readonly SOLVER: SolverKeys;
  readonly UDA: UdaKeys;
  readonly TEST: TestKeys;
  readonly OUTPUT_DIR: string;
}

export interface ModelKeys {
  readonly NUM_CLASSES: number;
  readonly DEVICE: string;
  readonly DEVICE_ID: string;
  readonly NAME: string;
  readonly LAST_STRIDE: number;
  readonly PRETRAIN_PATH: string;
  readonly PRETRAIN_CHOICE: string;
  readonly NECK: string;
  readonly IF_WITH_CENTER: string;
  readonly NECK_DIM: number;
  readonly NECK_BIAS: boolean;
  readonly ID_LOSS_TYPE: string;
  readonly ID_LOSS_WEIGHT: number;
  readonly TRIPLET_LOSS_WEIGHT: number;
  readonly VERIFICATION_LOSS_WEIGHT: number;
  readonly GEM: boolean;
  readonly CNN_DROPOUT: number;
  readonly METRIC_LOSS_TYPE: string;
  readonly DIST_TRAIN: boolean;
  readonly NO_MARGIN: boolean;
  readonly IF_LABELSMOOTH: string;
  readonly COS_LAYER: boolean;
  readonly FROZEN: number;
}

export interface InputKeys {
  readonly SIZE_TRAIN: readonly number[];
  readonly SIZE_TEST: readonly number[];
  readonly PROB: number;
  readonly RE_PROB: number;
  readonly PIXEL_MEAN: readonly number[];
  readonly PIXEL_STD: readonly number[];
  readonly PADDING: number;
  readonly COLOR_PROB: number;
  readonly AUGMIX_PROB: number;
  readonly RANDOM_PATCH_PROB: number;
  readonly RANDOM_AFFINE_PROB: number;
  readonly PERSPECTIVE_PROB: number;
  readonly DET_AUG_PROB: number;
}

export interface DatasetsKeys {
  readonly NAMES: string;
  readonly ROOT_DIR: string;
  readonly ROOT_TRAIN_DIR: string;
  readonly ROOT_VAL_DIR: string;
}

export interface DataloaderKeys {
  readonly CACHE_LIST: string;
  readonly NUM_WORKERS: number;
  readonly SAMPLER: string;
  readonly NUM_INSTANCE: number;
  readonly REMOVE_TAIL: number;
}

export interface SolverKeys {
  readonly OPTIMIZER_NAME: string;
  readonly MAX_EPOCHS: number;
  readonly BASE_LR: number;
  readonly LARGE_FC_LR: boolean;
  readonly BIAS_LR_FACTOR: number;
  readonly SEED: number;
  readonly MOMENTUM: number;
  readonly MARGIN: number;
  readonly CENTER_LR: number;
  readonly CENTER_LOSS_WEIGHT: number;
  readonly WEIGHT_DECAY: number;
  readonly WEIGHT_DECAY_BIAS: number;
  readonly GAMMA: number;
  readonly STEPS: readonly number[];
  readonly WARMUP_FACTOR: number;
  readonly WARMUP_EPOCHS: number;
  readonly WARMUP_METHOD: string;
  readonly COSINE_MARGIN: number;
  readonly COSINE_SCALE: number;
  readonly CHECKPOINT_PERIOD: number;
  readonly LOG_PERIOD: number;
  readonly EVAL_PERIOD: number;
  readonly IMS_PER_BATCH: number;
  readonly FP16_ENABLED: boolean;
}

export interface UdaKeys {
  readonly PSOLABEL_PERIOD: number;
  readonly CLUSTER_EPS: number;
  readonly CLUSTER_MIN_SAMPLES: number;
}

export interface TestKeys {
  readonly IMS_PER_BATCH: number;
  readonly RE_RANKING: boolean;
  readonly WEIGHT: string;
  readonly NECK_FEAT: string;
  readonly FEAT_NORM: string;
  readonly DIST_MAT: string;
  readonly EVAL: boolean;
  readonly INFERENCE_ONLY: boolean;
  readonly CBIR_METRIC: boolean;
}
