"""Writes the ONNX files beside it: networks whose local features are easy to find by hand.

    python make-files.py

Points are the pixels with the most red; a descriptor is the color of its pixel.
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

here = pathlib.Path(__file__).parent
F, I = TensorProto.FLOAT, TensorProto.INT64
node = helper.make_node


def save(name, nodes, inputs, outputs, **constants):
    values = {key: numpy_helper.from_array(np.array(value), key) for key, value in constants.items()}
    graph = helper.make_graph(
        nodes,
        "features",
        [helper.make_tensor_value_info(*value) for value in inputs],
        [helper.make_tensor_value_info(*value) for value in outputs],
        list(values.values()),
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="")
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, here / name)


def reddest(image, count, channels=3):
    """`best` [1, n], `place` [n], `xy` [n, 2] and `colors` [channels, n] of the pixels with the most red."""
    return [
        node("Shape", [image], ["shape"]),
        node("Gather", ["shape", "three"], ["width"]),
        node("Reshape", [image, "flat"], ["pixels"]),
        node("Gather", ["pixels", "first"], ["red"]),
        node("TopK", ["red", count], ["best", "places"], axis=1),
        node("Reshape", ["places", "all"], ["place"]),
        node("Mod", ["place", "width"], ["x"]),
        node("Div", ["place", "width"], ["y"]),
        node("Unsqueeze", ["x", "last"], ["xs"]),
        node("Unsqueeze", ["y", "last"], ["ys"]),
        node("Concat", ["xs", "ys"], ["xy"], axis=1),
        node("Gather", ["pixels", "place"], ["colors"], axis=1),
    ], {"three": [3], "flat": [channels, -1], "first": [0], "all": [-1], "last": [1]}


# As LightGlue-ONNX exports SuperPoint and DISK, with descriptors as in SuperGlue's.
nodes, constants = reddest("image", "four")
save(
    "whole-points.onnx",
    nodes
    + [
        node("Unsqueeze", ["xy", "zero"], ["keypoints"]),
        node("Identity", ["best"], ["scores"]),
        node("Unsqueeze", ["colors", "zero"], ["descriptors"]),
    ],
    [("image", F, [1, 3, "height", "width"])],
    [("keypoints", I, [1, "n", 2]), ("scores", F, [1, "n"]), ("descriptors", F, [1, 3, "n"])],
    four=[4],
    zero=[0],
    **constants,
)

# As XFeat's exports, which ask for the count, and with the coordinates of ALIKED's.
nodes, constants = reddest("images", "top_k")
save(
    "normalized-points.onnx",
    nodes
    + [
        node("Slice", ["shape", "two", "four"], ["yx"]),
        node("Gather", ["yx", "swapped"], ["sides"]),
        node("Sub", ["sides", "one"], ["spans"]),
        node("Cast", ["xy"], ["xy_float"], to=F),
        node("Cast", ["spans"], ["spans_float"], to=F),
        node("Div", ["xy_float", "spans_float"], ["shares"]),
        node("Mul", ["shares", "doubled"], ["wide"]),
        node("Sub", ["wide", "unit"], ["keypoints"]),
        node("Reshape", ["best", "all"], ["scores"]),
        node("Transpose", ["colors"], ["descriptors"], perm=[1, 0]),
    ],
    [("images", F, ["N", 3, "height", "width"]), ("top_k", I, [1])],
    [("keypoints", F, ["n", 2]), ("descriptors", F, ["n", 3]), ("scores", F, ["n"])],
    two=[2],
    four=[4],
    one=[1],
    swapped=[1, 0],
    doubled=np.float32([2]),
    unit=np.float32([1]),
    **constants,
)

# Gray images of one size, points without scores.
nodes, constants = reddest("image", "two", 1)
save(
    "gray.onnx",
    nodes
    + [
        node("Identity", ["xy"], ["kpts"]),
        node("Transpose", ["colors"], ["gray"], perm=[1, 0]),
        node("Concat", ["gray", "gray", "gray"], ["desc"], axis=1),
    ],
    [("image", F, [1, 1, 6, 8])],
    [("kpts", I, [2, 2]), ("desc", F, [2, 3])],
    two=[2],
    **constants,
)

# Maps: the red channel, and the mean color of 2 x 2 pixels.
save(
    "maps.onnx",
    [
        node("Split", ["image"], ["heatmap", "green", "blue"], axis=1),
        node("AveragePool", ["image"], ["feats"], kernel_shape=[2, 2], strides=[2, 2]),
    ],
    [("image", F, [1, 3, "height", "width"])],
    [("heatmap", F, [1, 1, "height", "width"]), ("feats", F, [1, 3, "rows", "columns"])],
)
