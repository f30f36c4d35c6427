"""Prints color.json: brightness and contrast by albumentations, ColorJitter's and RandAugment's operations by torchvision.

    python make-color-goldens.py > color.json

Takes albumentations 1.3.1 (with opencv-python-headless 4.9), torchvision 0.15.1, torch 1.13.1, Pillow 13.0.0 and
numpy 1.26.4, on x86-64. Nothing is drawn: every operation is called with fixed values on images of a formula that the tests
have too. Of each result there is the SHA-256 of its bytes, rows from the top, and its bytes themselves if there are
few.
"""

import base64
import hashlib
import json

import numpy as np
from albumentations.augmentations.functional import brightness_contrast_adjust
from PIL import Image
from torchvision.transforms import RandAugment
from torchvision.transforms import functional as F
from torchvision.transforms.autoaugment import _apply_op

SIZES = [(9, 7), (97, 61), (224, 224)]


def image_of(kind, width, height):
    y, x, channel = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    values = (7 * x + 13 * y + 40 * channel + (x * y * (channel + 3)) % 61) % 256
    if kind == "dull":
        values = 60 + values % 83
    if kind == "flat":
        values = 90 + 5 * channel + 0 * values
    return values.astype(np.uint8)


def entry(result):
    data = np.asarray(result).tobytes()
    record = {"sha256": hashlib.sha256(data).hexdigest()}
    if len(data) <= 200:
        record["base64"] = base64.b64encode(data).decode()
    return record


# By 0.51 and −0.06 130 becomes 50 in single precision and 51 in double.
GAINS_AND_SHARES = [(1, 0.1), (1.1, 0), (0.913, -0.0731), (1.0457, 0.0999), (1.5, -0.6), (0.5, 0.8), (0.51, -0.06)]


def brightness_contrast():
    cases = []
    for kind, width, height in [("vivid", 9, 7), ("dull", 97, 61)]:
        image = image_of(kind, width, height)
        for gain, share in GAINS_AND_SHARES:
            for by in ["maximum", "mean"]:
                result = brightness_contrast_adjust(image, gain, share, by == "maximum")
                case = {"image": [kind, width, height], "gain": gain, "share": share, "by": by}
                cases.append(case | entry(result))
    return cases


OPERATIONS = {
    "brightness": (F.adjust_brightness, [0, 0.1, 0.93, 1, 1.0731, 1.9, 4]),
    "contrast": (F.adjust_contrast, [0, 0.1, 0.93, 1, 1.0731, 1.9, 4]),
    "saturation": (F.adjust_saturation, [0, 0.1, 0.93, 1, 1.0731, 1.9, 4]),
    "hue": (F.adjust_hue, [-0.5, -0.237, -0.001, 0, 0.02, 0.1, 0.5]),
}


def color_jitter():
    cases = []
    for kind, width, height in [("vivid", 9, 7), ("dull", 97, 61), ("flat", 9, 7), ("vivid", 224, 224)]:
        image = Image.fromarray(image_of(kind, width, height))
        for operation, (function, values) in OPERATIONS.items():
            for value in values:
                steps = [{"operation": operation, "value": value}]
                cases.append({"image": [kind, width, height], "steps": steps} | entry(function(image, value)))
        steps = [("hue", 0.07), ("contrast", 1.3), ("brightness", 0.8), ("saturation", 1.2)]
        result = image
        for operation, value in steps:
            result = OPERATIONS[operation][0](result, value)
        steps = [{"operation": operation, "value": value} for operation, value in steps]
        cases.append({"image": [kind, width, height], "steps": steps} | entry(result))
    return cases


def every_color():
    """All hues of bytes, in steps of 3 per channel, turned by a tenth."""
    side = np.arange(0, 256, 3, dtype=np.uint8)
    colors = np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1).reshape(86, 86 * 86, 3)
    return entry(F.adjust_hue(Image.fromarray(colors), 0.1))


def name_of(operation):
    """torchvision's Color is what its ColorJitter calls saturation."""
    if operation == "Color":
        return "saturation"
    return operation[0].lower() + operation[1:]


MOVES = {"ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"}


def rand_augment():
    cases = []
    for width, height in SIZES:
        for kind in ["vivid", "dull"] if width < 224 else ["vivid"]:
            image = Image.fromarray(image_of(kind, width, height))
            space = RandAugment()._augmentation_space(31, (height, width))
            for operation, (values, signed) in space.items():
                magnitudes = [0, 9, 30] if values.ndim > 0 else [0]
                for magnitude in magnitudes:
                    value = float(values[magnitude]) if values.ndim > 0 else 0.0
                    for signed_value in [value, -value] if signed and value > 0 else [value]:
                        for interpolation in ["nearest", "bilinear"] if operation in MOVES else ["nearest"]:
                            mode = F.InterpolationMode(interpolation)
                            result = _apply_op(image, operation, signed_value, mode, [127.0] * 3)
                            case = {"image": [kind, width, height], "operation": name_of(operation)}
                            case |= {"value": signed_value, "interpolation": interpolation}
                            cases.append(case | entry(result))
    flat = Image.fromarray(image_of("flat", 9, 7))
    for operation in ["AutoContrast", "Equalize"]:
        case = {"image": ["flat", 9, 7], "operation": name_of(operation), "value": 0, "interpolation": "nearest"}
        cases.append(case | entry(_apply_op(flat, operation, 0.0, F.InterpolationMode.NEAREST, None)))
    return cases


def all_magnitudes():
    """Shears and turns of all 31 magnitudes, in one digest each: their matrices are rounded to 65,536ths."""
    image = Image.fromarray(image_of("vivid", 97, 61))
    space = RandAugment()._augmentation_space(31, (61, 97))
    digests = {}
    for operation in ["ShearX", "ShearY", "Rotate"]:
        for interpolation in ["nearest", "bilinear"]:
            digest = hashlib.sha256()
            for value in space[operation][0].tolist():
                result = _apply_op(image, operation, -value, F.InterpolationMode(interpolation), [0.0] * 3)
                digest.update(np.asarray(result).tobytes())
            key = f"{name_of(operation)} {interpolation}"
            digests[key] = {"values": space[operation][0].tolist(), "sha256": digest.hexdigest()}
    return digests


def spaces():
    """The values of each magnitude; those that are moved by whole pixels are cut off as the operation does."""
    tables = []
    for bins, height, width in [(31, 224, 224), (31, 61, 97), (10, 331, 662), (9, 300, 200)]:
        table = {}
        for operation, (values, signed) in RandAugment()._augmentation_space(bins, (height, width)).items():
            numbers = values.tolist() if values.ndim > 0 else [0.0] * bins
            if operation.startswith("Translate"):
                numbers = [int(number) for number in numbers]
            table[name_of(operation)] = {"values": numbers, "isSigned": signed}
        tables.append({"bins": bins, "width": width, "height": height, "table": table})
    return tables


groups = {
    "brightnessContrast": brightness_contrast(),
    "colorJitter": color_jitter(),
    "everyColor": every_color(),
    "randAugment": rand_augment(),
    "allMagnitudes": all_magnitudes(),
    "spaces": spaces(),
}
lines = []
for name, group in groups.items():
    rows = group if isinstance(group, list) else [group]
    body = ",\n  ".join(json.dumps(row) for row in rows)
    lines.append(f'"{name}": ' + (f"[\n  {body}\n]" if isinstance(group, list) else body))
print("{\n" + ",\n".join(lines) + "\n}")
