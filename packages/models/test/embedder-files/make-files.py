"""Writes the files beside it: small ONNX networks, one JPEG with Pillow's pixels of it, and numpy's half precision.

    python make-files.py

The networks take the mean of each color over the image, or the colors themselves, times a 3 x 4 matrix of 1 to 12.
"""

import base64
import io
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper
from PIL import Image, ImageCms, ImageOps

here = pathlib.Path(__file__).parent
F = TensorProto.FLOAT
matrix = np.arange(1, 13, dtype=np.float32).reshape(3, 4)


def save(name, nodes, inputs, outputs):
    weights = [helper.make_tensor("matrix", F, matrix.shape, matrix.reshape(-1))]
    graph = helper.make_graph(
        nodes,
        "mean",
        [helper.make_tensor_value_info(*value) for value in inputs],
        [helper.make_tensor_value_info(*value) for value in outputs],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="")
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, here / name)


def mean(source, axes=(2, 3), target="embedding"):
    return [
        helper.make_node("ReduceMean", [source], ["colors"], axes=list(axes), keepdims=0),
        helper.make_node("MatMul", ["colors", "matrix"], [target]),
    ]


save(
    "free.onnx",
    mean("images")
    + [
        helper.make_node("ArgMax", ["embedding"], ["best"], axis=1, keepdims=1),
        helper.make_node("ReduceSum", ["embedding"], ["sums"], keepdims=0),
        helper.make_node("Identity", ["images"], ["map"]),
    ],
    [("images", F, ["N", 3, "H", "W"])],
    [
        ("embedding", F, ["N", 4]),
        ("best", TensorProto.INT64, ["N", 1]),
        ("sums", F, []),
        ("map", F, ["N", 3, "H", "W"]),
    ],
)
shape = helper.make_node("Constant", [], ["shape"], value=helper.make_tensor("", TensorProto.INT64, [4], [1, 4, 1, 1]))
save(
    "one-image.onnx",
    [*mean("images", target="row"), shape, helper.make_node("Reshape", ["row", "shape"], ["embedding"])],
    [("images", F, [1, 3, 8, 6])],
    [("embedding", F, [1, 4, 1, 1])],
)
save("three-images.onnx", mean("images"), [("images", F, [3, 3, "H", "W"])], [("embedding", F, [3, 4])])
save("last-axis.onnx", mean("images", (1, 2)), [("images", F, ["N", 8, 6, 3])], [("embedding", F, ["N", 4])])
save(
    "bytes.onnx",
    [helper.make_node("Cast", ["images"], ["floats"], to=F), *mean("floats")],
    [("images", TensorProto.UINT8, ["N", 3, "H", "W"])],
    [("embedding", F, ["N", 4])],
)
save(
    "two-inputs.onnx",
    [helper.make_node("Mul", ["images", "scale"], ["scaled"]), *mean("scaled")],
    [("images", F, ["N", 3, "H", "W"]), ("scale", F, [])],
    [("embedding", F, ["N", 4])],
)

# A gradient, as a camera that was turned would store it, with a profile of its own whose colors lie elsewhere.
y, x = np.mgrid[0:18, 0:30]
gradient = np.stack([x * 8, y * 14, 255 - x * 4 - y * 7], axis=-1).astype(np.uint8)
exif = Image.Exif()
exif[0x0112] = 6
profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# Red and green of the profile change places.
profile = profile.replace(b"rXYZ", b"XYZr").replace(b"gXYZ", b"rXYZ").replace(b"XYZr", b"gXYZ")
file = io.BytesIO()
Image.fromarray(gradient).save(file, "jpeg", quality=90, exif=exif, icc_profile=profile)
(here / "turned.jpg").write_bytes(file.getvalue())
decoded = Image.open(file)
pixels = {
    name: {
        "width": image.width,
        "height": image.height,
        "base64": base64.b64encode(np.asarray(image).tobytes()).decode(),
    }
    for name, image in {"stored": decoded, "shown": ImageOps.exif_transpose(decoded)}.items()
}

# Around each half: the float32 numbers at the ties with its neighbors, and those just beside them.
halves = np.arange(0, 0x7C00, 37, dtype=np.uint16).view(np.float16).astype(np.float32)
upper = np.nextafter(halves.astype(np.float16), np.float16(np.inf)).astype(np.float32)
ties = ((halves.astype(np.float64) + np.where(np.isinf(upper), 65536, upper)) / 2).astype(np.float32)
special = np.array(
    [0, 65504, 65519.996, 65520, 65536, 3e38, np.inf, 2**-24, 2**-25, 2**-149, 2**-14, 2**-14 - 2**-26, 1e-40],
    dtype=np.float32,
)
around = [np.nextafter(ties, np.float32(0)), ties, np.nextafter(ties, np.float32(np.inf)), special]
values = np.concatenate([*around, *(-part for part in around)])
with np.errstate(over="ignore"):
    float16 = values.astype(np.float16).view(np.uint16)

encoded = lambda array: base64.b64encode(array.tobytes()).decode()
expected = {"turned": pixels, "float16": {"float32": encoded(values), "halves": encoded(float16)}}
(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
