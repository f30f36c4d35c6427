"""Prints optimizers.json: parameters after steps of PyTorch's optimizers (torch 1.13.1) on given gradients.

python make-optimizer-goldens.py > optimizers.json
"""

import json
import math

import torch

STEPS = 6
RATES = [0.1, 0.1, 0.05, 0.2, 0.01, 0.1]


def sines(count, offset):
    return [math.sin(offset + k) for k in range(count)]


def run(make, clip=None):
    weight = torch.tensor(sines(4, 0.3), dtype=torch.float64, requires_grad=True)
    bias = torch.tensor(sines(2, 1.3), dtype=torch.float64, requires_grad=True)
    optimizer = make(weight, bias)
    base = [group["lr"] for group in optimizer.param_groups]
    norms = []
    for step in range(STEPS):
        for group, rate in zip(optimizer.param_groups, base):
            group["lr"] = RATES[step] * rate
        weight.grad = torch.tensor(sines(4, 2.0 * step), dtype=torch.float64)
        bias.grad = torch.tensor(sines(2, 2.0 * step + 0.5), dtype=torch.float64)
        if clip:
            norms.append(torch.nn.utils.clip_grad_norm_([weight, bias], clip).item())
        optimizer.step()
    return {"weight": weight.tolist(), "bias": bias.tolist(), "norms": norms}


def both(optimizer, **options):
    return lambda weight, bias: optimizer([weight, bias], lr=1.0, **options)


def grouped(weight, bias):
    groups = [{"params": [weight], "lr": 1.0}, {"params": [bias], "lr": 2.0, "weight_decay": 0.0}]
    return torch.optim.SGD(groups, lr=1.0, momentum=0.9, weight_decay=0.05)


cases = {
    "sgd": run(both(torch.optim.SGD)),
    "sgd momentum decay": run(both(torch.optim.SGD, momentum=0.9, weight_decay=0.05)),
    "sgd nesterov": run(both(torch.optim.SGD, momentum=0.9, nesterov=True, weight_decay=0.05)),
    "sgd groups": run(grouped),
    "sgd clip": run(both(torch.optim.SGD, momentum=0.9), clip=1.5),
    "adam": run(both(torch.optim.Adam)),
    "adam decay": run(both(torch.optim.Adam, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.05)),
    "adam amsgrad": run(both(torch.optim.Adam, amsgrad=True, betas=(0.5, 0.6))),
    "adamW": run(both(torch.optim.AdamW)),
    "adamW decay": run(both(torch.optim.AdamW, weight_decay=0.3)),
}
print(json.dumps({"rates": RATES, "cases": cases}, indent=2))
