"""Writes embedding-parts.json: poolings, necks, whitening and several scales as PyTorch and cirtorch compute them.

Usage: python make-part-goldens.py CIRTORCH
CIRTORCH is a copy of https://github.com/filipradenovic/cnnimageretrieval-pytorch.
"""

import json
import math
import sys
import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, sys.argv[1])
from cirtorch.layers import functional as cirtorch  # noqa: E402
from cirtorch.utils.whiten import pcawhitenlearn, whitenapply  # noqa: E402


def hashed(name, shape, factor=1.0, offset=0.0):
    with np.errstate(over="ignore"):
        x = np.arange(math.prod(shape), dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(zlib.crc32(name.encode()))
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        x = x ^ (x >> np.uint32(16))
    values = (offset + factor * (x.astype(np.float64) / 2**31 - 1)).astype(np.float32)
    return torch.from_numpy(values.astype(np.float64).reshape(shape))


def weight(name, shape):
    if len(shape) == 2:
        return hashed(name, shape, 0.7)
    if name.endswith("running_var"):
        return hashed(name, shape, 0.3, 1)
    return hashed(name, shape, 0.2, 1) if name.endswith(".weight") else hashed(name, shape, 0.1)


def numbers(x):
    return [float(f"{value:.7g}") for value in torch.as_tensor(x).detach().flatten().tolist()]


def pooling(pool, parameter=None, size=(7, 10)):
    x = hashed("features", (2, *size, 6), 1.0, 0.3).requires_grad_()
    y = pool(x.permute(0, 3, 1, 2)).reshape(2, 6)
    (y * hashed("direction", (2, 6))).sum().backward()
    golden = {"pooled": numbers(y), "norm": x.grad.norm().item()}
    return golden if parameter is None else {**golden, "power": numbers(parameter.grad)}


def neck(names, *layers):
    module = nn.Sequential(*layers).double()
    full = {key: ".".join([names[int(key.split(".")[0])], key.split(".")[1]]) for key in module.state_dict()}
    module.load_state_dict(
        {
            key: value if key.endswith("num_batches_tracked") else weight(full[key], value.shape)
            for key, value in module.state_dict().items()
        }
    )
    x = hashed("pooled", (5, 8))
    output = module.eval()(x)
    module.train()
    for layer in module:
        if isinstance(layer, nn.Dropout):
            layer.eval()
    x.requires_grad_()
    y = module(x)
    (y * hashed("direction", y.shape)).sum().backward()
    gradients = {full[key]: numbers(parameter.grad) for key, parameter in module.named_parameters()}
    return {"eval": numbers(output), "train": numbers(y), "input": numbers(x.grad), "gradients": gradients}


def whitening():
    x = hashed("vectors", (40, 5))
    x = (x / x.norm(dim=1, keepdim=True)).numpy().T
    mean, projection = pcawhitenlearn(x)
    whitened = [whitenapply(x[:, :3], mean, projection, dimension).T for dimension in (3, 5)]
    return {
        "mean": mean.ravel().tolist(),
        "projection": projection.ravel().tolist(),
        "whitened": [value.ravel().tolist() for value in whitened],
    }


def scales(factors, power, whole):
    """As cirtorch's extract_ms, of a network that gives mean squares of the colors plus 0.1, 0.2, 0.3."""
    image = hashed("images", (1, 5, 7, 3)).permute(0, 3, 1, 2)
    total = 0
    for factor in factors:
        size = [int(whole(side * factor)) for side in (5, 7)]
        resized = image if factor == 1 else F.interpolate(image, size=size, mode="bilinear", align_corners=False)
        vector = (resized**2).mean((2, 3)) + 0.1 * torch.arange(1, 4).double()
        total = total + cirtorch.l2n(vector).pow(power)
    merged = (total / len(factors)).pow(1 / power)
    return numbers(merged / merged.norm())


scalar = torch.tensor([2.5], dtype=torch.float64, requires_grad=True)
per_channel = hashed("powers", (6,), 1.0, 3.0).requires_grad_()
sizes = [(1, 1), (1, 5), (2, 3), (7, 7), (8, 12), (12, 8), (25, 18), (31, 13), (5, 40)]
goldens = {
    "poolings": {
        "spoc": pooling(cirtorch.spoc),
        "mac": pooling(cirtorch.mac),
        "gem": pooling(cirtorch.gem),
        "gemOne": pooling(lambda x: cirtorch.gem(x, p=scalar), scalar),
        "gemPerChannel": pooling(lambda x: cirtorch.gem(x, p=per_channel[:, None, None]), per_channel),
        "averageMax": pooling(lambda x: cirtorch.spoc(x) + cirtorch.mac(x)),
        "rmac": pooling(cirtorch.rmac),
    },
    "rmac": {f"{h}x{w}": pooling(cirtorch.rmac, size=(h, w))["pooled"] for h, w in sizes},
    "necks": {
        "linear": neck(["neck.fc", "neck.bn"], nn.Linear(8, 4), nn.BatchNorm1d(4)),
        "D": neck(["neck.0", "neck.1", "neck.2"], nn.Linear(8, 4), nn.BatchNorm1d(4), nn.PReLU()),
        "F": neck(
            ["neck.0", "neck.1", "neck.2", "neck.3"],
            *(nn.Dropout(0.3), nn.Linear(8, 4), nn.BatchNorm1d(4), nn.PReLU()),
        ),
        "X": neck(["neck.0", "neck.1"], nn.Linear(8, 4, bias=False), nn.BatchNorm1d(4)),
        "S": neck(["neck.0"], nn.Linear(8, 4), nn.SiLU()),
        "swish": neck(["feat"], nn.Linear(8, 4), nn.SiLU()),
        "fc": neck(["fcneck", "fcneck_bn"], nn.Linear(8, 4, bias=False), nn.BatchNorm1d(4)),
        "batchNorm": neck(["bottleneck"], nn.BatchNorm1d(8)),
    },
    "whitening": whitening(),
    "scales": {
        "radenovic": scales([1, 2**0.5, 0.5**0.5], 1, math.floor),
        "radenovicPower3": scales([1, 2**0.5, 0.5**0.5], 3, math.floor),
        "dolg": scales([0.3535, 0.5, 0.7071, 1, 1.4142], 1, round),
    },
}
Path(__file__).with_name("embedding-parts.json").write_text(json.dumps(goldens, indent=1) + "\n")
