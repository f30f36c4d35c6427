export { augmentPixels } from "./augmentation/augment-pixels.ts";
export type { Augmentation, AugmentationName } from "./augmentation/augmentations.ts";
export { augmentations } from "./augmentation/augmentations.ts";
export type { AugmentationDraw, AugmentationKey } from "./augmentation/draw-augmentation.ts";
export { drawAugmentation } from "./augmentation/draw-augmentation.ts";
export type { AssignClassIdsOptions, ClassIds } from "./class-ids.ts";
export { assignClassIds } from "./class-ids.ts";
export type { DataFormatErrorCode } from "./data-format-error.ts";
export { DataFormatError } from "./data-format-error.ts";
export { gldv2ImagePath, openGldv2 } from "./readers/gldv2.ts";
export type { ImageLabels, ReadTrainCleanCsvOptions } from "./readers/gldv2-tables.ts";
export { readImageIdsCsv, readTrainCleanCsv, readTrainCsv } from "./readers/gldv2-tables.ts";
export type { ImageFolder } from "./readers/image-folder.ts";
export { readImageFolder } from "./readers/image-folder.ts";
export type { ImageIds, Names } from "./readers/image-ids.ts";
export { createImageIds, createNames } from "./readers/image-ids.ts";
export type {
  ImageTable,
  LabelledImageTable,
  LandmarkData,
  RecognitionSolution,
  RetrievalSolution,
  Split,
  Usage,
} from "./readers/landmark-data.ts";
export type { SolutionImages } from "./readers/solutions.ts";
export { readRecognitionSolutionCsv, readRetrievalSolutionCsv } from "./readers/solutions.ts";
export type { SplitImageFolderOptions } from "./readers/split-image-folder.ts";
export { splitImageFolder } from "./readers/split-image-folder.ts";
export type { GroupedBatchesOptions, ImageBatch } from "./samplers/grouped-batches.ts";
export { groupedBatches } from "./samplers/grouped-batches.ts";
export type { ScaleSizeOptions, Size, SizeTemplate, SizeTemplateName } from "./samplers/size-templates.ts";
export { createSizeTemplate, groupOfSize, scaleSize, sizeTemplates } from "./samplers/size-templates.ts";
export type { RecognitionSubmissionRow, RetrievalSubmissionRow } from "./submissions.ts";
export { writeRecognitionSubmission, writeRetrievalSubmission } from "./submissions.ts";
