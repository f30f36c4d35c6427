"""Writes keypoints.json with the keypoint detector of ALIKE's authors.

    python make-keypoint-goldens.py FOLDER

FOLDER holds their repository with soft_detect.py. Score and descriptor maps are the integer hash of make-goldens.py, so
that the file holds only sizes and what the detector makes of them.
"""

import json
import pathlib
import sys
import zlib

import numpy as np
import torch

sys.path.insert(0, sys.argv[1])
from soft_detect import DKD


def hashed_uniform(name, shape):
    size = int(np.prod(shape, dtype=np.int64))
    with np.errstate(over="ignore"):
        x = np.arange(size, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(zlib.crc32(name.encode()))
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> np.uint32(13)
        x *= np.uint32(0xC2B2AE35)
        x ^= x >> np.uint32(16)
    return (x.astype(np.float64) / 2**31 - 1).reshape(shape)


def digits(array):
    return [float(f"{v:.7g}") for v in np.asarray(array, dtype=np.float64).reshape(-1).tolist()]


cases = []
for height, width, threshold, limit in [(40, 48, 0.2, 5000), (33, 27, 0.9, 5000), (40, 48, 0.2, 12), (24, 24, 1.0, 5000)]:
    scores = torch.from_numpy(hashed_uniform("scores", (1, 1, height, width)) / 2 + 0.5)
    descriptors = torch.from_numpy(hashed_uniform("descriptors", (1, height, width, 8))).permute(0, 3, 1, 2)
    unit = torch.nn.functional.normalize(descriptors, dim=1)
    detector = DKD(radius=2, top_k=0, scores_th=threshold, n_limit=limit).double()
    detector.hw_grid = detector.hw_grid.double()
    keypoints, vectors, values, _ = detector(scores, unit, sub_pixel=True)
    points = (keypoints[0] + 1) / 2 * torch.tensor([width - 1, height - 1])
    order = np.lexsort((points[:, 0].numpy(), points[:, 1].numpy(), -values[0].numpy()))
    cases.append(
        {
            "height": height,
            "width": width,
            "threshold": threshold,
            "limit": limit,
            "points": digits(points.numpy()[order]),
            "scores": digits(values[0].numpy()[order]),
            "descriptors": digits(vectors[0].numpy()[order][:6]),
        }
    )
lines = ",\n".join(f"  {json.dumps(case)}" for case in cases)
(pathlib.Path(__file__).parent / "keypoints.json").write_text(f"[\n{lines}\n]\n")
