"""One exact search by faiss, with all rows in memory; `src/index/large-search-processes.ts` runs it.

Its argument is JSON: files of queries and database (`.npy`, float32), k, threads, and a file for the ids (raw int32). It
prints milliseconds of reading and searching together and of searching alone, bytes resident before and at most, and
versions.
"""

import json
import re
import sys
import time

import faiss
import numpy

settings = json.loads(sys.argv[1])


def resident(field):
    status = open("/proc/self/status").read()
    return int(re.search(rf"{field}:\s+(\d+) kB", status).group(1)) * 1024


faiss.omp_set_num_threads(settings["threads"])
queries = numpy.load(settings["queries"])
loaded = resident("VmRSS")
begin = time.perf_counter()
# Not an index, which would keep a second copy.
database = numpy.load(settings["database"])
read = time.perf_counter()
ids = faiss.knn(queries, database, settings["k"], metric=faiss.METRIC_INNER_PRODUCT)[1]
end = time.perf_counter()
ids.astype("<i4").tofile(settings["file"])
print(
    json.dumps(
        {
            "total": (end - begin) * 1000,
            "search": (end - read) * 1000,
            "loaded": loaded,
            "peak": resident("VmHWM"),
            "versions": {
                "python": sys.version.split()[0],
                "faiss-cpu": faiss.__version__,
                "numpy": numpy.__version__,
            },
        }
    )
)
