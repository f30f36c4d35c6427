"""The re-rankers that papers were published with, on the same vectors.

The first line of standard input is JSON: files of queries and database (`.npy`, float32, rows of length 1), a folder, and
`references`: a folder that holds clones of `person-re-ranking` (zhunzhong07), `diffusion` (fyang93), `EGT` (layer6ai-labs)
and `reranking` (jifeiluo). The answer names the versions. Each line after it is a request `{"run": side, …}`, answered by
milliseconds, a file of the best database rows of each query (raw int32) and the peak of this process in bytes. Those
codes run as they are, but for what libraries have renamed since.
"""

import functools
import importlib.machinery
import importlib.util
import json
import os
import re
import resource
import subprocess
import sys
import time

import faiss
import numpy
import scipy
import scipy.sparse.linalg
import torch

settings = json.loads(sys.stdin.readline())
queries, database = (numpy.load(settings[name]) for name in ("queries", "database"))
references = settings["references"]
depth = settings["depth"]
threads = settings["threads"]
pool = numpy.concatenate([queries, database])
faiss.omp_set_num_threads(threads)
torch.set_num_threads(threads)
torch.Tensor.cuda = lambda tensor, *_: tensor
# SciPy renamed this argument.
solve = scipy.sparse.linalg.cg
scipy.sparse.linalg.cg = lambda *args, tol=1e-5, **rest: solve(*args, rtol=tol, **rest)


def load(path, name):
    # The folder first: these modules import their neighbors by bare names.
    sys.path.insert(0, os.path.dirname(path))
    loader = importlib.machinery.SourceFileLoader(name, path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


@functools.cache
def reranking():
    sys.path.insert(0, os.path.join(references, "reranking"))
    import reranker.context_reranking as context
    import reranker.qe_reranking as expansion

    return context, expansion


def best(scores):
    return numpy.argsort(-scores, axis=1, kind="stable")[:, :depth]


def nearest(rows, k):
    index = faiss.IndexFlatIP(database.shape[1])
    index.add(rows)
    return index


def k_reciprocal(request):
    path = os.path.join(references, "person-re-ranking/python-version/re_ranking_ranklist.py")
    module = load(path, "k_reciprocal_reference")
    started = time.perf_counter()
    distances = [
        numpy.sqrt(numpy.maximum(2 - 2 * a @ b.T, 0))
        for a, b in ((queries, database), (queries, queries), (database, database))
    ]
    final = module.re_ranking(*distances, request["k1"], request["k2"], request["lambda"])
    return time.perf_counter() - started, best(-final)


@functools.cache
def diffusion_parts(truncation, degree):
    module = load(os.path.join(references, "diffusion/diffusion.py"), "diffusion_reference")
    diffusion = module.Diffusion(pool, settings["folder"])
    similarities, ids = diffusion.knn.search(pool, truncation)
    module.trunc_ids = ids
    module.trunc_init = numpy.zeros(truncation)
    module.trunc_init[0] = 1
    module.lap_alpha = diffusion.get_laplacian(similarities[:, :degree].copy(), ids[:, :degree])
    return module, ids


def offline_diffusion(request):
    module, ids = diffusion_parts(request["truncation"], request["neighborCount"])
    nodes = len(pool)
    started = time.perf_counter()
    run = module.Parallel(n_jobs=threads, prefer="threads")
    results = run(module.delayed(module.get_offline_result)(node) for node in range(nodes))
    seconds = time.perf_counter() - started
    rows = numpy.repeat(numpy.arange(nodes), ids.shape[1])
    offline = scipy.sparse.csr_matrix(
        (numpy.concatenate(results), (rows, ids.reshape(-1))), shape=(nodes, nodes), dtype=numpy.float32
    )
    offline = offline.multiply(1 / scipy.sparse.linalg.norm(offline, axis=1)[:, None]).tocsr()
    scores = (offline[: len(queries)] @ offline[len(queries) :].T).toarray()
    return seconds, best(scores)


@functools.cache
def prebuild(k):
    file = os.path.join(settings["folder"], f"prebuild-{k}.txt")
    index = nearest(database, k)
    with open(file, "w") as lines:
        for prefix, rows, extra in (("q", queries, 0), ("g", database, 1)):
            scores, ids = index.search(rows, k + extra)
            for row in range(len(rows)):
                pairs = [(i, s) for i, s in zip(ids[row], scores[row]) if prefix == "q" or i != row][:k]
                lines.write(f"{prefix}{row}," + " ".join(f"g{i} {s:.3f}" for i, s in pairs) + "\n")
    return file


def egt(request):
    file = prebuild(request["neighborCount"])
    output = os.path.join(settings["folder"], "egt.txt")
    jar = os.path.join(references, "EGT/target/egt.jar")
    options = {"k": request["neighborCount"], "q": len(queries), "t": request["threshold"], "p": request["depth"]}
    flags = [part for name, value in options.items() for part in (f"-{name}", str(value))]
    told = subprocess.run(["java", "-jar", jar, *flags, file, output], capture_output=True, text=True, check=True)
    milliseconds = float(re.search(r"all retrieval \[([\d.]+)\] ms", told.stdout).group(1))
    lists = [re.findall(r"g(\d+)", line.split(",")[1])[:depth] for line in open(output)]
    ids = numpy.full((len(queries), depth), -1)
    for row, found in enumerate(lists):
        ids[row, : len(found)] = found
    return milliseconds / 1000, ids


@functools.cache
def first_search(count):
    index = nearest(database, count)
    return index, index.search(queries, count)


def alpha_expansion(request):
    count, alpha = request["neighborCount"], request["alpha"]
    index, (scores, ids) = first_search(count)
    started = time.perf_counter()
    expanded = numpy.empty_like(queries)
    for first in range(0, len(queries), 100):
        part = slice(first, first + 100)
        weights = scores[part] ** alpha
        expanded[part] = queries[part] + numpy.einsum("qk,qkd->qd", weights, database[ids[part]])
    expanded /= numpy.linalg.norm(expanded, axis=1, keepdims=True)
    seconds = time.perf_counter() - started
    if request["search"]:
        found = index.search(expanded, depth)[1]
        return time.perf_counter() - started, found
    return seconds, expanded[:, :0]


def super_global(request):
    _, expansion = reranking()
    started = time.perf_counter()
    ranks = expansion.super_global_reranking(queries, database)
    return time.perf_counter() - started, ranks.T[:, :depth]


def gnn(request):
    context, _ = reranking()
    started = time.perf_counter()
    scores = context.gnn_reranking(queries, database, k1=request["k1"], k2=request["k2"], alpha=request["alpha"])
    return time.perf_counter() - started, best(scores)


sides = {
    "k-reciprocal": k_reciprocal,
    "offline-diffusion": offline_diffusion,
    "egt": egt,
    "alpha-expansion": alpha_expansion,
    "super-global": super_global,
    "gnn": gnn,
}
versions = {
    "python": sys.version.split()[0],
    "numpy": numpy.__version__,
    "scipy": scipy.__version__,
    "faiss-cpu": faiss.__version__,
    "torch": torch.__version__,
}
print(json.dumps({"versions": versions}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    seconds, ids = sides[request["run"]](request)
    file = os.path.join(settings["folder"], f"{request['run']}.ids")
    numpy.ascontiguousarray(ids, dtype=numpy.int32).tofile(file)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"milliseconds": 1000 * seconds, "file": file, "peak": peak}), flush=True)
