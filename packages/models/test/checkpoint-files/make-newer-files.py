"""Writes the files that only a newer PyTorch writes, and what they hold. README.md here says with which versions."""

import json
import pathlib

import numpy as np
import torch

here = pathlib.Path(__file__).parent
values = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 4 - 1
arrays = {
    "parameter": torch.nn.Parameter(values),
    "buffer": torch.nn.Buffer(values + 1),
    "view": values[1:, ::2],
    "bfloat16": values.bfloat16(),
    "half": values.half(),
    "scalar": torch.tensor(3.5),
    "empty": torch.empty(0, 3),
}
skipped = {
    "float8": values.to(torch.float8_e4m3fn),
    "negated": torch._neg_view(values),
    "complex": torch.complex(values, values),
}
numpy_array = np.asfortranarray(np.arange(6, dtype=np.float64).reshape(2, 3))
state = {**arrays, **skipped, "numpy": numpy_array}
shown = {name: tensor.detach().float().numpy() for name, tensor in arrays.items()} | {"numpy": numpy_array}
expected = {}


def write(name, form, **options):
    torch.save({"model": state, "epoch": 3, "best": np.float64(0.5)}, here / name, **options)
    expected[name] = {
        "format": form,
        "arrays": {
            key: {"shape": list(array.shape), "values": np.asarray(array, np.float64).reshape(-1).tolist()}
            for key, array in shown.items()
        },
        "values": {"epoch": 3, "best": 0.5},
        "skipped": list(skipped),
        "metadata": {},
    }


write("torch-2.5.pth", "pytorch")
write("torch-2.5-protocol-5.pth", "pytorch", pickle_protocol=5)
write("torch-2.5-legacy.pth", "pytorch-legacy", _use_new_zipfile_serialization=False)
(here / "golden" / "expected-newer.json").write_text(json.dumps(expected) + "\n")
