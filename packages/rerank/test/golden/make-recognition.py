"""Prints recognition.json: what scikit-learn gives for formula data, and the 2020 recognition winners' ranking of it.

    python make-recognition.py > recognition.json

Written for numpy 2.4, scipy 1.17, scikit-learn 1.9. All inputs come from one formula in whole numbers, so that a test
can make the same ones. The ranking follows the notebook blend_ranking.ipynb of psinger's 2020 first place solution, in
double precision.
"""

import json

import numpy as np
import scipy
import sklearn
from sklearn.cluster import DBSCAN
from sklearn.preprocessing import QuantileTransformer

PRIME = 46337


def spread(seed, rows, columns):
    """Numbers from -0.5 to 0.5 in float32: a formula in whole numbers below 2^53."""
    i = np.arange(rows, dtype=np.int64)[:, None]
    j = np.arange(columns, dtype=np.int64)[None, :]
    a = (i * 131 + j * 977 + seed * 7919 + 1) % PRIME
    mixed = (a * a % PRIME) * (a + 12345) % PRIME
    return (mixed / PRIME - 0.5).astype(np.float32)


def quantiles():
    """Five kinds of columns: even, many equal values, one value, skewed, two values."""
    raw = spread(1, 3000, 5)
    raw[:, 1] = np.floor(raw[:, 1] * 8) / 8
    raw[:, 2] = 0.25
    raw[:, 3] = raw[:, 3] * raw[:, 3] * raw[:, 3]
    raw[:, 4] = np.where(raw[:, 4] > 0, 1, -1)
    fitted = QuantileTransformer(output_distribution="normal", n_quantiles=1000, subsample=100_000).fit(
        raw.astype(np.float64)
    )
    few = QuantileTransformer(output_distribution="normal", n_quantiles=7).fit(raw[:, :4].astype(np.float64))
    other = spread(2, 60, 5) * np.float32(1.25)
    return {
        "seen": fitted.transform(raw[:60].astype(np.float64)).tolist(),
        "unseen": fitted.transform(other.astype(np.float64)).tolist(),
        "quantilesOfColumn3": fitted.quantiles_[::50, 3].tolist(),
        "sevenQuantiles": few.quantiles_.T.tolist(),
        "unseenBySeven": few.transform(other[:, :4].astype(np.float64)).tolist(),
    }


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def best(similarity, k):
    order = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(similarity, order, axis=1), order


def embeddings(seed, labels, models, width):
    """Unit rows of each model side by side: a center per label and some noise."""
    parts = []
    for model in range(models):
        centers = spread(100 + model, 40, width)[labels]
        noise = spread(seed + 10 * model, len(labels), width)
        parts.append(unit(centers.astype(np.float64) + 0.8 * noise).astype(np.float32))
    return np.hstack(parts)


def ranking():
    models, width = 2, 12
    query_labels = np.arange(40) % 25
    gallery_labels = np.arange(90) * 7 % 18
    stray_labels = 16 + np.arange(35) % 9
    queries = embeddings(3, query_labels, models, width)
    gallery = embeddings(4, gallery_labels, models, width)
    strays = embeddings(5, stray_labels, models, width)
    scale = QuantileTransformer(output_distribution="normal", n_quantiles=1000).fit(queries.astype(np.float64))
    q, g, n = (scale.transform(x.astype(np.float64)) for x in (queries, gallery, strays))
    values, ids = [], []
    for model in range(models):
        part = slice(model * width, (model + 1) * width)
        near = best(unit(g[:, part]) @ unit(n[:, part]).T, 5)[0].mean(axis=1)
        adjusted = np.clip(unit(q[:, part]) @ unit(g[:, part]).T, 0, 1) - near[None, :]
        top, rows = best(adjusted, 3)
        values.append(top)
        ids.append(rows)
    found = gallery_labels[np.hstack(ids)]
    scores = np.hstack(values)
    labels, sums = [], []
    for row in range(len(queries)):
        totals = {}
        for label, score in zip(found[row].tolist(), scores[row].tolist()):
            totals[label] = totals.get(label, 0.0) + score
        label = max(totals, key=totals.get)
        labels.append(label)
        sums.append(totals[label])
    near = best(unit(q) @ unit(n).T, 10)[0].mean(axis=1)
    return {
        "ids": [rows.tolist() for rows in ids],
        "values": [np.round(top, 9).tolist() for top in values],
        "labels": labels,
        "sums": sums,
        "final": (np.array(sums) - near).tolist(),
        "meanWithoutFirst": best(unit(n) @ unit(n).T, 11)[0][:, 1:].mean(axis=1).tolist(),
    }


def fusion():
    """Head and neighbors as in the 2020 third place's notebook, in double precision and on cosines."""
    classes, rows = 30, 60
    logits = spread(7, rows, classes) * np.float32(2)
    gallery_labels = np.arange(50) * 11 % 23
    similarity = spread(8, rows, 50) + np.float32(0.5)
    outside = np.isin(np.arange(classes), gallery_labels, invert=True)
    top, columns = best(logits.astype(np.float64) - outside, 5)
    near, ids = best(similarity.astype(np.float64), 5)
    labels, scores = [], []
    for row in range(rows):
        head = dict(zip(columns[row].tolist(), np.float32(top[row]).astype(np.float64).tolist()))
        totals = {}
        for cosine, image in zip(near[row].tolist(), ids[row].tolist()):
            label = int(gallery_labels[image])
            totals[label] = totals.get(label, 0.0) + cosine**9 * head.get(label, 1e-8) ** 10
        label = max(totals, key=totals.get)
        labels.append(label)
        scores.append(totals[label])
    return {"columns": columns.tolist(), "labels": labels, "scores": scores}


def clusters():
    points = unit(spread(6, 150, 12).astype(np.float64))
    return {str(eps): DBSCAN(eps=eps, min_samples=1).fit_predict(points).tolist() for eps in (0.7, 0.85)}


print(
    json.dumps(
        {
            "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
            "quantiles": quantiles(),
            "ranking": ranking(),
            "fusion": fusion(),
            "clusters": clusters(),
        },
        indent=None,
    )
)
