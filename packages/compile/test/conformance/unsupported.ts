/** Why the tfjs kernels that cannot be compiled cannot, or are not: reason, and kernels. */
const reasons: readonly (readonly [reason: string, kernels: readonly string[]])[] = [
  [
    "complex numbers, which ONNX has no arithmetic for",
    ["Complex", "ComplexAbs", "FFT", "IFFT", "Imag", "Real"],
  ],
  ["strings", ["StaticRegexReplace", "StringNGrams", "StringSplit", "StringToHashBucketFast"]],
  [
    "sparse or ragged tensors",
    [
      "RaggedGather",
      "RaggedRange",
      "RaggedTensorToTensor",
      "SparseFillEmptyRows",
      "SparseReshape",
      "SparseSegmentMean",
      "SparseSegmentSum",
    ],
  ],
  [
    "the result's shape depends on values",
    ["NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5", "Unique"],
  ],
  [
    "3-D convolution and pooling, which image models do not reach",
    [
      "AvgPool3D",
      "AvgPool3DGrad",
      "Conv3D",
      "Conv3DBackpropFilterV2",
      "Conv3DBackpropInputV2",
      "MaxPool3D",
      "MaxPool3DGrad",
    ],
  ],
  ["reads or draws a canvas or a video", ["Draw", "FromPixels"]],
  ["draws random numbers inside the kernel; pass them as inputs", ["Multinomial"]],
  [
    "no tfjs op reaches it",
    ["LowerBound", "MatrixBandPart", "Pool", "UpperBound", "BroadcastTo", "LogSoftmax", "LogicalXor"],
  ],
  ["projective warps of images, whose sampling points depend on values", ["Transform"]],
  ["grey-scale morphology", ["Dilation2D", "Dilation2DBackpropFilter", "Dilation2DBackpropInput"]],
];

/** The tfjs kernels that cannot be compiled, with the reason. */
export const unsupportedKernels: Readonly<Record<string, string>> = Object.fromEntries(
  reasons.flatMap(([reason, kernels]) => kernels.map((kernel) => [kernel, reason])),
);

/** Kernels that can be compiled but that no case proves, with the reason. */
export const unproven: Readonly<Record<string, string>> = {};

/** Kernels whose gradient tfjs knows but that no differentiable case proves, with the reason. */
export const withoutGradient: Readonly<Record<string, string>> = {
  IsFinite: "its result is bool",
  IsInf: "its result is bool",
  IsNan: "its result is bool",
};
