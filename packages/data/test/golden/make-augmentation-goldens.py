"""Prints augmentation.json: images after fixed draws of the transforms that move, cover, encode and blur pixels.

    python make-augmentation-goldens.py ALBUMENTATIONS > augmentation.json

ALBUMENTATIONS is the unpacked source archive of the Python package albumentations 0.4.6. Besides, the script
takes Python 3.11 on x86-64 with numpy 1.26.4, opencv-python-headless 4.9.0.80, albumentations 1.3.1, torch 1.13.1,
torchvision 0.15.1, scikit-image 0.25.2 and imgaug 0.2.6 (without its dependencies).

Images come from an integer hash of a seed and a position; ../augmentation/hashed-image.ts computes the same.
"""

import ast
import base64
import collections
import collections.abc
import json
import math
import sys
from pathlib import Path

import albumentations
import albumentations.augmentations.functional as AF
import cv2
import imgaug
import imgaug.augmenters.geometric as imgaug_geometric
import numpy as np
import skimage.transform
import torch
import torchvision.transforms.functional as TF
from albumentations.augmentations.dropout.functional import cutout

assert (cv2.__version__, albumentations.__version__, imgaug.__version__) == ("4.9.0", "1.3.1", "0.2.6")


def hashed_image(seed, width, height):
    """Noise; with an odd seed only 0 and 255."""
    with np.errstate(over="ignore"):
        x = np.arange(width * height * 3, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed)
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> np.uint32(13)
        x *= np.uint32(0xC2B2AE35)
        x ^= x >> np.uint32(16)
    image = (x >> np.uint32(24)).astype(np.uint8).reshape(height, width, 3)
    return (image >> 7) * np.uint8(255) if seed % 2 else image


def old_function(name):
    """A function of albumentations 0.4.6, without the imports and decorators of its file."""
    tree = ast.parse((Path(sys.argv[1]) / "albumentations/augmentations/functional.py").read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    tree.body[0].decorator_list = []
    names = {"cv2": cv2, "_maybe_process_in_chunks": AF._maybe_process_in_chunks}
    exec(compile(tree, name, "exec"), names)
    return names[name]


def old_affine(scale, rotation, shear, translation):
    """skimage.transform.AffineTransform as it was in 2019, which turned the second axis by the shear."""
    turned = rotation + shear
    return skimage.transform.AffineTransform(
        matrix=np.array(
            [
                [scale[0] * math.cos(rotation), -scale[1] * math.sin(turned), translation[0]],
                [scale[0] * math.sin(rotation), scale[1] * math.cos(turned), translation[1]],
                [0, 0, 1],
            ]
        )
    )


class OldTransforms:
    SimilarityTransform = skimage.transform.SimilarityTransform
    AffineTransform = staticmethod(old_affine)


imgaug_geometric.tf = OldTransforms
# Python 3.10 moved it; imgaug 0.2.6 looks for it here.
collections.Iterable = collections.abc.Iterable
cases = []


def add(seed, width, height, draw, function):
    result = np.ascontiguousarray(function(hashed_image(seed, width, height)))
    assert result.dtype == np.uint8
    cases.append(
        {
            "image": {"seed": seed, "width": width, "height": height},
            "draw": draw,
            "size": {"width": result.shape[1], "height": result.shape[0]},
            "bytes": base64.b64encode(result.tobytes()).decode(),
        }
    )


for width, height in [(5, 3), (1, 2)]:
    add(2, width, height, {"name": "horizontalFlip"}, lambda image: cv2.flip(image, 1))

RESIZES = [
    ((23, 17), (31, 20)), ((23, 17), (10, 9)), ((16, 31), (15, 40)), ((40, 24), (20, 12)), ((40, 24), (20, 13)),
    ((40, 24), (13, 7)), ((1, 9), (4, 4)), ((12, 1), (5, 3)), ((1, 1), (3, 2)), ((23, 17), (1, 1)), ((3, 2), (29, 31)),
]  # fmt: skip
for seed, ((width, height), (to_width, to_height)) in enumerate(RESIZES):
    for parity in (2, 3):
        draw = {"name": "resize", "width": to_width, "height": to_height}
        add(seed * 2 + parity, width, height, draw, lambda image: cv2.resize(image, (to_width, to_height)))

CROPS = [
    (23, 17, 2, 3, 19, 13), (23, 17, -3, -2, 27, 21), (23, 17, -3, 4, 26, 12), (23, 17, 5, -1, 16, 18),
    (16, 31, 0, -6, 16, 37), (24, 16, -12, -5, 48, 32), (24, 16, -24, 0, 48, 32), (24, 16, 0, 0, 24, 16),
    (24, 16, 3, 2, 12, 8), (1, 9, 0, 2, 1, 7), (12, 1, 3, 0, 8, 1), (1, 1, 0, 0, 1, 1), (17, 23, 16, 22, 1, 1),
]  # fmt: skip
for seed, (width, height, left, top, crop_width, crop_height) in enumerate(CROPS):

    def crop_zoom(image):
        around = max(crop_width, crop_height)
        padded = cv2.copyMakeBorder(image, around, around, around, around, cv2.BORDER_CONSTANT, value=0)
        y, x = top + around, left + around
        return cv2.resize(padded[y : y + crop_height, x : x + crop_width], (width, height))

    rectangle = {"left": left, "top": top, "width": crop_width, "height": crop_height}
    add(seed + 30, width, height, {"name": "cropZoom", **rectangle}, crop_zoom)

shift_scale_rotate = old_function("shift_scale_rotate")
WARPS = [
    (23, 17, 0.0, 0.0, 1.0, 0.0), (23, 17, 0.1372, -0.0831, 1.1613, 7.31), (16, 31, -0.2, 0.2, 0.8, -10.0),
    (31, 16, 0.2, 0.0533, 1.2, 10.0), (40, 24, -0.0417, -0.1129, 0.9177, -3.77), (24, 24, 0.0, 0.0, 1.0, 90.0),
    (23, 17, 0.9, 0.9, 1.0, 5.0), (1, 9, 0.05, 0.1, 0.9, 2.0), (12, 1, 0.03, 0.01, 1.1, -1.0), (1, 1, 0.0, 0.0, 1.0, 3.0),
    (38, 29, 0.0313, 0.0229, 1.0537, 173.0),
]  # fmt: skip
for seed, (width, height, dx, dy, scale, angle) in enumerate(WARPS):
    for parity in (60, 61):
        draw = {"name": "shiftScaleRotate", "shiftX": dx, "shiftY": dy, "scale": scale, "degrees": angle}
        add(
            2 * seed + parity,
            width,
            height,
            draw,
            lambda image: shift_scale_rotate(image, angle, scale, dx, dy, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT, 0),
        )

for seed, (width, height, angle) in enumerate(
    [(23, 17, 3.9), (16, 31, -4.0), (40, 24, 0.731), (1, 9, 2.5), (12, 1, 3.0), (1, 1, 1.0), (25, 25, 30.0), (38, 29, -45.0)]
):
    affine = imgaug_geometric.Affine(shear=angle, order=1, cval=0, mode="constant")
    add(seed + 90, width, height, {"name": "shear", "degrees": angle}, affine.augment_image)

HOLES = [
    (20, 16, [(3, 2, 11, 8)]), (9, 14, [(0, 0, 4, 5), (7, 12, 9, 14), (3, 0, 4, 14)]), (1, 1, [(0, 0, 1, 1)]),
]  # fmt: skip
for seed, (width, height, holes) in enumerate(HOLES):
    for fill in (0, 117):
        rectangles = [{"left": a, "top": b, "width": c - a, "height": d - b} for a, b, c, d in holes]
        draw = {"name": "cutout", "holes": rectangles, "fill": fill}
        add(seed + 100, width, height, draw, lambda image: cutout(image, holes, fill))

for seed, (width, height, padding, top, left) in enumerate(
    [(15, 11, 3, 0, 6), (15, 11, 3, 6, 2), (9, 20, 4, 4, 4), (4, 5, 6, 0, 12), (1, 1, 1, 1, 2)]
):

    def pad_and_crop(image):
        padded = TF.pad(torch.from_numpy(image).permute(2, 0, 1), [padding], fill=0)
        return TF.crop(padded, top, left, height, width).permute(1, 2, 0).numpy()

    draw = {"name": "padRandomCrop", "left": left - padding, "top": top - padding}
    add(seed + 110, width, height, draw, pad_and_crop)

for seed, (width, height, kernel, sigma) in enumerate(
    [(23, 17, 5, 1.1), (16, 31, 3, 0.1), (31, 16, 9, 2.0), (7, 7, 13, 4.0), (20, 20, 23, 1.7), (2, 3, 3, 0.8), (1, 1, 1, 1.0)]
):
    for parity in (120, 121):

        def gaussian_blur(image):
            planes = torch.from_numpy(image).permute(2, 0, 1)
            return TF.gaussian_blur(planes, [kernel, kernel], [sigma, sigma]).permute(1, 2, 0).numpy()

        draw = {"name": "gaussianBlur", "kernel": kernel, "sigma": sigma}
        add(2 * seed + parity, width, height, draw, gaussian_blur)

planes = torch.from_numpy(hashed_image(36, 55, 40)).permute(2, 0, 1)
sigma = 1.4771560033527031
add(
    36,
    55,
    40,
    {"name": "gaussianBlur", "kernel": 23, "sigma": sigma},
    lambda image: TF.gaussian_blur(planes, [23, 23], [sigma, sigma]).permute(1, 2, 0).numpy(),
)

LINES = [
    (23, 17, 3, (0, 0), (2, 2)), (23, 17, 3, (1, 0), (1, 2)), (16, 31, 5, (4, 0), (0, 3)), (31, 16, 5, (0, 4), (4, 3)),
    (20, 20, 7, (6, 6), (0, 1)), (20, 20, 7, (2, 2), (5, 2)), (19, 13, 7, (5, 0), (6, 6)), (19, 13, 7, (3, 5), (1, 0)),
    (20, 14, 9, (0, 8), (8, 0)), (20, 14, 11, (10, 3), (0, 7)), (20, 14, 5, (0, 1), (0, 3)), (9, 12, 7, (4, 4), (3, 4)),
    (6, 5, 5, (1, 3), (2, 3)), (12, 10, 5, (0, 4), (1, 4)), (2, 3, 3, (0, 2), (2, 0)), (1, 1, 3, (0, 1), (2, 1)),
    (17, 9, 7, (4, 1), (0, 2)), (17, 9, 7, (0, 2), (4, 5)), (10, 8, 5, (3, 3), (4, 0)), (10, 8, 11, (9, 10), (2, 0)),
    (24, 16, 7, (2, 6), (6, 1)), (20, 29, 13, (1, 0), (1, 9)),
]  # fmt: skip
for seed, (width, height, side, begin, end) in enumerate(LINES):
    kernel = np.zeros((side, side), dtype=np.uint8)
    cv2.line(kernel, begin, end, 1, thickness=1)
    kernel = kernel.astype(np.float32) / np.sum(kernel)
    draw = {"name": "motionBlur", "kernel": side, "from": begin, "to": end}
    add(seed + 140, width, height, draw, lambda image: AF.convolve(image, kernel))

for seed, (width, height, quality) in enumerate(
    [(40, 24, 100), (40, 24, 99), (24, 40, 90), (33, 17, 99), (17, 25, 50), (8, 8, 99), (9, 1, 100), (1, 1, 99)]
):
    draw = {"name": "jpegCompression", "quality": quality}
    add(2 * seed + 170, width, height, draw, lambda image: AF.image_compression(image, quality, ".jpg"))

lines = ",\n".join(json.dumps(case) for case in cases)
print(f"[\n{lines}\n]")
