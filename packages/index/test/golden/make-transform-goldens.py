"""Prints transforms.json: what reference programs make of the same few rows.

    python make-transform-goldens.py path/to/cnnimageretrieval-pytorch > transforms.json

Made with numpy 2.4.6, scikit-learn 1.9.1, faiss-cpu 1.15.1 and cirtorch at commit 1e66a41.
"""

import importlib.util
import json
import sys

import faiss
import numpy as np
from sklearn.decomposition import PCA

ROWS, COLUMNS, KEPT = 60, 7, 4

random = np.random.default_rng(20190701)
mixing = random.normal(size=(COLUMNS, COLUMNS)) * np.array([4, 3, 2, 1.5, 1, 0.7, 0.4])[:, None]
rows = random.normal(size=(ROWS, COLUMNS)) @ mixing + random.normal(size=COLUMNS) * 3
# Multiples of 1/256 are exact in float32, and short in JSON.
rows = np.round(rows * 256) / 256
queries = np.arange(0, ROWS, 2)
positives = queries + 1
# Pairs are alike: a positive is its query and some noise.
noise = np.round(random.normal(size=(ROWS // 2, COLUMNS)) * [1, 0.8, 0.6, 0.5, 0.9, 0.3, 0.7] * 256) / 256
rows[positives] = rows[queries] + noise


def load_whiten(folder):
    spec = importlib.util.spec_from_file_location("whiten", f"{folder}/cirtorch/utils/whiten.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sklearn_pca(whiten):
    pca = PCA(n_components=KEPT, svd_solver="full", whiten=whiten).fit(rows)
    return {
        "mean": pca.mean_.tolist(),
        "components": pca.components_.tolist(),
        "variances": pca.explained_variance_.tolist(),
        "shares": pca.explained_variance_ratio_.tolist(),
        "transformed": pca.transform(rows).tolist(),
    }


def faiss_pca(eigen_power):
    pca = faiss.PCAMatrix(COLUMNS, KEPT, eigen_power, False)
    data = rows.astype(np.float32)
    pca.train(data)
    return {"transformed": pca.apply(data).tolist()}


def cirtorch(learn):
    mean, projection = learn()
    return {
        "mean": mean[:, 0].tolist(),
        "projection": projection.tolist(),
        "applied": whiten.whitenapply(rows.T, mean, projection, KEPT).T.tolist(),
    }


whiten = load_whiten(sys.argv[1])
power = np.sign(rows) * np.abs(rows) ** 0.3
goldens = {
    "rows": rows.tolist(),
    "queries": queries.tolist(),
    "positives": positives.tolist(),
    "sklearnPca": sklearn_pca(False),
    "sklearnWhitening": sklearn_pca(True),
    "faissPca": faiss_pca(0.0),
    "faissWhitening": faiss_pca(-0.5),
    "faissQuarter": faiss_pca(-0.25),
    "cirtorchPcaWhitening": cirtorch(lambda: whiten.pcawhitenlearn(rows.T)),
    "cirtorchLearnedWhitening": cirtorch(lambda: whiten.whitenlearn(rows.T, queries, positives)),
    "numpyPower": power[:8].tolist(),
}
print(json.dumps(goldens))
