"""Arrow files and streams as pyarrow writes them: python make-arrow-goldens.py > arrow.json

Written with pyarrow 26.0.1 and numpy 2.4.6.
"""

import base64
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather

# Exact in float16; 5 rows of 4.
rows = np.arange(-10, 10, dtype=np.float32).reshape(5, 4) / 8
names = ["a", "b", "ü", "d", ""]
values = rows.tolist()
cases = {}


def keep(name, table, stream=False, chunk=None, **options):
    file = io.BytesIO()
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(file, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=chunk)
    cases[name] = base64.b64encode(file.getvalue()).decode()


def table(kind, ids=None, values=values):
    columns = {"embedding": pa.array(values, kind)}
    if ids is not None:
        columns["id"] = ids
    return pa.table(columns)


f16, f32, f64 = pa.float16(), pa.float32(), pa.float64()
texts = pa.array(names)
flat16 = pa.array(rows.astype(np.float16).reshape(-1))
keep("fixed-float32", table(pa.list_(f32, 4), texts))
keep("fixed-float64", table(pa.list_(f64, 4), texts))
keep("fixed-float16", pa.table({"embedding": pa.FixedSizeListArray.from_arrays(flat16, 4), "id": texts}))
keep("list-float32", table(pa.list_(f32), texts))
keep("list-float64", table(pa.list_(f64), texts))
keep("batches-of-two", table(pa.list_(f32, 4), texts), chunk=2)
keep("lists-in-batches", table(pa.list_(f32), texts), chunk=2)
keep("sliced", table(pa.list_(f32), pa.array(["x"] + names), [[9.0]] + values).slice(1))
keep("stream", table(pa.list_(f32, 4), texts), stream=True, chunk=2)
keep("legacy-stream", table(pa.list_(f32, 4), texts), stream=True, use_legacy_format=True)
keep("large-texts", table(pa.list_(f32, 4), pa.array(names, pa.large_string())))
keep("dictionary", table(pa.list_(f32, 4), texts.dictionary_encode()), chunk=2)
keep("dictionary-stream", table(pa.list_(f32, 4), texts.dictionary_encode()), stream=True, chunk=2)
keep("int32-ids", table(pa.list_(f32, 4), pa.array([5, 4, -3, 2, 1], pa.int32())))
keep("int64-ids", table(pa.list_(f32, 4), pa.array([5, 4, -3, 2, 1], pa.int64())))
keep("wide-ids", table(pa.list_(f32, 4), pa.array([2**60 + 1, 4, -3, 2, 1], pa.int64())))
file = io.BytesIO()
feather.write_feather(table(pa.list_(f32), texts), file, compression="uncompressed")
cases["feather"] = base64.b64encode(file.getvalue()).decode()

keep("not-finite", table(pa.list_(f32), values=[[float("nan"), float("inf")], [-0.0, 1e-45]]))
keep("compressed", table(pa.list_(f32, 4)), compression="lz4")
keep("null-row", table(pa.list_(f32), values=values[:3] + [None] + values[4:]), chunk=2)
keep("fixed-null-row", table(pa.list_(f32, 4), values=values[:3] + [None] + values[4:]), chunk=2)
keep("null-number", table(pa.list_(f32, 4), values=values[:3] + [[1, 2, None, 4]] + values[4:]))
keep("short-row", table(pa.list_(f32), values=values[:3] + [[1, 2]] + values[4:]), chunk=2)
keep("empty-first", table(pa.list_(f32), values=[[]] + values[1:]))
keep("null-first", table(pa.list_(f32), values=[None] + values[1:]))
keep("null-id", table(pa.list_(f32), pa.array(["a", "b", None, "d", "e"])))
keep("huge", table(pa.list_(f64), values=[[1.0], [1e300]]))
keep("no-rows", table(pa.list_(f32), values=[]))
keep("integers", table(pa.list_(pa.int32()), values=[[1]]))
keep("nested", table(pa.list_(pa.list_(f32)), values=[[[1.0]]]))
keep("number-ids", table(pa.list_(f32), pa.array([1.5]), values=[[1.0]]))
keep("large-list", table(pa.large_list(f32), texts))

print(json.dumps({"rows": values, "names": names, "files": cases}, ensure_ascii=False, indent=1))
