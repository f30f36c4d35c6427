/** Where the original's inference reads and writes. */
export interface PathSettings {
  readonly IMAGE_DIR: string;
  readonly RAW_IMAGE_DIR: string;
  readonly OUTPUT_TEMP_DIR: string;
  readonly OUTPUT_DIR: string;
  readonly MODEL_DIR: string;
  readonly META_DIR: string;
  readonly PROBE_DIR: string;
  readonly INDEX_DIR: string;
  readonly FEAT_DIR: string;
  readonly SIMS_DIR: string;
  readonly INITIAL_RANK_FILE: string;
  readonly NAME_LIST_FILE: string;
  readonly EUC_DIST_DIR: string;
  readonly GRAPH_DIST_DIR: string;
  readonly QE_DIST_DIR: string;
  readonly JACCARD_DIR: string;
  readonly REF_SET_META: string;
  readonly REF_SET_FEAT: string;
  readonly SPG_MODEL_DIR: string;
  readonly SPG_CACHE_DIR: string;
}

/** The file and the backbone of a network. */
export interface ModelParams {
  readonly MODEL_NAME: string;
  readonly BACKBONE: string;
}

/** What is embedded, and how. */
export interface FeatureSettings {
  readonly SAMPLE_TEST_NUM: number;
  readonly REID_EXTRACT_FLAG: boolean;
  readonly FP16: boolean;
  readonly DEBUG_FLAG: boolean;
  readonly MULTI_SCALE_FEAT: boolean;
  readonly MODEL_LIST: readonly string[];
  readonly MODEL_WEIGHT: readonly number[];
  readonly IMAGE_SIZE: number;
  readonly BATCH_SIZE: number;
  readonly MODEL_PARAMS: Readonly<Record<string, ModelParams>>;
}

/** How results are ranked again. */
export interface RerankSettings {
  readonly KR_FLAG: boolean;
  readonly K1: number;
  readonly K2: number;
  readonly LAMBDA: number;
  readonly CATEGORY_RERANK: "off" | "before_merge" | "after_merge";
  readonly VOTE_NUM: number;
  readonly REF_SET_EXTRACT: boolean;
  readonly REF_ALL_LIST: string;
  readonly REF_SET_LIST: string;
  readonly REF_LOC_MAP: string;
  readonly CATEGORY_THR: number;
  readonly alpha: number;
  readonly beta: number;
  readonly LOCAL_MATCHING: "off" | "spg";
  readonly SPG_RERANK_NUM: number;
  readonly LOCAL_WEIGHT: number;
  readonly MAX_INLIERS: number;
  readonly SPG_DO_CACHE: boolean;
}

/** The settings of the original's inference, by its keys. */
export interface InferenceSettings extends PathSettings, FeatureSettings, RerankSettings {}
