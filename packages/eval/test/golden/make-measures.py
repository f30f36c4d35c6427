"""Prints measures.json: rankings with the scores that the programs of others give them.

    python make-measures.py REVISITOP MARKET THIRD_2020 FIRST_2020 > measures.json

The arguments are files of public repositories, at their newest commits in 2026, from which one function each is run:

    REVISITOP   python/evaluate.py of filipradenovic/revisitop: compute_map
    MARKET      evaluate.py of layumi/Person_reID_baseline_pytorch: compute_mAP
    THIRD_2020  util.py of haqishen/Google-Landmark-Recognition-2020-3rd-Place-Solution
    FIRST_2020  src/utils.py of psinger/kaggle-landmark-recognition-2020-1st-place

Besides, nDCG is that of scikit-learn. Made with Python 3.11, numpy 2.4.6 and the versions in the output.
"""

import ast
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import sklearn
from sklearn.metrics import ndcg_score

np.in1d = np.isin  # gone from numpy 2.4; the same for the arrays here
random = np.random.default_rng(8)


def functions(path, names, **globals_):
    """Functions of a file, without running the rest of it."""
    tree = ast.parse(Path(path).read_text())
    body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
    for node in body:
        node.returns = None
        for argument in node.args.args:
            argument.annotation = None
    space = {"np": np, **globals_}
    exec(compile(ast.Module(body, []), path, "exec"), space)
    return [space[name] for name in names]


def plain(value):
    """For JSON: NaN as null."""
    return [None if np.isnan(x) else float(x) for x in np.ravel(value)]


def revisited():
    _, compute_map = functions(sys.argv[1], ["compute_ap", "compute_map"])
    cases = []
    for name, size, length, repeated in [("full", 60, 60, False), ("cut", 60, 30, False), ("repeated", 60, 40, True)]:
        truth = []
        for query in range(12):
            kinds = random.permutation(size)
            easy, hard, junk = random.integers(0, 8, 3)
            if query == 3:
                easy = 0
            lists = np.split(kinds, np.cumsum([easy, hard, junk]))
            truth.append({key: sorted(map(int, ids)) for key, ids in zip(["easy", "hard", "junk"], lists)})
        rankings = np.stack([
            random.integers(0, size, length) if repeated else random.permutation(size)[:length] for _ in truth
        ])
        if name != "full":
            # The original stops with an error where nothing relevant is in the list: put some at its end.
            for ranking, lists in zip(rankings, truth):
                for place, key in [(-1, "easy"), (-2, "hard")]:
                    if lists[key] and not np.isin(ranking, lists[key]).any():
                        ranking[place] = lists[key][0]
        results = {}
        for protocol, ok, junk in [
            ("easy", ["easy"], ["junk", "hard"]),
            ("medium", ["easy", "hard"], ["junk"]),
            ("hard", ["hard"], ["junk", "easy"]),
        ]:
            gnd = [
                {"ok": [i for key in ok for i in lists[key]], "junk": [i for key in junk for i in lists[key]]}
                for lists in truth
            ]
            mean, each, means, precisions = compute_map(rankings.T, gnd, [1, 5, 10])
            results[protocol] = {
                "meanAveragePrecision": float(mean),
                "averagePrecisions": plain(each),
                "meanPrecisions": plain(means),
                "precisions": plain(precisions),
            }
        cases.append({"name": name, "truth": truth, "rankings": rankings.tolist(), "results": results})
    return cases


def market():
    torch = SimpleNamespace(IntTensor=lambda count: SimpleNamespace(zero_=lambda: np.zeros(count, dtype=int)))
    [score] = functions(sys.argv[2], ["compute_mAP"], torch=torch)
    labels, cameras = random.integers(-1, 5, 80), random.integers(0, 3, 80)
    queries, rankings, each, curves = [], [], [], []
    for query in range(10):
        label, camera = (int(random.integers(0, 6)), int(random.integers(0, 3)))
        queries.append([label, camera])
        ranking = random.permutation(80)
        rankings.append(ranking.tolist())
        same = labels == label
        good = np.flatnonzero(same & (cameras != camera))
        junk = np.flatnonzero((labels == -1) | (same & (cameras == camera)))
        ap, curve = score(ranking, good, junk)
        each.append(None if curve[0] == -1 else float(ap))
        curves.append(None if curve[0] == -1 else curve[:10].tolist())
    return {
        "labels": labels.tolist(),
        "cameras": cameras.tolist(),
        "queries": queries,
        "rankings": rankings,
        "averagePrecisions": each,
        "curves": curves,
    }


def recognition():
    classes = 6
    [third] = functions(sys.argv[3], ["global_average_precision_score"])
    [first] = functions(
        sys.argv[4], ["global_average_precision_score"], args=SimpleNamespace(n_classes=classes)
    )
    truth = random.integers(0, classes + 1, 200)
    said = np.where(random.random(200) < 0.6, truth, random.integers(0, classes + 1, 200))
    scores = random.permutation(200) / 200
    coarse = np.floor(scores * 12) / 12
    landmark = {i: None if label == classes else int(label) for i, label in enumerate(truth)}
    return {
        "noLandmark": classes,
        "truth": truth.tolist(),
        "said": said.tolist(),
        "scores": scores.tolist(),
        "coarse": coarse.tolist(),
        "third": float(third(landmark, {i: (int(said[i]), float(coarse[i])) for i in range(200)})),
        "first": float(first(truth, [said, scores])),
        "firstIgnoring": float(first(truth, [said, scores], True)),
    }


def gains():
    cases = []
    for depth in [3, 10, 100]:
        grades = random.integers(0, 4, (5, 15))
        scores = np.stack([random.permutation(15) for _ in range(5)])
        each = [float(ndcg_score(grades[[i]], scores[[i]], k=depth)) for i in range(5)]
        powers = [float(ndcg_score(2.0 ** grades[[i]] - 1, scores[[i]], k=depth)) for i in range(5)]
        rankings = np.argsort(-scores, axis=1)
        cases.append({
            "depth": depth,
            "grades": grades.tolist(),
            "rankings": rankings.tolist(),
            "linear": each,
            "exponential": powers,
        })
    return cases


json.dump(
    {
        "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
        "revisited": revisited(),
        "market": market(),
        "recognition": recognition(),
        "gains": gains(),
    },
    sys.stdout,
)
print()
