"""Writes alike-sizes.json: ALIKE's maps of images whose sides 32 does not divide, as its authors' code pads them.

    python make-alike-goldens.py FOLDER

FOLDER holds the authors' repository with alike.py. Weights and images are the integer hash of make-goldens.py beside it, in
float64; descriptors are of length 1, as the authors' `extract_dense_map` gives them.
"""

import importlib.util
import json
import pathlib
import sys
import types

import torch

here = pathlib.Path(__file__).parent
sys.path[:0] = [sys.argv[1], str(here)]
from alike import ALike

spec = importlib.util.spec_from_file_location("make_goldens", here / "make-goldens.py")
goldens = importlib.util.module_from_spec(spec)
spec.loader.exec_module(goldens)

model = ALike(8, 16, 32, 64, 64, True).eval()
goldens.fill(types.SimpleNamespace(model=model))
model = model.double()
cases = []
for height, width in [(33, 50), (64, 40), (20, 31), (96, 32)]:
    images = torch.from_numpy(goldens.hashed_uniform("images", (1, height, width, 3))).permute(0, 3, 1, 2)
    with torch.no_grad():
        descriptors, scores = model.extract_dense_map(images)
    maps = {"scores": scores, "descriptors": descriptors}
    digests = {name: goldens.digest(tensor.permute(0, 2, 3, 1)) for name, tensor in maps.items()}
    cases.append({"height": height, "width": width, **digests})
lines = ",\n".join(f"  {json.dumps(case)}" for case in cases)
(here / "alike-sizes.json").write_text(f"[\n{lines}\n]\n")
