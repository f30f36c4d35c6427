"""Prints adaptive.json: losses and gradients of the adaptive margin losses, by their authors' code in float64.

    python make-adaptive-goldens.py SOURCES > adaptive.json

SOURCES holds checkouts of
    HuangYG123/CurricularFace   68c8727    mk-minchul/AdaFace      c60eaa7
    IrvingMeng/MagFace          99bae61    fdbtrs/ElasticFace      5496ec0
    TinyZeaMays/CircleLoss      d002ecd
    WesleyZhang1991/Google_Landmark_Retrieval_2021_2nd_Place_Solution   684278e
Besides torch 1.13.1 and numpy it takes pytorch-metric-learning 2.8.1.
"""

import ast
import contextlib
import io
import json
import math
import sys
import typing
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from pytorch_metric_learning import losses as pml

torch.set_default_dtype(torch.float64)
SOURCES = Path(sys.argv[1])


def classes_of(path):
    """The classes and functions of a source file, without its imports of things not needed here."""
    tree = ast.parse((SOURCES / path).read_text())
    tree.body = [node for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    names = {"torch": torch, "nn": torch.nn, "F": F, "math": math, "np": np}
    names |= {"Module": torch.nn.Module, "Parameter": torch.nn.Parameter}
    names |= {"Tensor": torch.Tensor, "Tuple": typing.Tuple}
    exec(compile(tree, path, "exec"), names)
    return names


def float32(values):
    return np.asarray(values, dtype=np.float32).astype(np.float64)


# Cosines to the own class from 0.95 to −0.97, in an order whose sorting swaps neighbors, so that it is its own inverse.
COSINES = [0.8, 0.95, 0.5, 0.2, -0.5, -0.1, -0.97, -0.9]
LENGTHS = [25, 118, 47, 70, 12, 95, 3, 140]
LABELS = torch.tensor([3, 0, 3, 6, 0, 1, 2, 5])
DRAWS = torch.tensor(float32([0.4, -1.3, 0.9, -0.2, 1.7, 0.1, -0.8, 2.1]))
CLASSES, DIMENSION = 7, 6
WEIGHT = float32(np.sin(0.3 + np.arange(CLASSES * DIMENSION)).reshape(CLASSES, DIMENSION))


def embeddings():
    own = WEIGHT[LABELS.numpy()]
    own = own / np.linalg.norm(own, axis=1, keepdims=True)
    rest = np.sin(0.7 + 1.7 * np.arange(own.size)).reshape(own.shape)
    rest -= (rest * own).sum(1, keepdims=True) * own
    rest /= np.linalg.norm(rest, axis=1, keepdims=True)
    cosine = np.array(COSINES)[:, None]
    return float32((cosine * own + np.sqrt(1 - cosine**2) * rest) * np.array(LENGTHS)[:, None])


EMBEDDINGS = embeddings()
PAIR_LABELS = torch.tensor([0, 0, 1, 1, 1, 2, 0, 3])


def numbers(tensor):
    return [float(f"{value:.10g}") for value in tensor.detach().reshape(-1).tolist()]


def head(head, name, forward):
    """Loss and gradients of a classifier that holds its rows as columns under a name, or as rows under `weight`."""
    columns = name == "kernel" or head.weight.shape == (DIMENSION, CLASSES)
    parameter = getattr(head, name)
    parameter.data = torch.tensor(WEIGHT.T.copy() if columns else WEIGHT.copy())
    x = torch.tensor(EMBEDDINGS, requires_grad=True)
    logits, extra = forward(head, x)
    loss = F.cross_entropy(logits, LABELS) + extra
    loss.backward()
    gradient = parameter.grad.T if columns else parameter.grad
    return {
        "loss": float(f"{loss.item():.10g}"),
        "logits": numbers(logits),
        "embeddings": numbers(x.grad),
        "weight": numbers(gradient.contiguous()),
    }


def curricular():
    made = classes_of("CurricularFace/head/metrics.py")["CurricularFace"](DIMENSION, CLASSES)
    made.t = torch.tensor([0.3])
    case = head(made, "kernel", lambda h, x: (h(x, LABELS)[0], 0))
    return case | {"statistics": {"final.running_target_cosine": numbers(made.t)[0]}}


def ada():
    make = classes_of("AdaFace/head.py")["AdaFace"]
    with contextlib.redirect_stdout(io.StringIO()):
        made = make(DIMENSION, CLASSES, t_alpha=0.01)
    made.batch_mean, made.batch_std = torch.tensor([40.0]), torch.tensor([10.0])

    def forward(h, x):
        norms = torch.norm(x, 2, 1, True)
        return h(x / norms, norms, LABELS), 0

    case = head(made, "kernel", forward)
    statistics = {
        "final.running_norm_mean": numbers(made.batch_mean)[0],
        "final.running_norm_deviation": numbers(made.batch_std)[0],
    }
    return case | {"statistics": statistics}


def mag(easy_margin):
    names = classes_of("MagFace/models/magface.py")
    lower, upper, lower_margin, upper_margin = 10, 110, 0.45, 0.8
    made = names["MagLinear"](DIMENSION, CLASSES, scale=64.0, easy_margin=easy_margin)
    criterion = names["MagLoss"](lower, upper, lower_margin, upper_margin, scale=64.0)

    def margin(norm):
        return (upper_margin - lower_margin) / (upper - lower) * (norm - lower) + lower_margin

    def forward(h, x):
        (cosine, moved), norm = h(x, margin, lower, upper)
        entropy, term, one_hot = criterion([cosine, moved], LABELS, norm)
        logits = one_hot * moved + (1 - one_hot) * cosine
        assert torch.allclose(entropy, F.cross_entropy(logits, LABELS))
        return logits, 35 * term

    return head(made, "weight", forward)


def elastic(name, plus, deviation):
    made = classes_of("ElasticFace/utils/losses.py")[name](DIMENSION, CLASSES, std=deviation, plus=plus)
    drawn = torch.normal
    torch.normal = lambda mean, std, size, device: (mean + std * DRAWS).reshape(size)
    # The code draws its margins itself; the draws here are those that the test gives.
    case = head(made, "kernel", lambda h, x: (h(x, LABELS), 0))
    torch.normal = drawn
    return case


def circle_classification():
    path = "Google_Landmark_Retrieval_2021_2nd_Place_Solution/loss/metric_learning.py"
    made = classes_of(path)["CircleLoss"](DIMENSION, CLASSES)
    return head(made, "weight", lambda h, x: (h(x, LABELS), 0))


def circle(margin, gamma):
    x = torch.tensor(EMBEDDINGS, requires_grad=True)
    loss = pml.CircleLoss(m=margin, gamma=gamma)(x, PAIR_LABELS)
    loss.backward()
    # The authors' code, with each embedding that has both kinds of pairs as the only anchor.
    authors = classes_of("CircleLoss/circle_loss.py")["CircleLoss"](margin, gamma)
    rows = F.normalize(torch.tensor(EMBEDDINGS))
    similarities = rows @ rows.T
    same = PAIR_LABELS[:, None] == PAIR_LABELS[None]
    others = ~torch.eye(len(rows), dtype=torch.bool)
    anchors = [i for i in range(len(rows)) if (same & others)[i].any() and (~same)[i].any()]
    each = [authors(similarities[i][(same & others)[i]], similarities[i][~same[i]]) for i in anchors]
    assert torch.allclose(torch.stack(each).mean(), loss)
    return {"loss": float(f"{loss.item():.10g}"), "embeddings": numbers(x.grad)}


golden = {
    "inputs": {
        "embeddings": numbers(torch.tensor(EMBEDDINGS)),
        "weight": numbers(torch.tensor(WEIGHT)),
        "labels": LABELS.tolist(),
        "draws": numbers(DRAWS),
        "pairLabels": PAIR_LABELS.tolist(),
    },
    "curricularFace": curricular(),
    "adaFace": ada(),
    "magFace": mag(True),
    "magFace without an easy margin": mag(False),
    "elasticFace": elastic("ElasticArcFace", False, 0.0125),
    "elasticFace, sorted": elastic("ElasticArcFace", True, 0.0175),
    "elasticFace of cosines": elastic("ElasticCosFace", False, 0.0125),
    "elasticFace of cosines, sorted": elastic("ElasticCosFace", True, 0.025),
    "circleClassification": circle_classification(),
    "circle": circle(0.4, 80),
    "circle for faces": circle(0.25, 256),
}
lines = []
for name, case in golden.items():
    fields = ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in case.items())
    lines.append(f"  {json.dumps(name)}: {{\n{fields}\n  }}")
print("{\n" + ",\n".join(lines) + "\n}")
