"""Writes the golden files beside this script with torchvision. How to run it: README.md in this folder."""

import json
import pathlib
import zlib

import numpy as np
import torch
from torch import nn
from torchvision.models import resnet

HERE = pathlib.Path(__file__).parent
SIZE = 64


def hashed_uniform(name, shape):
    """Numbers in [-1, 1) that depend on a name and a position alone; ../reference-values.ts computes the same."""
    size = int(np.prod(shape, dtype=np.int64))
    with np.errstate(over="ignore"):
        x = np.arange(size, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(zlib.crc32(name.encode()))
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> np.uint32(13)
        x *= np.uint32(0xC2B2AE35)
        x ^= x >> np.uint32(16)
    return (x.astype(np.float64) / 2**31 - 1).reshape(shape)


def value_of(name, shape):
    u = hashed_uniform(name, shape)
    if name == "pooling.p":
        return np.full(shape, 3.0)
    if len(shape) == 4:
        return u * np.sqrt(6 / (shape[0] * shape[2] * shape[3]))
    if len(shape) == 2:
        return u * np.sqrt(6 / (shape[0] + shape[1]))
    if name.endswith(".running_var"):
        return 1 + 0.3 * u
    if name.endswith(".weight"):
        return 1 + 0.2 * u
    return 0.1 * u


class Gem(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.full((1,), 3.0))

    def forward(self, x):
        return x.clamp(min=1e-6).pow(self.p).mean((2, 3)).pow(1 / self.p)


class Network(nn.Module):
    """torchvision's blocks at any width, under torchvision's names; a GeM pooling and a neck where asked for."""

    def __init__(self, block, depths, width, dimension):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        for stage, depth in enumerate(depths):
            base, stride, blocks = width * 2**stage, 2 if stage else 1, []
            for index in range(depth):
                step = stride if index == 0 else 1
                outputs = base * block.expansion
                shortcut = None
                if step != 1 or inputs != outputs:
                    shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, step, bias=False), nn.BatchNorm2d(outputs))
                blocks.append(block(inputs, base, step, shortcut))
                inputs = outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        if dimension:
            self.pooling = Gem()
            self.neck = nn.ModuleDict({"fc": nn.Linear(inputs, dimension), "bn": nn.BatchNorm1d(dimension)})

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = nn.functional.max_pool2d(x, 3, 2, 1)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        if not hasattr(self, "neck"):
            return x.permute(0, 2, 3, 1)
        return self.neck["bn"](self.neck["fc"](self.pooling(x)))


def torchvision_features(name):
    """torchvision's own network, cut before its average pooling."""
    model = getattr(resnet, name)(weights=None)

    class Features(nn.Module):
        def __init__(self):
            super().__init__()
            for child, module in model.named_children():
                if child not in ("avgpool", "fc"):
                    setattr(self, child, module)

        def forward(self, x):
            for module in self.children():
                x = module(x)
            return x.permute(0, 2, 3, 1)

    return Features()


def fill(model):
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(torch.from_numpy(value_of(name, tuple(tensor.shape))))


def digest(tensor):
    """A few values at even distances, and mean and root mean square of all."""
    flat = tensor.detach().double().reshape(-1)
    every = max(1, flat.numel() // 24)
    return {
        "shape": list(tensor.shape),
        "every": every,
        "values": [float(f"{v:.8g}") for v in flat[::every][:24].tolist()],
        "mean": float(f"{flat.mean().item():.8g}"),
        "rms": float(f"{flat.square().mean().sqrt().item():.8g}"),
    }


def run(model, batch, training, gradients=()):
    model.double()
    fill(model)
    model.train(training)
    noise = 2 * hashed_uniform("images", (batch, SIZE, SIZE, 3)) + 2 * hashed_uniform("tints", (batch, 1, 1, 3))
    images = torch.from_numpy(noise).permute(0, 3, 1, 2)
    output = model(images)
    golden = {"batch": batch, "size": SIZE, "output": digest(output)}
    if training:
        state = model.state_dict()
        names = [n for n in state if n.endswith(("running_mean", "running_var"))]
        golden["statistics"] = {n: digest(state[n]) for n in (names[0], names[1], names[-2], names[-1])}
    if gradients:
        direction = torch.from_numpy(hashed_uniform("direction", tuple(output.shape)))
        (output * direction).mean().backward()
        parameters = dict(model.named_parameters())
        golden["gradients"] = {
            n: {"shape": list(parameters[n].shape), "norm": float(f"{parameters[n].grad.double().norm().item():.8g}")}
            for n in gradients
        }
    return golden


BASIC = ["conv1.weight", "bn1.weight", "bn1.bias", "layer1.0.conv2.weight", "layer2.0.downsample.0.weight",
         "layer3.1.bn2.weight", "layer4.1.conv1.weight", "pooling.p", "neck.fc.weight", "neck.bn.bias"]
FROZEN = [n for n in BASIC if "bn" not in n]
BOTTLENECK = ["conv1.weight", "layer1.0.conv3.weight", "layer2.0.conv2.weight", "layer3.0.downsample.0.weight",
              "layer4.2.conv1.weight", "pooling.p", "neck.fc.weight", "neck.fc.bias"]

goldens = {
    "resnet18.eval": run(torchvision_features("resnet18"), 1, False),
    "resnet18.train": run(torchvision_features("resnet18"), 2, True),
    "resnet50.eval": run(torchvision_features("resnet50"), 1, False),
    "resnet18-width8-gem-16.eval": run(Network(resnet.BasicBlock, [2, 2, 2, 2], 8, 16), 2, False),
    "resnet18-width8-gem-16.train": run(Network(resnet.BasicBlock, [2, 2, 2, 2], 8, 16), 6, True, BASIC),
    "resnet18-width8-gem-16.frozen": run(Network(resnet.BasicBlock, [2, 2, 2, 2], 8, 16), 2, False, FROZEN),
    "resnet50-width8-gem-16.train": run(Network(resnet.Bottleneck, [3, 4, 6, 3], 8, 16), 6, True),
    "resnet50-width8-gem-16.frozen": run(Network(resnet.Bottleneck, [3, 4, 6, 3], 8, 16), 2, False, BOTTLENECK),
}
counts = {}
for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"):
    model = torchvision_features(name)
    shapes = {n: list(t.shape) for n, t in model.state_dict().items() if not n.endswith("num_batches_tracked")}
    counts[name] = {
        "names": len(shapes),
        "values": sum(int(np.prod(s)) for s in shapes.values()),
        "crc32": zlib.crc32(json.dumps(shapes, separators=(",", ":")).encode()),
    }
lines = {part: ",\n".join(f'    "{k}": {json.dumps(v)}' for k, v in cases.items())
         for part, cases in (("goldens", goldens), ("shapes", counts))}
text = ",\n".join(f'  "{part}": {{\n{body}\n  }}' for part, body in lines.items())
(HERE / "resnet.json").write_text(f"{{\n{text}\n}}\n")
