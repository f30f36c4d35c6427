"""Prints k-reciprocal.json: what the authors' programs give for a generated pool with duplicates.

Arguments: a folder that holds clones of zhunzhong07/person-re-ranking, jifeiluo/reranking and
WesleyZhang1991/Google_Landmark_Retrieval_2021_2nd_Place_Solution, named person-re-ranking, reranking and as the last.
Run with Python 3.11, numpy 2.4.6 and torch 2.5.1.

The functions of these programs run as they are, on converted arguments; while they run
- argsort is stable, so that equal distances are in order of rows, as in @lmk/rerank;
- products are float64 ones rounded to float32, and distances follow from them; the distance of two equal rows is 1e-12
  instead of 0, so that each row is first in its own list;
- the graph network of jifeiluo/reranking computes in float64.
"""

import ast
import contextlib
import json
import sys
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
queries, gallery, columns = 12, 288, 16
shown = 6


def make_pool():
    random = np.random.default_rng(8)
    centers = random.normal(size=(24, columns))
    rows = centers[random.integers(0, 24, queries + gallery)] + 0.75 * random.normal(size=(queries + gallery, columns))
    raw = np.clip(np.rint(30 * rows), -120, 120).astype(int)
    for copy, source in [(40, 41), (100, 30), (101, 30), (200, 0), (201, 5), (250, 251), (252, 251), (299, 1)]:
        raw[copy] = raw[source]
    return raw


raw = make_pool()
pool = (raw / np.sqrt((raw.astype(np.float64) ** 2).sum(1, keepdims=True))).astype(np.float32)
products = (pool.astype(np.float64) @ pool.astype(np.float64).T).astype(np.float32).astype(np.float64)


@contextlib.contextmanager
def stable_argsort():
    original = np.argsort
    np.argsort = lambda values, axis=-1: original(values, axis=axis, kind="stable")
    try:
        yield
    finally:
        np.argsort = original


def distances(power):
    """Distances of which the square is (2 - 2s) to the power."""
    squares = np.maximum(0, 2 - 2 * products) ** power
    result = np.maximum(np.sqrt(squares), 1e-12)
    np.fill_diagonal(result, 0)
    return result


def load(path, names):
    """Functions of a file, without the rest of it."""
    tree = ast.parse(Path(path).read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
    return compile(tree, str(path), "exec")


def k_reciprocal(k1, k2, weight, power=1):
    scope = {"np": np}
    exec(load(folder / "person-re-ranking/python-version/re_ranking_ranklist.py", ["re_ranking"]), scope)
    all_distances = distances(power)
    q = slice(0, queries)
    g = slice(queries, None)
    with stable_argsort():
        return scope["re_ranking"](all_distances[q, g], all_distances[q, q], all_distances[g, g], k1, k2, weight)


def second_place_2021(query, k1, k2, weight):
    """slice_jaccard of the whole gallery, mixed as its KR_FLAG form says; torch is replaced by numpy."""

    class Array(np.ndarray):
        def cpu(self):
            return self

        def numpy(self):
            return np.asarray(self)

        def cuda(self):
            return self

        def half(self):
            return self

    class Torch:
        cat = staticmethod(np.concatenate)
        tensor = staticmethod(lambda values: np.asarray(values).view(Array))

        @staticmethod
        def matmul(a, b):
            return similarities.view(Array)

        @staticmethod
        def argsort(values, dim):
            order = np.asarray(values).copy()
            np.fill_diagonal(order, -1)
            return np.argsort(order, axis=dim, kind="stable").view(Array)

    rows = np.r_[query, queries : queries + gallery]
    similarities = products[np.ix_(rows, rows)].copy()
    np.fill_diagonal(similarities, 1)
    scope = {"np": np, "torch": Torch, "setting": {"K1": k1, "K2": k2}}
    name = "Google_Landmark_Retrieval_2021_2nd_Place_Solution/submission/code/landmark_retrieval.py"
    exec(load(folder / name, ["slice_jaccard"]), scope)
    jaccard = np.asarray(scope["slice_jaccard"](pool[query : query + 1], pool[queries:]))
    return (1 - weight) * jaccard + weight * (1 - similarities[0, 1:]) / 2


def jifeiluo(name, **options):
    """A function of jifeiluo/reranking on the rows; distances and order as above."""
    import torch

    class Torch:
        """The first product is that of all rows, with equal numbers apart by less than 1e-8; in float64."""

        calls = 0

        def __getattr__(self, attribute):
            return getattr(torch, attribute)

        def mm(self, a, b):
            self.calls += 1
            if self.calls > 1:
                return torch.mm(a, b)
            ordered = products - 1e-11 * np.arange(len(products))
            np.fill_diagonal(ordered, 1 + 1e-6)
            return torch.from_numpy(ordered)

    source = Path(folder / "reranking/reranker/context_reranking.py")
    scope = {"np": np, "torch": Torch(), "F": torch.nn.functional}
    exec(load(source, [name]), scope)
    scope["compute_distance_matrix"] = lambda *_: torch.from_numpy(distances(2))
    torch.set_default_dtype(torch.float64)
    with stable_argsort():
        return scope[name](pool[:queries], pool[queries:], **options)


def layumi(k1, k2, weight):
    """The graph network of layumi/Person_reID_baseline_pytorch, whose kernels need a GPU, in our words in float64."""
    order = products.copy()
    np.fill_diagonal(order, 2)
    ranks = np.argsort(-order, axis=1, kind="stable")[:, :k1]
    features = np.zeros_like(products)
    np.put_along_axis(features, ranks, 1, axis=1)
    weights = products**2
    np.fill_diagonal(weights, 1)
    for _ in range(2):
        both = features + features.T
        for row, listed in enumerate(ranks[:, :k2]):
            features[row] = weights[row, listed] @ both[listed]
        features /= np.sqrt((features**2).sum(1, keepdims=True))
    scores = features[:queries] @ features[queries:].T
    return (1 - weight) * scores + weight * products[:queries, queries:]


def listed(matrix):
    return [[round(float(value), 7) for value in row] for row in np.asarray(matrix)[:shown]]


result = {
    "raw": raw.tolist(),
    "queries": queries,
    "kReciprocal": {
        "k1=20,k2=6,lambda=0.3": listed(k_reciprocal(20, 6, 0.3)),
        "k1=7,k2=3,lambda=0.3": listed(k_reciprocal(7, 3, 0.3)),
        "k1=9,k2=1,lambda=0": listed(k_reciprocal(9, 1, 0.0)),
    },
    "kReciprocalSquared": {"k1=20,k2=6,lambda=0.3": listed(k_reciprocal(20, 6, 0.3, power=2))},
    "secondPlace2021": {
        "k1=10,k2=3,lambda=0.3": [
            [round(float(value), 7) for value in second_place_2021(query, 10, 3, 0.3)] for query in (0, 3)
        ]
    },
    "stml": {"k=20": listed(jifeiluo("stml_reranking", k=20))},
    "gnnLayumi": {"k1=26,k2=7,lambda=0.3": listed(layumi(26, 7, 0.3))},
    "gnnJifeiluo": {"k1=20,k2=5": listed(jifeiluo("gnn_reranking", k1=20, k2=5))},
}
print(json.dumps(result, separators=(",", ":")))
