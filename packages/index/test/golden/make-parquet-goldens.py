"""Parquet files as pandas, pyarrow and others write them: python make-parquet-goldens.py > parquet.json

Written with pyarrow 26.0.1, pandas 3.1.1 and numpy 2.4.6.
"""

import base64
import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

# Exact in float16; 5 rows of 4.
rows = np.arange(-10, 10, dtype=np.float32).reshape(5, 4) / 8
names = ["a", "b", "ü", "d", ""]
cases = {}


def keep(name, table, **options):
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    cases[name] = base64.b64encode(file.getvalue()).decode()


def table(kind, ids=None, values=rows.tolist()):
    columns = {"embedding": pa.array(values, kind)}
    if ids is not None:
        columns["id"] = ids
    return pa.table(columns)


f16, f32, f64 = pa.float16(), pa.float32(), pa.float64()
halves = pa.ListArray.from_arrays(
    pa.array([0, 4, 8, 12, 16, 20], pa.int32()), pa.array(rows.astype(np.float16).reshape(-1))
)
texts = pa.array(names)
keep("float32", table(pa.list_(f32), texts))
keep("float64", table(pa.list_(f64), texts))
keep("float16", pa.table({"embedding": halves, "id": texts}))
keep("fixed-size", table(pa.list_(f32, 4), texts))
keep("large-list", table(pa.large_list(f32), pa.array(names, pa.large_string())))
keep("groups-of-two", table(pa.list_(f32), texts), row_group_size=2)
keep("plain-v2", table(pa.list_(f32), texts), use_dictionary=False, data_page_version="2.0")
keep("small-pages", table(pa.list_(f32), texts), use_dictionary=False, data_page_size=16, write_page_index=True)
keep("byte-stream-split", table(pa.list_(f32)), use_dictionary=False, use_byte_stream_split=True)
keep("gzip", table(pa.list_(f32)), compression="gzip")
keep("brotli", table(pa.list_(f32)), compression="brotli")
keep("uncompressed", table(pa.list_(f32)), compression="none")
keep("lz4", table(pa.list_(f32)), compression="lz4")
keep("int32-ids", table(pa.list_(f32), pa.array([5, 4, -3, 2, 1], pa.int32())))
keep("int64-ids", table(pa.list_(f32), pa.array([5, 4, -3, 2, 1], pa.int64())))
keep("wide-ids", table(pa.list_(f32), pa.array([2**60 + 1, 4, -3, 2, 1], pa.int64())))
keep("uint64-ids", table(pa.list_(f32), pa.array([2**64 - 1, 4, 3, 2, 1], pa.uint64())))
keep("dictionary-ids", table(pa.list_(f32), pa.array(["x", "y", "x", "y", "x"]).dictionary_encode()))

file = io.BytesIO()
pd.DataFrame({"id": names, "embedding": list(rows)}).to_parquet(file)
cases["pandas"] = base64.b64encode(file.getvalue()).decode()

values = rows.tolist()
keep("null-row", table(pa.list_(f32), values=values[:3] + [None] + values[4:]), row_group_size=2)
keep("null-number", table(pa.list_(f32), values=values[:3] + [[1, 2, None, 4]] + values[4:]))
keep("short-row", table(pa.list_(f32), values=values[:3] + [[1, 2]] + values[4:]), row_group_size=2)
keep("empty-first", table(pa.list_(f32), values=[[]] + values[1:]))
keep("null-first", table(pa.list_(f32), values=[None] + values[1:]))
keep("null-id", table(pa.list_(f32), pa.array(["a", "b", None, "d", "e"])))
keep("huge", table(pa.list_(f64), values=[[1.0], [1e300]]))
keep("not-finite", table(pa.list_(f32), values=[[float("nan"), float("inf")], [-0.0, 1e-45]]))
keep("no-rows", table(pa.list_(f32), values=[]))
keep("integers", table(pa.list_(pa.int32()), values=[[1, 2]]))
keep("number-ids", table(pa.list_(f32), pa.array([1.5]), values=[[1.0]]))
keep("time-ids", table(pa.list_(f32), pa.array([1], pa.timestamp("ms")), values=[[1.0]]))
keep("nested", pa.table({"embedding": pa.array([[[1.0]]], pa.list_(pa.list_(f32)))}))
keep("scalars", pa.table({"embedding": pa.array([1.0], f32)}))

print(json.dumps({"rows": rows.tolist(), "names": names, "files": cases}, ensure_ascii=False, indent=1))
