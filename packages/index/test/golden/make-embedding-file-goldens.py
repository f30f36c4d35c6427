"""Prints embedding-files-v1.json: embedding files of version 1, made from docs/embedding-files.md alone.

    python make-embedding-file-goldens.py > embedding-files-v1.json

Takes Python 3.11 with numpy 2.4.6. Each file is compressed (zlib) and in base64, for its header is mostly zeros.
"""

import base64
import hashlib
import json
import struct
import zlib

import numpy as np

CHUNK = 262144


def checksum(data):
    return hashlib.sha256(data).digest()[:16]


def padded(data):
    return data + bytes(-len(data) % 64)


def is_hexadecimal(ids):
    digits = set("0123456789abcdef")
    return len({len(i) for i in ids}) == 1 and len(ids[0]) % 2 == 0 and all(set(i) <= digits for i in ids)


def embedding_file(numbers, scales=None, ids=None):
    rows, columns = numbers.shape
    kind = {"<f4": 0, "<f2": 1, "|i1": 2}[numbers.dtype.str]
    ends = text = b""
    id_kind = 0
    if ids is not None and rows > 0 and is_hexadecimal(ids):
        id_kind, text = 1, bytes.fromhex("".join(ids))
    elif ids is not None:
        id_kind = 2
        encoded = [i.encode() for i in ids]
        ends = np.cumsum([len(i) for i in encoded], dtype="<u8").tobytes()
        text = b"".join(encoded)

    body = b""
    starts = []
    for part in (numbers.tobytes(), b"" if scales is None else scales.tobytes(), ends, text):
        starts.append(4096 + len(body))
        body += padded(part)
    starts.append(4096 + len(body))
    checksums = b"".join(checksum(body[i : i + CHUNK]) for i in range(0, len(body), CHUNK))

    header = b"\x89LMKE\r\n\x1a"
    header += struct.pack("<IIQQ", 1, 0x01020304, 4096 + len(body) + len(checksums), rows)
    header += struct.pack("<IIIIQ", columns, kind, id_kind, CHUNK, len(text))
    header += struct.pack("<5Q", *starts) + checksum(checksums)
    header += bytes(4080 - len(header))
    return header + checksum(header) + body + checksums


def case(name, numbers, scales=None, ids=None):
    data = embedding_file(numbers, scales, ids)
    floats = numbers.astype("<f4") if scales is None else numbers.astype("<f4") * scales[:, None]
    return {
        "name": name,
        "rows": numbers.shape[0],
        "columns": numbers.shape[1],
        "dtype": {"<f4": "float32", "<f2": "float16", "|i1": "int8"}[numbers.dtype.str],
        "ids": ids,
        "numbers": numbers.astype("f8").ravel().tolist(),
        "scales": None if scales is None else scales.astype("f8").tolist(),
        "floats": floats.astype("f8").ravel().tolist(),
        "file": base64.b64encode(zlib.compress(data, 9)).decode(),
    }


def main():
    steps = np.arange(1, 16, dtype="<f4").reshape(5, 3)
    codes = np.arange(-60, 60, 6, dtype="i1").reshape(4, 5)
    long = (np.arange(70000) % 251 - 125).astype("<f4").reshape(700, 100)
    cases = [
        case("float32 without ids", (steps - 8) / 7),
        case("float16 with hexadecimal ids", (steps / 3 - 2).astype("<f2"), ids=["%016x" % (i**9 * 977) for i in range(5)]),
        case(
            "int8 with text ids",
            codes,
            np.array([1, 0.5, 0.0078125, 3.25], "<f4"),
            ["Eiffel Tower", "東京タワー", "a", "🗼 \ufeffx"],
        ),
        case("no rows", np.zeros((0, 4), "<f4")),
        case("no rows with ids", np.zeros((0, 4), "<f2"), ids=[]),
        case("two chunks", long),
    ]
    for one in cases[-1:]:
        # They follow from a formula: i % 251 - 125.
        del one["numbers"], one["floats"]
    print(json.dumps({"numpy": np.__version__, "cases": cases}, indent=1))


main()
