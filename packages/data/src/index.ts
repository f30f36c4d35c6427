export type { AugmentPixelsOptions } from "./augmentation/augment-pixels.ts";
export { augmentNormalized, augmentPixels } from "./augmentation/augment-pixels.ts";
export type { Augmentation, AugmentationName } from "./augmentation/augmentations.ts";
export { augmentations, gld2021SecondAugmentation } from "./augmentation/augmentations.ts";
export type {
  BrightnessContrast,
  BrightnessContrastDraw,
  BrightnessContrastOptions,
} from "./augmentation/brightness-contrast.ts";
export { brightnessContrast } from "./augmentation/brightness-contrast.ts";
export type {
  ColorJitter,
  ColorJitterDraw,
  ColorJitterOperation,
  ColorJitterOptions,
  ColorJitterStep,
} from "./augmentation/color-jitter.ts";
export { colorJitter } from "./augmentation/color-jitter.ts";
export type { CropZoom, CropZoomDraw, CropZoomOptions } from "./augmentation/crop-zoom.ts";
export { cropZoom } from "./augmentation/crop-zoom.ts";
export type { Cutout, CutoutDraw, CutoutOptions } from "./augmentation/cutout.ts";
export { cutout } from "./augmentation/cutout.ts";
export type { AugmentationKey, DrawAugmentationOptions } from "./augmentation/draw-augmentation.ts";
export { drawAugmentation } from "./augmentation/draw-augmentation.ts";
export type { GaussianBlur, GaussianBlurDraw, GaussianBlurOptions } from "./augmentation/gaussian-blur.ts";
export { gaussianBlur } from "./augmentation/gaussian-blur.ts";
export type {
  HorizontalFlip,
  HorizontalFlipDraw,
  HorizontalFlipOptions,
} from "./augmentation/horizontal-flip.ts";
export { horizontalFlip } from "./augmentation/horizontal-flip.ts";
export type {
  JpegCompression,
  JpegCompressionDraw,
  JpegCompressionOptions,
} from "./augmentation/jpeg-compression.ts";
export { jpegCompression } from "./augmentation/jpeg-compression.ts";
export type { MotionBlur, MotionBlurDraw, MotionBlurOptions } from "./augmentation/motion-blur.ts";
export { motionBlur } from "./augmentation/motion-blur.ts";
export type {
  PadRandomCrop,
  PadRandomCropDraw,
  PadRandomCropOptions,
} from "./augmentation/pad-random-crop.ts";
export { padRandomCrop } from "./augmentation/pad-random-crop.ts";
export type { Pixels } from "./augmentation/pixels.ts";
export type { Interpolation } from "./augmentation/rand-augment/affine.ts";
export type { RandAugmentOperation } from "./augmentation/rand-augment/operations.ts";
export type {
  RandAugment,
  RandAugmentDraw,
  RandAugmentOptions,
  RandAugmentStep,
} from "./augmentation/rand-augment/rand-augment.ts";
export { randAugment } from "./augmentation/rand-augment/rand-augment.ts";
export type {
  RandomErasing,
  RandomErasingDraw,
  RandomErasingOptions,
} from "./augmentation/random-erasing.ts";
export { randomErasing } from "./augmentation/random-erasing.ts";
export type { Rectangle } from "./augmentation/rectangle.ts";
export type { Resize, ResizeDraw } from "./augmentation/resize.ts";
export { resize } from "./augmentation/resize.ts";
export type { Shear, ShearDraw, ShearOptions } from "./augmentation/shear.ts";
export { shear } from "./augmentation/shear.ts";
export type {
  ShiftScaleRotate,
  ShiftScaleRotateDraw,
  ShiftScaleRotateOptions,
} from "./augmentation/shift-scale-rotate.ts";
export { shiftScaleRotate } from "./augmentation/shift-scale-rotate.ts";
export type { ImageCodec } from "./augmentation/transform-rule.ts";
export type { ImageTransform, TransformDraw } from "./augmentation/transforms.ts";
export type { AssignClassIdsOptions, ClassIds } from "./class-ids.ts";
export { assignClassIds } from "./class-ids.ts";
export type { AffineInliers, AffineInliersOptions } from "./cleaning/affine-inliers.ts";
export { affineInliers } from "./cleaning/affine-inliers.ts";
export type { AffineVerifierOptions, LocalFeatures } from "./cleaning/affine-verifier.ts";
export { affineVerifier } from "./cleaning/affine-verifier.ts";
export type { CleanByVerificationOptions, CleanedRows } from "./cleaning/clean-by-verification.ts";
export { cleanByVerification } from "./cleaning/clean-by-verification.ts";
export type { CleaningGridCell, CleaningGridOptions } from "./cleaning/cleaning-grid.ts";
export { cleaningGrid } from "./cleaning/cleaning-grid.ts";
export type { MatchDescriptorsOptions, Matches } from "./cleaning/match-descriptors.ts";
export { matchDescriptors } from "./cleaning/match-descriptors.ts";
export type { Matrix, Neighbors } from "./cleaning/matrix.ts";
export type { SameLabelNeighbors, SameLabelNeighborsOptions } from "./cleaning/same-label-neighbors.ts";
export { sameLabelNeighbors } from "./cleaning/same-label-neighbors.ts";
export type {
  CleaningCounts,
  CleaningReport,
  VerificationThresholds,
  VerifiedSelection,
} from "./cleaning/select-verified.ts";
export { selectVerified } from "./cleaning/select-verified.ts";
export type { VerifiedPairs } from "./cleaning/verified-pairs.ts";
export { mergeVerifiedPairs } from "./cleaning/verified-pairs.ts";
export { readVerifiedPairsCsv, writeVerifiedPairsCsv } from "./cleaning/verified-pairs-csv.ts";
export type { NeighborSource, Verify, VerifyPairsOptions } from "./cleaning/verify-pairs.ts";
export { verifyPairs } from "./cleaning/verify-pairs.ts";
export type { DataFormatErrorCode } from "./data-format-error.ts";
export { DataFormatError } from "./data-format-error.ts";
export type { PickledArray, PickleValue } from "./pickle/pickle-values.ts";
export { readPickle } from "./pickle/read-pickle.ts";
export type { ImageBoxes } from "./readers/boxes.ts";
export { readBoxesCsv } from "./readers/boxes.ts";
export type {
  CategoryCountries,
  CountrySources,
  ReadCountryFolderOptions,
} from "./readers/countries.ts";
export { joinCountries, readContinentsCsv, readCountryFolder } from "./readers/countries.ts";
export type { Gldv1, OpenGldv1Options } from "./readers/gldv1.ts";
export { gldv1ImagePath, openGldv1 } from "./readers/gldv1.ts";
export type { Gldv2 } from "./readers/gldv2.ts";
export { gldv2ImagePath, openGldv2 } from "./readers/gldv2.ts";
export type { Gldv2Archive, Md5Line } from "./readers/gldv2-archives.ts";
export { gldv2Archives, parseMd5 } from "./readers/gldv2-archives.ts";
export { readGldv2Folder } from "./readers/gldv2-folder.ts";
export type { ImageLabels, ReadTrainCleanCsvOptions } from "./readers/gldv2-tables.ts";
export { readImageIdsCsv, readTrainCleanCsv, readTrainCsv } from "./readers/gldv2-tables.ts";
export type { ImageFolder } from "./readers/image-folder.ts";
export { readImageFolder } from "./readers/image-folder.ts";
export type { ImageIds, Names } from "./readers/image-ids.ts";
export { createImageIds, createNames } from "./readers/image-ids.ts";
export type { ImageList, ReadImageListPickleOptions } from "./readers/image-list.ts";
export { readImageListPickle } from "./readers/image-list.ts";
export type { ImageAttribution, ImageUrl } from "./readers/image-sources.ts";
export { streamAttributionsCsv, streamUrlsCsv } from "./readers/image-sources.ts";
export type { InternedStrings } from "./readers/interned-strings.ts";
export type { LabelledPaths, ReadLabelledPathsCsvOptions } from "./readers/labelled-paths.ts";
export { readLabelledPathsCsv } from "./readers/labelled-paths.ts";
export type {
  ImageTable,
  LabelledImageTable,
  LandmarkData,
  RecognitionSolution,
  RetrievalSolution,
  Split,
  Usage,
} from "./readers/landmark-data.ts";
export type { LandmarkCategories, LandmarkCountries, LandmarkHierarchy } from "./readers/landmark-tables.ts";
export {
  categoryTitle,
  readIndexLandmarksCsv,
  readLandmarkCategoriesCsv,
  readLandmarkCountriesCsv,
  readLandmarkHierarchyCsv,
} from "./readers/landmark-tables.ts";
export type {
  BoxedQueries,
  OxfordParis,
  OxfordParisName,
  ReadOxfordParisOptions,
  ReadRevisitedOptions,
  RelevantAndIgnored,
  Revisited,
  RevisitedName,
  RevisitedProtocol,
} from "./readers/revisited.ts";
export { readOxfordParis, readRevisited, revisitedProtocol } from "./readers/revisited.ts";
export type { SolutionImages } from "./readers/solutions.ts";
export { readRecognitionSolutionCsv, readRetrievalSolutionCsv } from "./readers/solutions.ts";
export type { SplitImageFolderOptions } from "./readers/split-image-folder.ts";
export { splitImageFolder } from "./readers/split-image-folder.ts";
export type { SearchGroundTruth } from "./readers/winners-pickles.ts";
export {
  readClassCountriesPickle,
  readClassLandmarksPickle,
  readSearchGroundTruthPickle,
  writeClassCountriesPickle,
  writeClassLandmarksPickle,
} from "./readers/winners-pickles.ts";
export type { FoldedLabels } from "./readers/winners-tables.ts";
export { readClassLandmarksCsv, readFoldsCsv, writeFoldsCsv } from "./readers/winners-tables.ts";
export { writeImageListPickle } from "./readers/write-image-list.ts";
export type { ClassBalancedBatchesOptions } from "./samplers/class-balanced-batches.ts";
export { classBalancedBatches } from "./samplers/class-balanced-batches.ts";
export type {
  ContinentBatchesOptions,
  ContinentColumns,
  ContinentQuota,
  ContinentShares,
} from "./samplers/continent-batches.ts";
export { continentBatches, continentQuotas, gld2021ContinentShares } from "./samplers/continent-batches.ts";
export type { EpochOptions, Shard } from "./samplers/epoch-options.ts";
export type { GroupedBatchesOptions } from "./samplers/grouped-batches.ts";
export { groupedBatches } from "./samplers/grouped-batches.ts";
export type { IdentityBatchesOptions } from "./samplers/identity-batches.ts";
export { identityBatches } from "./samplers/identity-batches.ts";
export type { ImageBatch } from "./samplers/image-batch.ts";
export type { RepeatedBatchesOptions } from "./samplers/repeated-batches.ts";
export { repeatedBatches } from "./samplers/repeated-batches.ts";
export type { ShuffledBatchesOptions } from "./samplers/shuffled-batches.ts";
export { shuffledBatches } from "./samplers/shuffled-batches.ts";
export type { ScaleSizeOptions, Size, SizeTemplate, SizeTemplateName } from "./samplers/size-templates.ts";
export { createSizeTemplate, groupOfSize, scaleSize, sizeTemplates } from "./samplers/size-templates.ts";
export type { ExpandedIndex } from "./sets/expand-index.ts";
export { expandIndex } from "./sets/expand-index.ts";
export type { IndexLabels, TestLabels } from "./sets/extended-sets.ts";
export { addIndexImages, addTestImages } from "./sets/extended-sets.ts";
export type { FoldSources } from "./sets/gldv2x.ts";
export { chooseGldv2x, foldsOfRows } from "./sets/gldv2x.ts";
export type {
  HoldOutAtRandomOptions,
  HoldOutFoldOptions,
  Holdout,
  LabelledTestImages,
} from "./sets/holdouts.ts";
export { holdOutAtRandom, holdOutFold, labelTestImages, matchedIndexRows } from "./sets/holdouts.ts";
export type { ListTrainingSetOptions, TrainingSetImages } from "./sets/list-training-set.ts";
export { listTrainingSet } from "./sets/list-training-set.ts";
export type { StratifiedFoldsOptions } from "./sets/stratified-folds.ts";
export { stratifiedFolds } from "./sets/stratified-folds.ts";
export type { LandmarkTags } from "./sets/tag-classes.ts";
export { tagClasses } from "./sets/tag-classes.ts";
export type { TrainingSet, TrainingSetName, TrainingSetSources } from "./sets/training-set.ts";
export { createTrainingSet, trainingSetTables } from "./sets/training-set.ts";
export type { RecognitionSubmissionRow, RetrievalSubmissionRow } from "./submissions.ts";
export { writeRecognitionSubmission, writeRetrievalSubmission } from "./submissions.ts";
