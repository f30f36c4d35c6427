"""Writes resize.json beside this script: bytes and inputs of networks as OpenCV, Pillow, albumentations, torchvision
and timm make them.

Run `python make-resize-goldens.py` with numpy 1.26.4, opencv-python-headless 4.9.0.80, Pillow 10.4.0, albumentations
1.3.1, torch 1.13.1, torchvision 0.15.1 and timm 0.6.13 under Python 3.11, on x86-64. Pillow 13 gives other bytes.

Images come from an integer hash of a seed and a position; ../images-reference.ts computes the same. Kept of each
result are its CRC-32 and some values at even distances.
"""

import json
import pathlib
import zlib

import albumentations as A
import cv2
import numpy as np
import PIL
from PIL import Image
from timm.data.transforms_factory import transforms_imagenet_eval
from torchvision import transforms as T

HERE = pathlib.Path(__file__).parent
assert PIL.__version__ == "10.4.0" and cv2.__version__ == "4.9.0"
OPENCV = {"opencv-linear": cv2.INTER_LINEAR, "opencv-area": cv2.INTER_AREA, "opencv-cubic": cv2.INTER_CUBIC}
PILLOW = {
    "pillow-nearest": Image.Resampling.NEAREST,
    "pillow-box": Image.Resampling.BOX,
    "pillow-bilinear": Image.Resampling.BILINEAR,
    "pillow-bicubic": Image.Resampling.BICUBIC,
    "pillow-lanczos": Image.Resampling.LANCZOS,
}
MODES = {1: "L", 3: "RGB", 4: "CMYK"}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def hashed_bytes(seed, width, height, channels):
    """Noise; with an odd seed only 0 and 255."""
    with np.errstate(over="ignore"):
        x = np.arange(width * height * channels, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed)
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> np.uint32(13)
        x *= np.uint32(0xC2B2AE35)
        x ^= x >> np.uint32(16)
    image = (x >> np.uint32(24)).astype(np.uint8).reshape(height, width, channels)
    return (image >> 7) * np.uint8(255) if seed % 2 else image


def resize(image, kernel, width, height):
    channels = image.shape[2]
    if kernel in OPENCV:
        return cv2.resize(image, (width, height), interpolation=OPENCV[kernel]).reshape(height, width, channels)
    if channels in MODES:
        picture = Image.fromarray(image[:, :, 0] if channels == 1 else image, MODES[channels])
        return np.asarray(picture.resize((width, height), PILLOW[kernel])).reshape(height, width, channels)
    planes = [Image.fromarray(image[:, :, c]).resize((width, height), PILLOW[kernel]) for c in range(channels)]
    return np.stack([np.asarray(plane) for plane in planes], -1)


def digest(array, count):
    flat = array.reshape(-1)
    every = max(1, flat.size // count)
    every += every % 3 == 0  # all colors
    return every, flat[::every][:count].tolist()


# from, to, channels, seed
SHAPES = [
    ((97, 61), (40, 40), 3, 2),  # down, odd ratios
    ((97, 61), (40, 40), 3, 3),  # the same of black and white, which overshoots
    ((40, 30), (64, 50), 3, 4),  # up
    ((40, 30), (83, 31), 4, 5),
    ((23, 64), (57, 20), 3, 6),  # wider and lower
    ((64, 23), (20, 57), 1, 7),  # narrower and higher
    ((64, 48), (32, 24), 3, 8),  # exactly half
    ((64, 48), (32, 24), 2, 10),
    ((66, 60), (22, 15), 3, 12),  # whole factors
    ((66, 60), (22, 15), 1, 13),
    ((1, 1), (5, 7), 3, 14),
    ((50, 37), (1, 1), 3, 16),
    ((1, 33), (9, 8), 2, 18),
    ((33, 1), (8, 9), 4, 20),
    ((31, 17), (31, 40), 3, 22),  # one side stays
    ((31, 17), (12, 17), 3, 24),
    ((19, 21), (19, 21), 3, 26),  # both stay
    ((300, 7), (11, 3), 1, 28),  # strong shrinking
    ((128, 96), (56, 56), 3, 30),
    ((40, 30), (24, 31), 1, 64),  # one byte of the cubic one depends on float32 sums of the last group of 8
    ((30, 40), (7, 900), 1, 82),  # and here one on integer sums after the last group
    ((2003, 4), (1001, 4), 1, 32),  # overlaps below 0.001, which INTER_AREA leaves out
]


def resize_goldens():
    rows = []
    for kernel in [*OPENCV, *PILLOW]:
        for (width, height), (to_width, to_height), channels, seed in SHAPES:
            image = hashed_bytes(seed, width, height, channels)
            # IPP, which the wheels use for cubic alone, is left out of it, and its distance kept apart.
            cv2.ipp.setUseIPP(False)
            out = resize(image, kernel, to_width, to_height)
            cv2.ipp.setUseIPP(True)
            ipp = resize(image, kernel, to_width, to_height).astype(int)
            row = {"kernel": kernel, "from": [width, height], "to": [to_width, to_height], "channels": channels,
                   "seed": seed, "crc32": zlib.crc32(out.tobytes())}
            row["every"], row["bytes"] = digest(out, 12)
            if (ipp != out).any():
                assert kernel == "opencv-cubic" and channels != 2 and abs(ipp - out).max() == 1
            rows.append(row)
    return rows


def normalized(pixels, std=STD):
    return A.Normalize(mean=MEAN, std=std, max_pixel_value=255.0)(image=pixels)["image"]


def albumentations_chain(*steps):
    def run(image):
        pixels = A.Compose(list(steps))(image=image)["image"]
        return pixels, normalized(pixels)

    return run


def opencv_squash(width, height):
    def run(image):
        pixels = cv2.resize(image, (width, height))
        return pixels, normalized(pixels)

    return run


def gld2021_second(side):
    """Through PIL and torchvision's ToTensor, as its data set does."""

    def run(image):
        pixels = cv2.resize(image, (side, side))
        tensor = T.Normalize(MEAN, (57 / 255,) * 3)(T.ToTensor()(Image.fromarray(pixels)))
        return pixels, tensor.permute(1, 2, 0).numpy()

    return run


def gld2021_first(side):
    def run(image):
        pixels = A.Resize(side, side)(image=image)["image"]
        mean = np.array([123.675, 116.28, 103.53], dtype=np.float32)
        std = np.array([58.395, 57.120, 57.375], dtype=np.float32)
        return pixels, (pixels.astype(np.float32) - mean) * np.reciprocal(std, dtype=np.float32)

    return run


def torchvision_chain(size, crop, interpolation):
    def run(image):
        pixels = T.Compose([T.Resize(size, interpolation), T.CenterCrop(crop)])(Image.fromarray(image))
        tensor = T.Normalize(MEAN, STD)(T.ToTensor()(pixels))
        return np.asarray(pixels), tensor.permute(1, 2, 0).numpy()

    return run


def timm_chain(size, **options):
    def run(image):
        picture = Image.fromarray(image)
        pixels = transforms_imagenet_eval(size, use_prefetcher=True, **options)(picture)
        options_normal = {"mean": MEAN, "std": STD, **options}
        tensor = transforms_imagenet_eval(size, **options_normal)(picture)
        return pixels.transpose(1, 2, 0), tensor.permute(1, 2, 0).numpy()

    return run


def thumbnail(size):
    def run(image):
        picture = Image.fromarray(image)
        picture.thumbnail((size, size), Image.Resampling.LANCZOS)
        tensor = T.Normalize(MEAN, STD)(T.ToTensor()(picture))
        return np.asarray(picture), tensor.permute(1, 2, 0).numpy()

    return run


BILINEAR, BICUBIC = T.InterpolationMode.BILINEAR, T.InterpolationMode.BICUBIC
PADDED = albumentations_chain(A.LongestMaxSize(64), A.PadIfNeeded(64, 64, border_mode=cv2.BORDER_CONSTANT, value=0),
                              A.CenterCrop(56, 56))
# name of the preprocessing in ../images-goldens.test.ts, sizes of images, reference
CHAINS = [
    ("gld2019 SS2", [(96, 72)], opencv_squash(480, 352)),
    ("gld2019 SS2", [(60, 91)], opencv_squash(320, 480)),
    ("gld2019 SS", [(90, 90)], opencv_squash(256, 256)),
    ("gld2020First 64", [(101, 67), (67, 150), (64, 64), (50, 41)],
     albumentations_chain(A.SmallestMaxSize(64), A.CenterCrop(64, 64))),
    ("gld2020 longest 64, crop 56", [(120, 77), (50, 41), (33, 90)], PADDED),
    ("gld2020Third 96", [(120, 77)], albumentations_chain(A.Resize(96, 96))),
    ("gld2021First 64", [(120, 77), (128, 128)], gld2021_first(64)),
    ("gld2021Second 72", [(120, 77)], gld2021_second(72)),
    ("revisited 100", [(160, 119), (91, 160), (80, 60)], thumbnail(100)),
    ("torchvision 40, crop 36", [(97, 61), (61, 97), (61, 40), (67, 40), (30, 20)], torchvision_chain(40, 36, BILINEAR)),
    ("torchvision 40, crop 36, bicubic", [(97, 61)], torchvision_chain(40, 36, BICUBIC)),
    ("torchvision 32, crop 41", [(97, 61), (100, 61)], torchvision_chain(32, 41, BILINEAR)),
    ("timm 48", [(97, 61), (64, 80)], timm_chain(48, interpolation="bicubic")),
    ("timm 48, share 0.95, half, bilinear", [(97, 61)],
     timm_chain(48, crop_pct=0.95, interpolation="bilinear", mean=(0.5,) * 3, std=(0.5,) * 3)),
]


def chain_goldens():
    rows = []
    for name, sizes, run in CHAINS:
        for width, height in sizes:
            pixels, values = run(hashed_bytes(2 * width, width, height, 3))
            row = {"preprocessing": name, "from": [width, height], "seed": 2 * width,
                   "to": [pixels.shape[1], pixels.shape[0]], "crc32": zlib.crc32(np.ascontiguousarray(pixels).tobytes())}
            row["every"], values = digest(values, 12)
            row["values"] = [float(f"{value:.7g}") for value in values]
            rows.append(row)
    return rows


def size_goldens():
    """Sizes after resizing alone."""
    rules = {
        "shortest torchvision": lambda blank: T.Resize(37)(Image.fromarray(blank)).size,
        "shortest albumentations": lambda blank: A.SmallestMaxSize(37)(image=blank)["image"].shape[1::-1],
        "longest albumentations": lambda blank: A.LongestMaxSize(37)(image=blank)["image"].shape[1::-1],
        "longest pillow": None,
    }

    def thumbnail_size(blank):
        picture = Image.fromarray(blank)
        picture.thumbnail((37, 37))
        return picture.size

    rules["longest pillow"] = thumbnail_size
    sides = hashed_bytes(100, 60, 2, 1).reshape(-1, 2).tolist()
    sizes = [(37, 37), (74, 74), (37, 50), (200, 37), (36, 37), (74, 37), (222, 74), *[(w + 20, h + 20) for w, h in sides]]
    rows = []
    for width, height in sizes:
        blank = np.zeros((height, width), np.uint8)
        rows.append({"from": [width, height], **{name: list(map(int, rule(blank))) for name, rule in rules.items()}})
    return rows


parts = {"resize": resize_goldens(), "inputs": chain_goldens(), "sizes": size_goldens()}
text = ",\n".join(f'  "{part}": [\n' + ",\n".join(f"    {json.dumps(row)}" for row in rows) + "\n  ]"
                  for part, rows in parts.items())
(HERE / "resize.json").write_text(f"{{\n{text}\n}}\n")
