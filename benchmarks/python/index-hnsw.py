"""hnswlib and usearch, which build graphs and search them when they are asked to.

The first line of standard input is JSON: files of queries and database (`.npy`, float32), k, m, efConstruction, and a
folder. The answer names the versions. Each line after it is a request with a library, a dtype, threads and a metric, answered
by a line of JSON:

- with `build`: builds the graph anew; milliseconds.
- with `ef`: searches the graph that was built last; milliseconds, and a file of the ids (raw int32).
"""

import importlib.metadata
import json
import os
import sys
import time

import hnswlib
import numpy
import usearch
import usearch.index

settings = json.loads(sys.stdin.readline())
queries, database = (numpy.load(settings[name]) for name in ("queries", "database"))
k, m, ef_construction = (settings[name] for name in ("k", "m", "efConstruction"))
rows, columns = database.shape
graphs = {}


def answer(**values):
    print(json.dumps(values), flush=True)


# Their names in usearch.
metrics = {"dot": "ip", "cosine": "cos"}
dtypes = {"float32": "f32", "float16": "f16", "int8": "i8"}


def build(library, dtype, threads, metric):
    if library == "hnswlib":
        begin = time.perf_counter()
        graph = hnswlib.Index("ip", columns)
        graph.init_index(rows, ef_construction=ef_construction, M=m)
        graph.add_items(database, num_threads=threads)
    else:
        keys = numpy.arange(rows, dtype=numpy.uint64)
        begin = time.perf_counter()
        graph = usearch.index.Index(
            ndim=columns,
            metric=metrics[metric],
            dtype=dtypes[dtype],
            connectivity=m,
            expansion_add=ef_construction,
        )
        graph.add(keys, database, threads=threads)
    milliseconds = (time.perf_counter() - begin) * 1000
    graphs[library, dtype, threads] = graph
    answer(milliseconds=milliseconds)


def search(library, dtype, threads, ef):
    graph = graphs[library, dtype, threads]
    if library == "hnswlib":
        graph.set_ef(ef)
        begin = time.perf_counter()
        ids = graph.knn_query(queries, k, num_threads=threads)[0]
    else:
        graph.expansion_search = ef
        begin = time.perf_counter()
        ids = graph.search(queries, k, threads=threads).keys
    milliseconds = (time.perf_counter() - begin) * 1000
    file = os.path.join(settings["folder"], "python-ids.bin")
    ids.astype("<i4").tofile(file)
    answer(milliseconds=milliseconds, file=file)


answer(
    versions={
        "python": sys.version.split()[0],
        "hnswlib (Python)": importlib.metadata.version("hnswlib"),
        "usearch (Python)": usearch.__version__,
    }
)
for line in sys.stdin:
    request = json.loads(line)
    side = [request[name] for name in ("library", "dtype", "threads")]
    if "build" in request:
        graphs.pop(tuple(side), None)
        build(*side, request["metric"])
    else:
        search(*side, request["ef"])
