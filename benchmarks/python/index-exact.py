"""faiss, numpy and usearch, which search the same vectors exactly when they are asked to.

The first line of standard input is JSON: files of queries and database (`.npy`, float32), k, threads, the names of the
sides, and a folder. The answer names the versions. Each line after it is a request, answered by a line of JSON:

- `{"run": side, "queries": n}`: one search for the first n queries; milliseconds, and a file of the ids (raw int32).
- `{"single": side, "threads": n, "queries": [...]}`: searches for one query after the other; milliseconds of each.
"""

import json
import os
import sys
import time

import faiss
import numpy
import usearch
import usearch.index

settings = json.loads(sys.stdin.readline())
queries, database = (numpy.load(settings[name]) for name in ("queries", "database"))
k, threads = settings["k"], settings["threads"]
faiss.omp_set_num_threads(threads)
columns = database.shape[1]
# Queries whose scores numpy has in memory at once.
block = 250


def flat():
    index = faiss.IndexFlatIP(columns)
    index.add(database)
    return lambda rows: index.search(rows, k)[1]


def quantized(kind):
    index = faiss.IndexScalarQuantizer(columns, kind, faiss.METRIC_INNER_PRODUCT)
    index.train(database)
    index.add(database)
    return lambda rows: index.search(rows, k)[1]


def graph():
    index = faiss.IndexFlatIP(columns)
    index.add(database)

    def search(rows):
        ids = index.search(rows, k + 1)[1]
        others = ids != numpy.arange(len(rows))[:, None]
        # A row that is not found itself, behind duplicates, loses its last neighbor.
        others[others.all(axis=1), -1] = False
        return ids[others].reshape(len(rows), k)

    return search


def search_numpy(rows):
    found = []
    for first in range(0, len(rows), block):
        scores = rows[first : first + block] @ database.T
        ids = numpy.argpartition(scores, len(database) - k, axis=1)[:, len(database) - k :]
        order = numpy.argsort(-numpy.take_along_axis(scores, ids, axis=1), axis=1, kind="stable")
        found.append(numpy.take_along_axis(ids, order, axis=1))
    return numpy.concatenate(found)


def search_usearch(rows):
    return usearch.index.search(database, rows, k, "ip", exact=True, threads=threads).keys


makers = {
    "faiss IndexFlatIP": flat,
    "faiss SQfp16": lambda: quantized(faiss.ScalarQuantizer.QT_fp16),
    "faiss SQ8": lambda: quantized(faiss.ScalarQuantizer.QT_8bit),
    "faiss graph": graph,
    "numpy": lambda: search_numpy,
    "usearch, Python": lambda: search_usearch,
}


def answer(**values):
    print(json.dumps(values), flush=True)


def run(side, count):
    begin = time.perf_counter()
    ids = sides[side](queries[:count])
    milliseconds = (time.perf_counter() - begin) * 1000
    file = os.path.join(settings["folder"], "python-ids.bin")
    numpy.ascontiguousarray(ids).astype("<i4").tofile(file)
    answer(milliseconds=milliseconds, file=file)


def singles(side, count, places):
    faiss.omp_set_num_threads(count)
    times = []
    for place in places:
        row = queries[place : place + 1]
        begin = time.perf_counter()
        sides[side](row)
        times.append((time.perf_counter() - begin) * 1000)
    faiss.omp_set_num_threads(threads)
    answer(milliseconds=times)


sides = {name: makers[name]() for name in settings["sides"]}
answer(
    versions={
        "python": sys.version.split()[0],
        "faiss-cpu": faiss.__version__,
        "numpy": numpy.__version__,
        "usearch (Python)": usearch.__version__,
    }
)
for line in sys.stdin:
    request = json.loads(line)
    if "single" in request:
        singles(request["single"], request["threads"], request["queries"])
    else:
        run(request["run"], request.get("queries", len(queries)))
