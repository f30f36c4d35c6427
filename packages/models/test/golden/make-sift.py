"""Writes sift.json: what OpenCV's SIFT finds in images that ../sift.test.ts draws again.

    python make-sift.py

Needs opencv-python-headless and NumPy. An image is a slope, shapes and noise, all whole numbers of one linear congruential
generator; sift.json holds only its SHA-256.
"""

import hashlib
import json
import pathlib

import cv2
import numpy as np

cv2.setNumThreads(1)


def generator(seed):
    state = seed

    def below(n):
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return (state >> 8) % n

    return below


def drawn(width, height, channels, shapes, noise, seed):
    below = generator(seed)
    y, x = np.mgrid[:height, :width]
    image = np.repeat((64 + 64 * x // width + 32 * y // height)[..., None], channels, axis=2)
    for _ in range(shapes):
        round_one = below(2) == 1
        a, b = 2 + below(18), 2 + below(18)
        dx, dy = x - below(width), y - below(height)
        inside = dx**2 * b**2 + dy**2 * a**2 <= a**2 * b**2 if round_one else (abs(dx) <= a) & (abs(dy) <= b)
        for channel in range(channels):
            image[..., channel][inside] += below(161) - 80
    for i in np.ndindex(image.shape):
        image[i] += below(2 * noise + 1) - noise
    return np.clip(image, 0, 255).astype(np.uint8)


def digits(values):
    return [float(f"{v:.8g}") for v in values]


cases = []
for name, image, options, every in [
    ("gray", (160, 120, 1, 300, 8, 1), {}, 12),
    ("odd sides, no noise", (97, 131, 1, 90, 0, 2), {}, 4),
    ("RGB", (120, 90, 3, 200, 8, 3), {}, 8),
    ("other options", (128, 96, 1, 100, 4, 4), {"nOctaveLayers": 4, "contrastThreshold": 0.02, "edgeThreshold": 6, "sigma": 1.3}, 16),
    ("the best 60", (160, 120, 1, 300, 8, 1), {"nfeatures": 60}, 12),
]:
    pixels = drawn(*image)
    # OpenCV takes color as blue, green, red.
    found, descriptors = cv2.SIFT_create(**options).detectAndCompute(pixels[..., ::-1].copy() if image[2] == 3 else pixels, None)
    cases.append(
        {
            "name": name,
            "image": dict(zip(["width", "height", "channels", "shapes", "noise", "seed"], image)),
            "options": options,
            "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
            # x, y, size, angle, response
            "features": [digits([*k.pt, k.size, k.angle, k.response]) for k in found],
            "every": every,
            "descriptors": [row.astype(int).tolist() for row in descriptors[::every]],
        }
    )
    print(name, len(found))

target = pathlib.Path(__file__).parent / "sift.json"
target.write_text(json.dumps({"opencv": cv2.__version__, "cases": cases}, separators=(",", ":")) + "\n")
print(target.stat().st_size)
