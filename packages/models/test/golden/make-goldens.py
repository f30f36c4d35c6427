"""Writes the golden files beside this script, one per family. What to install and how to run it: README.md here."""

import argparse
import json
import math
import pathlib
import re
import sys
import time
import zlib

import numpy as np
import torch

import references

HERE = pathlib.Path(__file__).parent
VALUES = 32
# The norm that ends a residual branch: small, so that maps do not grow from block to block.
LAST_NORM = re.compile(r"(^layer|^fish\.|blocks\.\d+\.[1-9]\d*\.).*bn3\.weight$")
# The same from the fifth block of a stage on: smaller, so that rounding does not grow from block to block either.
LATE_NORM = re.compile(r"^layer\d\.([4-9]|\d\d+)\.bn3\.weight$")


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


def scale_and_offset(name, shape):
    """The rule of fill, as README.md here gives it; ../reference-values.ts has the same."""
    if name.endswith(".p"):
        return 0, 3
    if len(shape) == 4:
        return math.sqrt(6 / (shape[1] * shape[2] * shape[3])), 0
    if len(shape) == 2:
        return math.sqrt(3 / shape[1]), 0
    if name.endswith(".running_var"):
        return 0.3, 1
    if LATE_NORM.search(name):
        return 0.02, 0.1
    if LAST_NORM.search(name):
        return 0.05, 0.25
    if name.endswith(".weight"):
        return (0.1, 0.25) if shape == (1,) else (0.2, 1)
    return 0.1, 0


def value_of(name, shape):
    scale, offset = scale_and_offset(name, shape)
    return (offset + scale * hashed_uniform(name, shape)).astype(np.float32)


def is_weight(name):
    return name.split(".")[-1] not in ("num_batches_tracked", "relative_position_index", "attn_mask")


def fill(reference):
    """Puts in the weights, computed once; statistics that a pass in training has moved go back."""
    if not hasattr(reference, "values"):
        state = reference.model.state_dict()
        reference.values = {n: torch.from_numpy(value_of(n, tuple(t.shape))) for n, t in state.items() if is_weight(n)}
    with torch.no_grad():
        for name, tensor in reference.model.state_dict().items():
            if name in reference.values:
                tensor.copy_(reference.values[name])
            elif name.endswith("num_batches_tracked"):
                tensor.zero_()


def skip_initialization():
    """Every weight is overwritten by fill."""
    for name in ("normal_", "uniform_"):
        setattr(torch.Tensor, name, lambda tensor, *_arguments, **_options: tensor)


def images_of(batch, size):
    """Noise, each image with a tint of its own."""
    noise = 2 * hashed_uniform("images", (batch, size, size, 3)) + 2 * hashed_uniform("tints", (batch, 1, 1, 3))
    return torch.from_numpy(noise.astype(np.float32)).permute(0, 3, 1, 2).contiguous()


def short(value):
    return float(f"{value:.8g}")


def digest(tensor):
    """A few values at even distances that visit all channels, and mean and root mean square of all."""
    flat = tensor.detach().double().reshape(-1)
    every = max(1, flat.numel() // VALUES)
    while math.gcd(every, tensor.shape[-1]) > 1:
        every -= 1
    return {
        "shape": list(tensor.shape),
        "every": every,
        "values": [short(v) for v in flat[::every][:VALUES].tolist()],
        "mean": short(flat.mean().item()),
        "rms": short(flat.square().mean().sqrt().item()),
    }


def error_between(expected, actual):
    """The measure of ../against-golden.ts."""
    errors = [abs(a - b) for a, b in zip(expected["values"], actual["values"])]
    rms = expected["rms"]
    return max(max(errors) / rms, abs(expected["mean"] - actual["mean"]) / rms, abs(actual["rms"] / rms - 1))


def set_mode(model, training):
    """Batch norm in training as asked for; dropout and stochastic depth always off."""
    model.train(training)
    for module in model.modules():
        if "drop" in type(module).__name__.lower():
            module.eval()


def forward(reference, training, images):
    model = reference.model
    fill(reference)
    set_mode(model, training)
    with torch.no_grad():
        levels, inside = reference.levels(images)
    result = {"levels": [digest(level) for level in levels]}
    if inside:
        result["inside"] = {name: digest(tensor) for name, tensor in inside.items()}
    if training:
        # Batch norms that the maps do not pass keep their fill.
        state = model.state_dict()
        names = [n[: -len(".running_mean")] for n in state if n.endswith(".running_mean")]
        names = [n for n in names if state[f"{n}.num_batches_tracked"] == 1]
        names = [n for n in names if not (reference.classifier and n.startswith(reference.classifier))]
        chosen = [f"{n}.{part}" for n in dict.fromkeys((names[:1] + names[-1:])) for part in ("running_mean", "running_var")]
        result["statistics"] = {n: digest(state[n]) for n in chosen}
    return result


def run(reference, training, batch, size):
    images = images_of(batch, size)
    reference.model.float()
    single = forward(reference, training, images)
    reference.model.double()
    golden = forward(reference, training, images.double())
    pairs = [*zip(golden["levels"], single["levels"])]
    pairs += [(d, single["statistics"][n]) for n, d in golden.get("statistics", {}).items()]
    error = max(error_between(*pair) for pair in pairs)
    return {"batch": batch, "size": size, "float32Error": float(f"{error:.1e}"), **golden}


def gradient(reference, batch, size, extra):
    """Norms of the gradients of mean(last level · direction), batch norm with its running statistics."""
    model = reference.model.double()
    fill(reference)
    set_mode(model, False)
    model.zero_grad()
    levels, _ = reference.levels(images_of(batch, size).double())
    direction = torch.from_numpy(hashed_uniform("direction", tuple(levels[-1].shape)).astype(np.float32))
    (levels[-1] * direction).mean().backward()
    parameters = {n: p for n, p in model.named_parameters() if p.grad is not None}
    names = list(parameters)
    chosen = [names[round(i * (len(names) - 1) / 9)] for i in range(10)]
    chosen += [n for n in extra if n not in chosen]
    return {
        "batch": batch,
        "size": size,
        "levels": [digest(level) for level in levels],
        "gradients": {
            n: {"shape": list(parameters[n].shape), "norm": short(parameters[n].grad.norm().item())} for n in chosen
        },
    }


def shapes_of(reference):
    state = {n: list(t.shape) for n, t in reference.model.state_dict().items() if is_weight(n)}
    classifier = [n for n in state if n.startswith(reference.classifier)] if reference.classifier else []
    pairs = sorted([n, s] for n, s in state.items() if n not in classifier)
    return {
        "names": len(pairs),
        "values": sum(math.prod(s) for _, s in pairs),
        "crc32": zlib.crc32(json.dumps(pairs, separators=(",", ":")).encode()),
        "classifier": [*classifier, *reference.absent],
    }


def make(variant):
    """The shapes and the cases of one variant."""
    start = time.time()
    reference = variant.build()
    cases = {}
    for mode, at in (("inference", variant.inference), ("training", variant.training)):
        if at:
            case = cases[f"{variant.name}.{mode}"] = run(reference, mode == "training", *at)
            rms = " ".join(f"{level['rms']:.3g}" for level in case["levels"])
            flag = "  TOO LARGE" if case["float32Error"] > 5e-5 else ""
            print(f"{variant.name}.{mode}: error {case['float32Error']:.1e}{flag}, rms {rms}", file=sys.stderr)
    if variant.gradient:
        cases[f"{variant.name}.gradient"] = gradient(reference, *variant.gradient)
    print(f"{variant.name}: {time.time() - start:.1f} s", file=sys.stderr)
    return {variant.name: shapes_of(reference)}, cases


def text_of(golden):
    lines = {part: ",\n".join(f'    "{k}": {json.dumps(v)}' for k, v in entries.items())
             for part, entries in golden.items()}
    return "{\n" + ",\n".join(f'  "{part}": {{\n{body}\n  }}' for part, body in lines.items()) + "\n}\n"


def update(family, only):
    """Makes the variants asked for and writes the family's file after each; others keep what the file has."""
    path = HERE / f"{family}.json"
    variants = list(references.families()[family])
    old = json.loads(path.read_text()) if path.exists() else {}
    golden = {part: old.get(part, {}) for part in ("shapes", "cases")}
    for variant in variants:
        if only and variant.name not in only:
            continue
        shapes, cases = make(variant)
        golden["shapes"].update(shapes)
        golden["cases"] = {k: v for k, v in golden["cases"].items() if k.rsplit(".", 1)[0] != variant.name} | cases
        order = {v.name: i for i, v in enumerate(variants)}
        golden["shapes"] = {k: golden["shapes"][k] for k in order if k in golden["shapes"]}
        kept = [k for k in golden["cases"] if k.rsplit(".", 1)[0] in order]
        kept.sort(key=lambda k: order[k.rsplit(".", 1)[0]])
        golden["cases"] = {k: golden["cases"][k] for k in kept}
        path.write_text(text_of(golden))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("families", nargs="*", help="all, where none is given")
    parser.add_argument("--only", nargs="*", default=[], help="variants; the others stay as they are")
    options = parser.parse_args()
    skip_initialization()
    for family in options.families or references.families():
        update(family, options.only)
