"""Writes files/<values>-<protocol>.pkl, the same values pickled in each protocol, and files/image-list.json.

    python make-pickles.py && npx biome check --write files

Run with Python 3.11 and NumPy 1.26.4; the files numpy2-*.pkl with NumPy 2.4.6: python make-pickles.py numpy2
"""

import json
import pickle
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np

folder = Path(__file__).parent / "files"
folder.mkdir(exist_ok=True)


def write(name, value, protocols=(0, 1, 2, 3, 4, 5)):
    for protocol in protocols:
        (folder / f"{name}-{protocol}.pkl").write_bytes(pickle.dumps(value, protocol=protocol))


arrays = {
    "int64": np.arange(-2, 4, dtype=np.int64).reshape(2, 3),
    "int32": np.array([1, -1], np.int32),
    "int16": np.array([300, -300], np.int16),
    "int8": np.array([-8, 8], np.int8),
    "uint8": np.array([0, 255], np.uint8),
    "uint16": np.array([65535], np.uint16),
    "uint32": np.array([2**32 - 1], np.uint32),
    "uint64": np.array([2**64 - 1], np.uint64),
    "float32": np.array([0.5, -1.25], np.float32),
    "float64": np.array([1e300, np.inf]),
    "bool": np.array([True, False]),
    "big endian": np.array([1, 258], ">i4"),
    "empty": np.zeros((0, 4), np.float32),
    "scalar int": np.int64(203093),
    "scalar float": np.float32(0.25),
    "scalar bool": np.bool_(True),
}

if sys.argv[1:] == ["numpy2"]:
    write("numpy2", arrays, (2, 4, 5))
    sys.exit()

shared = ["twice"]
containers = {
    "none": None,
    "booleans": [True, False],
    "integers": [0, 1, -1, 255, 256, 65535, 65536, -(2**31), 2**31, 2**53 - 1, -(2**53)],
    "large": [2**53, 2**63, -(2**63), 10**30, -(10**400)],
    "floats": [0.0, 1.5, -1e-300, 1e22, float("inf"), float("-inf")],
    "strings": ["", "plain", "Ærø\n\t'\"\\", "風景", "🗼", "x" * 300, "\x80\xff\u1234"],
    "bytes": [b"", b"\x00\xff\n", bytes(range(256)) * 2],
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "nested": [[[[]]], {"a": {"b": (None,)}}],
    "shared": [shared, shared],
    "ordered": OrderedDict([("z", 1), ("a", 2)]),
    "__proto__": {"constructor": 1, "__proto__": 2},
    3: {0: "zero", 1.5: "float", None: "none"},
    "set": {7},
    "frozenset": frozenset(["only"]),
    "many": list(range(2500)),
}
write("containers", containers)
write("numpy", arrays)

rows = [(f"gldv2/train/{i % 10}/a/b/{i:016x}.jpg", i // 2, i % 3 % 2, ["Europe", -1, "OTHER"][i % 3]) for i in range(40)]
rows.append(("query/tower.png", -1, 0, "null"))
rows.append(rows[3])
rows.append((rows[4][0], 9, 0, "Europe"))
write("image-list", rows, (0, 2, 4, 5))
(folder / "image-list.json").write_text(json.dumps(rows))
