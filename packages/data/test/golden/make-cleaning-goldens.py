"""Prints cleaning.json: matches of SciPy and inliers of scikit-image, which the winners of 2019 verified pairs with.

    python make-cleaning-goldens.py > cleaning.json

Made with numpy 1.26.4, SciPy 1.17.1 and scikit-image 0.25.2. `inliers` holds what skimage.measure.ransac makes of given
samples: its generator hands them out, and its early stop, which release 0.15 of 2019 does not have, is taken away.
`counts` are what it finds with samples of its own, by seed.
"""

import json
import sys

import numpy as np
import scipy
import skimage
from scipy.spatial import cKDTree
from skimage.measure import fit, ransac
from skimage.transform import AffineTransform


class GivenSamples(np.random.Generator):
    """Hands out given samples in the place of random ones."""

    def __init__(self, samples):
        super().__init__(np.random.PCG64(0))
        self.samples = iter(samples)

    def choice(self, *args, **kwargs):
        return next(self.samples, np.array([0, 1, 2]))


fit._dynamic_max_trials = lambda *args: np.inf


def numbers(array):
    return np.asarray(array).ravel().tolist()


def matching(rng, rows_a, rows_b, columns, spread):
    a = rng.normal(size=(rows_a, columns)).astype(np.float32)
    a /= np.linalg.norm(a, axis=1, keepdims=True)
    b = a[rng.integers(0, rows_a, rows_b)] + spread * rng.normal(size=(rows_b, columns))
    a, b = a.round(3).astype(np.float32), b.round(3).astype(np.float32)
    distances, nearest = cKDTree(a).query(b, distance_upper_bound=0.8)
    found = np.flatnonzero(np.isfinite(distances))
    assert 0 < len(found) < rows_b
    return {
        "columns": columns,
        "a": [round(float(x), 3) for x in a.ravel()],
        "b": [round(float(x), 3) for x in b.ravel()],
        "matchesOfA": numbers(nearest[found]),
        "matchesOfB": numbers(found),
    }


def scene(rng, matches, right, noise):
    a = rng.uniform(0, 700, (matches, 2)).round(1).astype(np.float32)
    matrix = np.array([[0.9, -0.3], [0.2, 1.1]])
    b = a @ matrix.T + [40, -25] + rng.normal(scale=noise, size=a.shape)
    wrong = rng.permutation(matches)[right:]
    b[wrong] = rng.uniform(0, 700, (len(wrong), 2))
    return a, b.round(1).astype(np.float32)


def verifying(rng, matches, right, noise):
    a, b = scene(rng, matches, right, noise)
    samples = [rng.permutation(matches)[:3] for _ in range(300)]
    _, inliers = ransac((a, b), AffineTransform, 3, 20, max_trials=len(samples), rng=GivenSamples(samples))
    counts = [
        int(sum(ransac((a, b), AffineTransform, 3, 20, max_trials=1000, rng=seed)[1])) for seed in range(20)
    ]
    return {
        "a": [round(float(x), 1) for x in a.ravel()],
        "b": [round(float(x), 1) for x in b.ravel()],
        "samples": numbers(samples),
        "inliers": numbers(inliers.astype(int)),
        "counts": counts,
    }


rng = np.random.default_rng(2019)
json.dump(
    {
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-image": skimage.__version__},
        "matching": [matching(rng, 33, 41, 40, 0.12), matching(rng, 50, 30, 8, 0.3)],
        "verifying": [
            verifying(rng, 60, 45, 1),
            verifying(rng, 120, 50, 6),
            verifying(rng, 80, 20, 9),
            verifying(rng, 30, 0, 0),
            verifying(rng, 3, 3, 5),
        ],
    },
    sys.stdout,
)
print()
