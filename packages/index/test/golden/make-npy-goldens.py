"""Prints npy.json: files that numpy.save writes, in base64, and the numbers that they hold.

    python make-npy-goldens.py > npy.json

Takes Python 3.11 with numpy 2.4.6. "refused" are files of numpy that are no rows of float numbers, or not in C order.
"""

import base64
import io
import json
import warnings

import numpy as np
from numpy.lib import format as npy_format


def saved(array, version=None):
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        npy_format.write_array(file, array, version=version)
    return base64.b64encode(file.getvalue()).decode()


def case(name, array, version=None):
    with np.errstate(over="ignore"):
        floats = array.astype("<f4")
    return {
        "name": name,
        "rows": array.shape[0],
        "columns": array.shape[1],
        "dtype": array.dtype.name,
        # As bits, for JSON has no infinities.
        "floatBits": floats.view("<u4").ravel().tolist(),
        "halfBits": array.view("<u2").ravel().tolist() if array.dtype == "f2" else None,
        "file": saved(array, version),
    }


def main():
    random = np.random.default_rng(7)
    normal = random.standard_normal((5, 7))
    halves = np.array([[0, -0.0, 1, -2.5], [65504, 2**-24, 2**-14 - 2**-24, 2**-14], [np.inf, -np.inf, 0.1, 1 / 3]], "<f2")
    doubles = np.array([[0.1, -0.0, 1 / 3], [3.4028234663852886e38, 1e-45, 2**-149 * 1.5], [np.inf, -np.inf, 1 + 2**-24]])
    cases = [
        case("float32", normal.astype("<f4")),
        case("float16", normal.astype("<f2")),
        case("float64", normal),
        case("corners of float16", halves),
        case("corners of float64", doubles),
        case("one column", np.arange(3, dtype="<f4")[:, None]),
        case("no rows", np.zeros((0, 3), "<f4")),
        case("version 2", normal.astype("<f4"), (2, 0)),
        case("version 3", normal.astype("<f4"), (3, 0)),
    ]
    refused = {
        "columns first": saved(np.asfortranarray(normal.astype("<f4"))),
        "big-endian": saved(normal.astype(">f4")),
        "int64": saved(np.arange(6).reshape(2, 3)),
        "int8": saved(np.arange(6, dtype="i1").reshape(2, 3)),
        "truth values": saved(np.ones((2, 3), bool)),
        "one dimension": saved(np.arange(6, dtype="<f4")),
        "no dimension": saved(np.array(1, "<f4")),
        "records": saved(np.zeros((2, 3), [("x", "<f4"), ("y", "<f4")])),
        "beyond float32": saved(np.array([[0, 1], [2, 1e39]])),
    }
    print(json.dumps({"numpy": np.__version__, "cases": cases, "refused": refused}, indent=1))


main()
