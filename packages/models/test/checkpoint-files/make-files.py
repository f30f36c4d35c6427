"""Makes the small checkpoint files beside this script and golden/expected.json, which says what they hold.

Run with Python 3.11, torch 1.13, numpy 1.26, onnx 1.23: python make-files.py
"""

import argparse
import collections
import datetime
import io
import json
import pathlib
import pickle
import struct
import tarfile

import numpy as np
import onnx
import torch
from onnx import TensorProto, external_data_helper, helper, numpy_helper

here = pathlib.Path(__file__).parent
expected = {}


def ramp(*shape, dtype=torch.float32):
    count = int(np.prod(shape))
    return (torch.arange(count, dtype=torch.float64) / 4 - 1).reshape(shape).to(dtype)


def note(name, arrays, form, values=None, skipped=(), metadata=None):
    expected[name] = {
        "format": form,
        "arrays": {
            key: {"shape": list(array.shape), "values": np.asarray(array, np.float64).reshape(-1).tolist()}
            for key, array in arrays.items()
        },
        "values": values or {},
        "skipped": list(skipped),
        "metadata": metadata or {},
    }


def as_numpy(state):
    return {key: value.detach().to(torch.float64).numpy() for key, value in state.items()}


def save(name, value, arrays, form="pytorch", values=None, skipped=(), **options):
    torch.save(value, here / name, **options)
    note(name, as_numpy(arrays), form, values, skipped)


legacy = {"_use_new_zipfile_serialization": False}

network = torch.nn.Sequential(torch.nn.Conv2d(2, 3, (2, 1)), torch.nn.BatchNorm2d(3))
with torch.no_grad():
    for parameter in network.parameters():
        parameter.copy_(ramp(*parameter.shape))
state = network.state_dict()
save("state-dict.pth", state, state)
save("state-dict-legacy.pth", state, state, "pytorch-legacy", **legacy)
for protocol in (3, 4, 5):
    save(f"protocol-{protocol}.pth", state, state, pickle_protocol=protocol)
    save(f"protocol-{protocol}-legacy.pth", state, state, "pytorch-legacy", pickle_protocol=protocol, **legacy)

kinds = {
    "float64": ramp(2, 3, dtype=torch.float64),
    "float16": torch.tensor([0.5, -2, 65504, 2**-24, -0.0], dtype=torch.float16),
    "bfloat16": torch.tensor([1.5, -3, 1e30], dtype=torch.bfloat16),
    "int64": torch.tensor([0, -5, 2**24, 2**40]),
    "int32": torch.tensor([7, -(2**24)], dtype=torch.int32),
    "int16": torch.tensor([-32768, 32767], dtype=torch.int16),
    "int8": torch.tensor([-128, 127], dtype=torch.int8),
    "uint8": torch.tensor([0, 255], dtype=torch.uint8),
    "bool": torch.tensor([True, False, True]),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 4),
}
inexact = {"int64_inexact": torch.tensor([2**24 + 1]), "int32_inexact": torch.tensor([-(2**24) - 1], dtype=torch.int32)}
save("dtypes.pth", {**kinds, **inexact, "complex": torch.zeros(2, dtype=torch.complex64)}, kinds,
     skipped=[*inexact, "complex"])
save("dtypes-legacy.pth", {**kinds, **inexact}, kinds, "pytorch-legacy", skipped=list(inexact), **legacy)

base = ramp(4, 6)
views = {
    "whole": base,
    "rows": base[1:3],
    "columns": base[:, 2:5:2],
    "transposed": base.t(),
    "expanded": base[0, :1].expand(3, 2),
    "channels_last": ramp(2, 3, 2, 2).contiguous(memory_format=torch.channels_last),
    "half_columns": ramp(3, 4, dtype=torch.float16)[:, 1:3],
    "double_transposed": ramp(3, 2, dtype=torch.float64).t(),
    "byte_transposed": torch.arange(6, dtype=torch.uint8).reshape(2, 3).t(),
    "tied": base,
}
save("views.pth", views, views)
save("views-legacy.pth", views, views, "pytorch-legacy", **legacy)

optimizer = torch.optim.Adam(network.parameters())
network(ramp(2, 2, 3, 3)).sum().backward()
optimizer.step()
state = network.state_dict()
training = {
    "epoch": 7,
    "arch": "resnet50",
    "best": 0.75,
    "finished": False,
    "nothing": None,
    "numpy_best": np.float64(0.125),
    "numpy_step": np.int64(-3),
    "history": collections.defaultdict(list, {"loss": [1.0, 0.5]}),
    "milestones": collections.Counter([3, 5, 5]),
    "seen": {1, 2},
    "frozen": frozenset([3]),
    "size": torch.Size([1, 2]),
    "device": torch.device("cpu"),
    "dtype": torch.float16,
    "slice": slice(1, 2),
    "complex": complex(1, 2),
    "blob": b"\x00\xff",
    "long": 2**80,
    "path": pathlib.PurePosixPath("a/b"),
    "date": datetime.datetime(2021, 9, 1),
    "args": argparse.Namespace(lr=0.1, name="x", nested=argparse.Namespace(a=[1])),
    "mean": np.array([0.5, 0.25], np.float32),
    "names": np.array(["a", "bc"]),
    "objects": np.array([None, 1], object),
    "state_dict": collections.OrderedDict(("module." + key, value) for key, value in state.items()),
    "optimizer": optimizer.state_dict(),
    "__proto__": 1,
    "constructor": "x",
}
values = {
    "epoch": 7, "arch": "resnet50", "best": 0.75, "finished": False, "nothing": None,
    "numpy_best": 0.125, "numpy_step": -3, "__proto__": 1, "constructor": "x",
}
save("training.tar", training, training["state_dict"], values=values)
save("training-legacy.tar", training, training["state_dict"], "pytorch-legacy", values=values, **legacy)
save("training-protocol-4.tar", training, training["state_dict"], values=values, pickle_protocol=4)

with_attribute = torch.nn.Parameter(ramp(2))
with_attribute.no_decay = True
odd = {
    "attribute": with_attribute,
    "fortran": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
    "big_endian": np.array([1.5, -2], ">f8"),
    "half": np.array([0.5], np.float16),
    "text": np.array(["a"]),
    "__proto__": ramp(1),
    "constructor": ramp(2),
}
torch.save({"ema": odd}, here / "odd.pth")
note("odd.pth", {k: np.asarray(v.detach() if torch.is_tensor(v) else v) for k, v in odd.items() if k != "text"},
     "pytorch", {}, ["text"])


def big_endian():
    """A file as a big-endian machine writes it."""
    import zipfile
    tensor = ramp(2, 2)
    torch.save({"w": tensor, "h": tensor.half()}, here / "big-endian.pth")
    source = zipfile.ZipFile(here / "big-endian.pth")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for entry in source.namelist():
            data = source.read(entry)
            if entry.endswith("data/0"):
                data = np.frombuffer(data, "<f4").astype(">f4").tobytes()
            if entry.endswith("data/1"):
                data = np.frombuffer(data, "<f2").astype(">f2").tobytes()
            archive.writestr(entry, data)
        archive.writestr("big-endian/byteorder", "big")
    source.close()
    (here / "big-endian.pth").write_bytes(target.getvalue())
    note("big-endian.pth", as_numpy({"w": tensor, "h": tensor}), "pytorch")
    compressed = io.BytesIO()
    torch.save({"w": tensor}, target := io.BytesIO())
    source = zipfile.ZipFile(target)
    with zipfile.ZipFile(compressed, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in source.namelist():
            archive.writestr(entry, source.read(entry))
    (here / "deflated.pth").write_bytes(compressed.getvalue())
    assert torch.equal(torch.load(here / "deflated.pth")["w"], tensor)
    note("deflated.pth", as_numpy({"w": tensor}), "pytorch")


big_endian()


def first_tar():
    """The layout that torch.load calls the legacy tar file, of PyTorch before 0.1.10."""
    def dump(*values):
        return b"".join(pickle.dumps(value, protocol=2) for value in values)

    weight = ramp(2, 3).numpy()
    storages = dump(2, (11, "cpu", torch.FloatStorage)) + struct.pack("<q", 6) + weight.tobytes()
    storages += dump((12, "cpu", torch.LongStorage)) + struct.pack("<qq", 1, 5)
    storages += dump([(13, 11, 3, 3)])
    tensors = dump(3)
    for key, storage, shape, stride in ((1, 11, (3, 2), (1, 3)), (2, 12, (1,), (1,)), (3, 13, (3,), (1,))):
        tensors += dump((key, storage, torch.FloatTensor))
        tensors += struct.pack("<ii", len(shape), 0)
        tensors += struct.pack(f"<{2 * len(shape)}q", *shape, *stride) + struct.pack("<q", 0)

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return value.key if isinstance(value, Key) else None

    class Key:
        def __init__(self, key):
            self.key = str(key)

    body = io.BytesIO()
    Pickler(body, protocol=2).dump({"state_dict": {"w": Key(1), "steps": Key(2), "row": Key(3)}, "epoch": 2})
    with tarfile.open(here / "first.tar", "w:", format=tarfile.PAX_FORMAT) as archive:
        for name, data in (("storages", storages), ("tensors", tensors), ("pickle", body.getvalue())):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    loaded = torch.load(here / "first.tar")["state_dict"]
    assert torch.equal(loaded["w"], torch.from_numpy(weight).t()) and loaded["row"].tolist() == weight[1].tolist()
    note("first.tar", as_numpy(loaded), "pytorch-legacy", {"epoch": 2})


first_tar()


def safetensors_file():
    arrays = {"b": np.float32([1, 2.5]), "a": np.float64([[0.5]]), "h": np.float16([2]), "i": np.int64([2**24 + 1]),
              "u": np.uint8([9]), "none": np.zeros((0, 2), np.float32), "bf": np.uint16([0x3FC0])}
    names = {"float32": "F32", "float64": "F64", "float16": "F16", "int64": "I64", "uint8": "U8", "uint16": "BF16"}
    header, data = {"__metadata__": {"format": "pt", "__proto__": "x"}}, b""
    for key, array in arrays.items():
        header[key] = {"dtype": names[str(array.dtype)], "shape": list(array.shape),
                       "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (here / "all.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    del arrays["i"]
    note("all.safetensors", {**arrays, "bf": np.float32([1.5])}, "safetensors", {}, ["i"],
         {"format": "pt", "__proto__": "x"})


safetensors_file()


def onnx_files():
    half = np.float16([0.5, -4])
    typed = [
        helper.make_tensor("float_data", TensorProto.FLOAT, [2], [0.5, -1]),
        helper.make_tensor("double_data", TensorProto.DOUBLE, [1, 2], [0.25, 3]),
        helper.make_tensor("int64_data", TensorProto.INT64, [3], [1, -2, 2**24]),
        helper.make_tensor("int32_data", TensorProto.INT32, [2], [-7, 9]),
        helper.make_tensor("int8_data", TensorProto.INT8, [2], [-7, 9]),
        helper.make_tensor("uint8_data", TensorProto.UINT8, [2], [200, 9]),
        helper.make_tensor("bool_data", TensorProto.BOOL, [2], [True, False]),
        helper.make_tensor("float16_data", TensorProto.FLOAT16, [2], half),
        helper.make_tensor("bfloat16_data", TensorProto.BFLOAT16, [2], [1.5, -2]),
        helper.make_tensor("scalar", TensorProto.FLOAT, [], [4]),
        numpy_helper.from_array(half, "float16_raw"),
        numpy_helper.from_array(np.float32([[1, 2], [3, 4]]), "raw"),
    ]
    arrays = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64) for tensor in typed}
    skipped = [numpy_helper.from_array(np.int64([2**50 + 1]), "large"),
               helper.make_tensor("text", TensorProto.STRING, [1], ["a"])]
    graph = helper.make_graph([helper.make_node("Identity", ["raw"], ["out"])], "g", [],
                              [helper.make_tensor_value_info("out", TensorProto.FLOAT, [2, 2])], typed + skipped)
    model = helper.make_model(graph, producer_name="make-files")
    helper.set_model_props(model, {"note": "n", "__proto__": "x"})
    onnx.save(model, here / "typed.onnx")
    note("typed.onnx", arrays, "onnx", {}, ["large", "text"], {"note": "n", "__proto__": "x"})

    outside = {"w": np.float32([[1, 2, 3]]), "v": np.int32([4, 5])}
    tensors = [numpy_helper.from_array(value, key) for key, value in outside.items()]
    graph = helper.make_graph([helper.make_node("Identity", ["w"], ["out"])], "g", [],
                              [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3])], tensors)
    model = helper.make_model(graph)
    (here / "external.onnx.data").unlink(missing_ok=True)
    external_data_helper.convert_model_to_external_data(model, location="external.onnx.data", size_threshold=0)
    onnx.save(model, here / "external.onnx")
    note("external.onnx", outside, "onnx")


onnx_files()
(here / "golden" / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
