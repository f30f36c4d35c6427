"""Prints geometry.json: what OpenCV and numpy make of generated correspondences.

Run with Python 3, numpy 2.4.6 and opencv-python-headless 5.0.0:

    python make-geometry.py > geometry.json
"""

import json

import cv2
import numpy as np

HOMOGRAPHY = np.array([[0.9, -0.2, 60.0], [0.15, 1.1, -30.0], [2e-4, -1e-4, 1.0]])
AFFINE = np.array([[1.2, 0.3, -40.0], [-0.25, 0.8, 90.0]])


def project(matrix, points):
    lifted = np.hstack([points, np.ones((len(points), 1))]) @ matrix.T
    return lifted[:, :2] / lifted[:, 2:] if len(matrix) == 3 else lifted


def flat(points):
    return np.round(np.asarray(points, dtype=np.float64), 6).ravel().tolist()


def scene(seed, matrix, count, share, noise):
    """Points of which the first share follow the matrix within `noise` pixels; the others are 60 pixels off or more."""
    random = np.random.default_rng(seed)
    source = np.round(random.uniform([0, 0], [800, 600], (count, 2)), 3)
    target = project(matrix, source) + random.uniform(-noise, noise, (count, 2)) / np.sqrt(2)
    wrong = np.arange(count) >= round(share * count)
    while True:
        elsewhere = random.uniform([-100, -100], [900, 700], (count, 2))
        near = np.linalg.norm(elsewhere - project(matrix, source), axis=1) < 60
        fresh = wrong & ~near
        target[fresh] = elsewhere[fresh]
        wrong &= near
        if not wrong.any():
            return source, np.round(target, 3)


def mask_of(found):
    return found.ravel().astype(int).tolist()


cv2.setRNGSeed(1)
result = {"leastSquares": {}, "masks": []}

source, target = scene(1, HOMOGRAPHY, 60, 1, 2.0)
model, _ = cv2.findHomography(source, target, 0)
result["leastSquares"]["homography"] = {"from": flat(source), "to": flat(target), "model": model.ravel().tolist()}

source, target = scene(2, AFFINE, 60, 1, 2.0)
lifted = np.hstack([source, np.ones((60, 1))])
model = np.linalg.lstsq(lifted, target, rcond=None)[0].T
result["leastSquares"]["affine"] = {"from": flat(source), "to": flat(target), "model": model.ravel().tolist()}

for seed, share in [(11, 0.9), (12, 0.7), (13, 0.5), (14, 0.35)]:
    source, target = scene(seed, HOMOGRAPHY, 120, share, 1.0)
    masks = {
        name: mask_of(cv2.findHomography(source, target, method, 4.0, maxIters=5000, confidence=0.999)[1])
        for name, method in [("ransac", cv2.RANSAC), ("usac", cv2.USAC_DEFAULT), ("magsac", cv2.USAC_MAGSAC)]
    }
    case = {"transform": "homography", "maxError": 4, "from": flat(source), "to": flat(target), "masks": masks}
    result["masks"].append(case)

for seed, share in [(21, 0.8), (22, 0.4)]:
    source, target = scene(seed, AFFINE, 120, share, 3.0)
    found = cv2.estimateAffine2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=10.0, maxIters=5000, confidence=0.999
    )
    case = {
        "transform": "affine",
        "maxError": 10,
        "from": flat(source),
        "to": flat(target),
        "masks": {"ransac": mask_of(found[1])},
    }
    result["masks"].append(case)

print(json.dumps(result))
