"""Goldens for test/quantization-goldens.test.ts, from faiss.

    pip install faiss-cpu==1.15.1 numpy==2.4.6
    python make-quantization-goldens.py > quantization.json

Rows come from the same generator as clusteredMatrix in ../fixtures.ts, so the file holds only what faiss makes of
them: its codebooks, codes, distances, and how much its quantizers lose on the whole sample.
"""

import base64
import json
import sys

import faiss
import numpy as np

ROWS, COLUMNS, CLUSTERS = 10240, 16, 100
STORED, QUERIES, K = 200, 10, 10


def mulberry32(seed):
    state = seed & 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        mixed = ((state ^ (state >> 15)) * (state | 1)) & 0xFFFFFFFF
        mixed ^= (mixed + ((mixed ^ (mixed >> 7)) * (mixed | 61))) & 0xFFFFFFFF
        yield (mixed ^ (mixed >> 14)) / 2**32


def clustered(seed, rows, columns, clusters):
    numbers = mulberry32(77)
    centers = np.array([next(numbers) - 0.5 for _ in range(clusters * columns)], np.float32)
    centers = centers.reshape(clusters, columns).astype(np.float64)
    numbers = mulberry32(seed)
    data = np.empty((rows, columns), np.float32)
    for row in range(rows):
        center = centers[int(next(numbers) * clusters)]
        data[row] = [center[i] + 0.5 * (next(numbers) - 0.5) for i in range(columns)]
    return data


def base64_of(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def mean_squared_error(a, b):
    return float(((a.astype(np.float64) - b) ** 2).sum(axis=1).mean())


def searched(index, queries):
    scores, ids = index.search(queries, K)
    return {"ids": ids.astype(int).tolist(), "scores": base64_of(scores.astype(np.float32))}


def product_quantizer(sample, queries, subspaces, bits):
    quantizer = faiss.ProductQuantizer(COLUMNS, subspaces, bits)
    quantizer.train(sample)
    found = {}
    for name, metric in (("l2", faiss.METRIC_L2), ("dot", faiss.METRIC_INNER_PRODUCT)):
        index = faiss.IndexPQ(COLUMNS, subspaces, bits, metric)
        index.pq = quantizer
        index.is_trained = True
        index.add(sample[:STORED])
        found[name] = searched(index, queries)
    return {
        "subspaces": subspaces,
        "bits": bits,
        "codebooks": base64_of(faiss.vector_to_array(quantizer.centroids)),
        "codes": base64_of(quantizer.compute_codes(sample[:STORED])),
        "meanSquaredError": mean_squared_error(sample, quantizer.decode(quantizer.compute_codes(sample))),
        "found": found,
    }


def optimized_error(sample, subspaces, bits):
    rotation = faiss.OPQMatrix(COLUMNS, subspaces)
    rotation.pq = faiss.ProductQuantizer(COLUMNS, subspaces, bits)
    rotation.train(sample)
    turned = rotation.apply(sample)
    quantizer = faiss.ProductQuantizer(COLUMNS, subspaces, bits)
    quantizer.train(turned)
    return mean_squared_error(turned, quantizer.decode(quantizer.compute_codes(turned)))


def scalar_quantizer(sample, queries, kind, bits):
    index = faiss.IndexScalarQuantizer(COLUMNS, kind, faiss.METRIC_L2)
    index.train(sample)
    trained = faiss.vector_to_array(index.sq.trained)
    index.add(sample[:STORED])
    codes = index.sq.compute_codes(sample[:STORED])
    everything = index.sq.decode(index.sq.compute_codes(sample))
    return {
        "bits": bits,
        "minima": base64_of(trained[:COLUMNS]),
        "ranges": base64_of(trained[COLUMNS:]),
        "codes": base64_of(codes),
        "decoded": base64_of(index.sq.decode(codes[:20])),
        "meanSquaredError": mean_squared_error(sample, everything),
        "found": {"l2": searched(index, queries)},
    }


def kmeans_error(sample, clusters):
    kmeans = faiss.Kmeans(COLUMNS, clusters, niter=25, seed=1234)
    kmeans.train(sample)
    distances, _ = kmeans.index.search(sample, 1)
    return float(distances.astype(np.float64).mean())


def main():
    faiss.omp_set_num_threads(1)
    sample = clustered(1, ROWS, COLUMNS, CLUSTERS)
    queries = clustered(2, QUERIES, COLUMNS, CLUSTERS)
    # The same rows with columns mixed and of unequal weight, which a rotation can undo.
    mix = np.array([[np.cos((i + 1) * (j + 0.5) * np.pi / COLUMNS) for j in range(COLUMNS)] for i in range(COLUMNS)])
    mixed = (sample.astype(np.float64) * (0.8 ** np.arange(COLUMNS)) @ mix).astype(np.float32)
    goldens = {
        "versions": {"faiss": faiss.__version__, "numpy": np.__version__},
        "sample": {"rows": ROWS, "columns": COLUMNS, "clusters": CLUSTERS, "stored": STORED, "queries": QUERIES},
        "k": K,
        "kMeans": {"clusters": 100, "meanSquaredError": kmeans_error(sample, 100)},
        "product": [product_quantizer(sample, queries, *shape) for shape in ((4, 8), (4, 6), (8, 5), (4, 4))],
        "mixed": {
            "subspaces": 4,
            "bits": 6,
            "plainError": product_quantizer(mixed, queries, 4, 6)["meanSquaredError"],
            "optimizedError": optimized_error(mixed, 4, 6),
        },
        "scalar": [
            scalar_quantizer(sample, queries, faiss.ScalarQuantizer.QT_8bit, 8),
            scalar_quantizer(sample, queries, faiss.ScalarQuantizer.QT_4bit, 4),
        ],
    }
    json.dump(goldens, sys.stdout, indent=1)
    print()


main()
