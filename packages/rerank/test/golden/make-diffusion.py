"""Prints diffusion.json: diffusion by the code of fyang93/diffusion on a case where 20 steps do not converge.

python make-diffusion.py FOLDER > diffusion.json
FOLDER holds diffusion.py and knn.py of github.com/fyang93/diffusion. Made with Python 3.11, numpy 2.4.6, scipy 1.17.1,
faiss 1.15.1. That code calls scipy's cg with an argument that has been renamed since (tol, now rtol); it is given here
under its new name. Besides, conjugate gradient of scipy on the whole graph, for queries outside of it.
"""

import contextlib
import json
import sys
import tempfile

import numpy as np
import scipy.sparse.linalg as linalg
from sklearn import preprocessing

newer_cg = linalg.cg
linalg.cg = lambda matrix, right, tol, maxiter: newer_cg(matrix, right, rtol=tol, maxiter=maxiter)

sys.path.insert(0, sys.argv[1])
import diffusion as original  # noqa: E402

QUERIES, ROWS, COLUMNS = 6, 300, 16
GRAPH, LISTS, START = 12, 80, 10


def rows_of(generator, count, centers):
    """Points along a few arcs, so that the graph hangs together by long paths."""
    turn = generator.random(count)[:, None]
    ends = generator.integers(0, len(centers) - 1, count)
    points = (1 - turn) * centers[ends] + turn * centers[ends + 1]
    points = points + 0.2 * generator.standard_normal(points.shape)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    # Few digits, so that the file stays small; scaled again, in double precision, by whoever reads it.
    points = np.round(points, 4)
    return points, (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def main():
    generator = np.random.default_rng(8)
    centers = generator.standard_normal((6, COLUMNS))
    raw_queries, queries = rows_of(generator, QUERIES, centers)
    raw_gallery, gallery = rows_of(generator, ROWS, centers)

    with tempfile.TemporaryDirectory() as cache, contextlib.redirect_stdout(sys.stderr):
        pool = original.Diffusion(np.vstack([queries, gallery]), cache)
        pool_offline = pool.get_offline_results(LISTS, GRAPH)
    unit = preprocessing.normalize(pool_offline, norm="l2", axis=1)
    search = (unit[:QUERIES] @ unit[QUERIES:].T).toarray()

    with tempfile.TemporaryDirectory() as cache, contextlib.redirect_stdout(sys.stderr):
        database = original.Diffusion(gallery, cache)
        offline = database.get_offline_results(LISTS, GRAPH)
        graph_sims, graph_ids = database.knn.search(gallery, GRAPH)
        laplacian = database.get_laplacian(graph_sims.copy(), graph_ids)
        sims, ids = database.knn.search(queries, START)
    weights = sims.astype(np.float64) ** 3
    search_old = np.stack([weights[q] @ offline[ids[q]].toarray() for q in range(QUERIES)])

    full = {}
    for steps in (5, 20, 1000):
        solutions = []
        for q in range(QUERIES):
            right = np.zeros(ROWS)
            right[ids[q]] = weights[q]
            solutions.append(newer_cg(laplacian.astype(np.float64), right, rtol=1e-6, maxiter=steps)[0])
        full[steps] = np.stack(solutions)

    def numbers(matrix):
        return [[float(f"{value:.7g}") for value in row] for row in np.asarray(matrix)]

    few = [0, 77, 150, 299]
    json.dump(
        {
            "setting": {"neighborCount": GRAPH, "truncation": LISTS, "queryNeighborCount": START},
            "queriesRaw": raw_queries.tolist(),
            "galleryRaw": raw_gallery.tolist(),
            "offlineRows": few,
            "offline": numbers(offline[few].toarray()),
            "search": numbers(search),
            "searchOld": numbers(search_old),
            "full": {str(steps): numbers(solution) for steps, solution in full.items()},
        },
        sys.stdout,
        separators=(",", ":"),
    )


main()
