"""Writes gnd_roxford5k and gnd_oxford5k, tiny ground truths in the structure of the published ones, as .pkl and .json.

    python make-revisited-files.py && npx biome check --write .

Run with Python 3.11 and NumPy 1.26.4. The pickle of oxford5k holds NumPy arrays where the JSON has lists.
"""

import json
import pickle
from pathlib import Path

import numpy as np

here = Path(__file__).parent
images = [f"oxford_{i:06d}" for i in range(6)]
queries = ["all_souls_000013", "oxford_002985"]
boxes = [[136.5, 34.1, 648.5, 955.7], [1, 2, 3, 4]]
revisited = [
    {"bbx": boxes[0], "easy": [1, 3], "hard": [0], "junk": [2]},
    {"bbx": boxes[1], "easy": [], "hard": [5, 4], "junk": [1]},
]
first = [{"bbx": boxes[0], "ok": [1, 3], "junk": [2]}, {"bbx": boxes[1], "ok": [4], "junk": []}]
arrays = [
    {"bbx": np.array(e["bbx"]), "ok": np.array(e["ok"]), "junk": np.array(e["junk"], dtype=np.int32)} for e in first
]


def write(name, gnd, pickled, protocol):
    lists = {"imlist": images, "qimlist": queries}
    (here / f"gnd_{name}.json").write_text(json.dumps({**lists, "gnd": gnd}) + "\n")
    (here / f"gnd_{name}.pkl").write_bytes(pickle.dumps({"gnd": pickled, **lists}, protocol=protocol))


write("roxford5k", revisited, revisited, 2)
write("oxford5k", first, arrays, 2)
