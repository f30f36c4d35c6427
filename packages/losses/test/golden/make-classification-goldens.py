"""Golden values of the class-row losses, printed as classification.json.

    python make-classification-goldens.py <folder> > classification.json

`folder` holds checkouts of the winners' repositories, under their own names:

    Landmark2019-1st-and-3rd-Place-Solution                    lyakaap, 3fee857, src/modeling/metric_learning.py
    Google-Landmark-Recognition-2020-3rd-Place-Solution        haqishen, a7947ff, models.py
    kaggle-landmark-recognition-2020-1st-place                 psinger, 4e39676, src/loss.py
    kaggle-landmark-2021-1st-place                             ChristofHenkel, 1ddd3f6, models/ch_mdl_dolg_efficientnet.py
    Google_Landmark_Retrieval_2021_2nd_Place_Solution          WesleyZhang1991, 684278e, loss/*.py

Their classes run as they are, on the processor. The rest comes from torch 1.13.1 and pytorch-metric-learning 2.8.1.
"""

import ast
import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F
from pytorch_metric_learning import losses as pml
from torch import nn
from torch.nn import Parameter

folder = Path(sys.argv[1])

# The published classes ask for a GPU.
torch.Tensor.cuda = lambda self, *_, **__: self
on_any_device = torch.zeros
torch.zeros = lambda *size, device=None, **options: on_any_device(*size, **options)


def classes_of(path, names, **given):
    """The named classes of a file whose imports are not installed."""
    tree = ast.parse((folder / path).read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in names]
    space = {"torch": torch, "nn": nn, "F": F, "Parameter": Parameter, "math": math, "np": np, **given}
    exec(compile(tree, path, "exec"), space)
    return SimpleNamespace(**{name: space[name] for name in names})


first_2019 = classes_of(
    "Landmark2019-1st-and-3rd-Place-Solution/src/modeling/metric_learning.py",
    ["AdaCos", "ArcMarginProduct", "AddMarginProduct"],
)
third_2020 = classes_of(
    "Google-Landmark-Recognition-2020-3rd-Place-Solution/models.py",
    ["DenseCrossEntropy", "ArcMarginProduct_subcenter", "ArcFaceLossAdaptiveMargin"],
)
first_2020 = classes_of(
    "kaggle-landmark-recognition-2020-1st-place/src/loss.py",
    ["FocalLoss", "ArcFaceLoss"],
    args=SimpleNamespace(class_weights_norm="batch", focal_loss_gamma=2),
)
first_2021 = classes_of(
    "kaggle-landmark-2021-1st-place/models/ch_mdl_dolg_efficientnet.py",
    ["DenseCrossEntropy", "ArcMarginProduct_subcenter", "ArcFaceLossAdaptiveMargin"],
)
second_2021 = classes_of(
    "Google_Landmark_Retrieval_2021_2nd_Place_Solution/loss/metric_learning.py", ["Arcface", "Cosface"]
)
second_2021_smooth = classes_of(
    "Google_Landmark_Retrieval_2021_2nd_Place_Solution/loss/softmax_loss.py", ["CrossEntropyLabelSmooth"]
)


def sines(shape, offset):
    return torch.sin(offset + torch.arange(math.prod(shape), dtype=torch.float64)).reshape(shape).float()


labels = torch.tensor([0, 3, 3, 1])
weight = sines((5, 4), 0.3)
# Near its row, far from it, nearly opposite to it (past π with the margin), anywhere.
embeddings = torch.stack(
    [weight[0] + 0.4 * sines((4,), 2), sines((4,), 4.7), -2 * weight[3] + 0.1 * sines((4,), 1), sines((4,), 9)]
)
# Two centers of each of three classes; the last class has its embedding nearly opposite to both.
centers = torch.cat([sines((4, 4), 0.3), torch.stack([weight[3], weight[3] + 0.05 * sines((4,), 1)])])
center_labels = torch.tensor([0, 1, 2, 1])


def numbers(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().double().flatten().tolist()]


def golden(loss_of, rows=weight, inputs=embeddings):
    """Loss, and gradients of embeddings and rows."""
    moving = inputs.clone().requires_grad_(True)
    moving_rows = Parameter(rows.clone())
    loss = loss_of(moving, moving_rows)
    loss.backward()
    return {
        "loss": numbers(loss)[0],
        "embeddings": numbers(moving.grad),
        "weight": numbers(moving_rows.grad),
    }


def with_head(head, criterion=nn.functional.cross_entropy):
    def loss_of(moving, rows):
        head.weight = rows
        return criterion(head(moving, labels), labels)

    return loss_of


def with_centers(module, margins, scale, **options):
    head = module.ArcMarginProduct_subcenter(4, 3, k=2)
    loss = module.ArcFaceLossAdaptiveMargin(margins=margins, s=scale, **options)

    def loss_of(moving, rows):
        head.weight = rows
        cosines = head(moving)
        return loss(cosines, center_labels) if options else loss(cosines, center_labels, 3)

    return loss_of


def with_cosines(loss):
    return lambda moving, rows: loss(F.linear(F.normalize(moving), F.normalize(rows)), labels)


def with_library(loss, numbers_of=labels):
    def loss_of(moving, rows):
        loss.W = Parameter(rows.detach().t().clone())
        value = loss(moving, numbers_of)
        # The library keeps a column per class: its gradient is handed to the rows by a product of value 0.
        (slope,) = torch.autograd.grad(value, loss.W, retain_graph=True)
        return value + ((rows - rows.detach()) * slope.t()).sum()

    return loss_of


def adacos_2019(theta_zero, margin, steps):
    """Losses and scales of one module, step after step on the same batch."""
    head = first_2019.AdaCos(4, 5, m=margin, theta_zero=theta_zero)
    found = [{"scale": float(head.s)}]
    for _ in range(steps):
        step = golden(with_head(head))
        found.append({**step, "scale": float(head.s)})
    return found


def adacos_2020(moving, rows):
    """The retrieval winners' notebook (seungkee, 020fc6d), in words of our own: no margin, a scale from √2 ln(C − 1)."""
    cosine = F.linear(F.normalize(moving), F.normalize(rows))
    own = F.one_hot(labels, 5).bool()
    with torch.no_grad():
        initial = math.sqrt(2) * math.log(4)
        average = (initial * cosine).exp().masked_fill(own, 0).sum(1).mean()
        median = cosine[own].acos().median()
        scale = average.log() / torch.cos(median.clamp(max=math.pi / 4))
    return F.cross_entropy(scale * cosine, labels)


counts = np.array([4, 100, 30])
falling = np.sqrt(1 / np.sqrt(counts))
center_margins = (falling - falling.min()) / (falling.max() - falling.min()) * 0.45 + 0.05

class_counts = torch.tensor([1.0, 3, 10, 50, 400])
log_weights = 1 / torch.log(1 + class_counts)
log_weights = log_weights / log_weights.sum() * 5

logits = 2 * sines((4, 5), 0.2)
sample_weights = torch.tensor([1.0, 0.5, 2.0, 0.0])


def of_logits(loss_of):
    moving = logits.clone().requires_grad_(True)
    loss = loss_of(moving)
    loss.backward()
    return {"loss": numbers(loss)[0], "logits": numbers(moving.grad)}


print(
    json.dumps(
        {
            "labels": labels.tolist(),
            "embeddings": numbers(embeddings),
            "weight": numbers(weight),
            "centers": numbers(centers),
            "centerLabels": center_labels.tolist(),
            "logits": numbers(logits),
            "classWeights": numbers(log_weights),
            "sampleWeights": numbers(sample_weights),
            "arcFace2019": golden(with_head(first_2019.ArcMarginProduct(4, 5, m=0.3))),
            "arcFace2019Easy": golden(with_head(first_2019.ArcMarginProduct(4, 5, m=0.3, easy_margin=True))),
            "cosFace2019": golden(with_head(first_2019.AddMarginProduct(4, 5, m=0.3))),
            "cosFace2019Default": golden(with_head(first_2019.AddMarginProduct(4, 5))),
            "adaCos2019": adacos_2019(1.25, 0.3, 3),
            "adaCos2019Paper": adacos_2019(math.pi / 4, 0, 3),
            "adaCos2020": golden(adacos_2020),
            "arcFace2020First": golden(with_cosines(first_2020.ArcFaceLoss(s=45, m=0.4, weight=log_weights))),
            "arcFace2020FirstFocal": golden(with_cosines(first_2020.ArcFaceLoss(s=45, m=0.4, crit="focal"))),
            "arcFace2020Second": golden(
                with_head(
                    first_2019.ArcMarginProduct(4, 5, m=0.3),
                    lambda z, y: F.cross_entropy(z, y, label_smoothing=0.1),
                )
            ),
            "subCenter2020Third": golden(with_centers(third_2020, center_margins, 80), centers),
            "subCenter2021First": golden(with_centers(first_2021, center_margins, 45, n_classes=3), centers),
            "arcFace2021Second": golden(with_head(second_2021.Arcface(4, 5, s=30, m=0.3))),
            "arcFace2021SecondLast": golden(with_head(second_2021.Arcface(4, 5, s=60, m=0))),
            "libraryArcFace": golden(
                with_library(pml.ArcFaceLoss(num_classes=5, embedding_size=4, margin=math.degrees(0.5), scale=64))
            ),
            "libraryCosFace": golden(
                with_library(pml.CosFaceLoss(num_classes=5, embedding_size=4, margin=0.35, scale=64))
            ),
            "libraryNormalizedSoftmax": golden(
                with_library(pml.NormalizedSoftmaxLoss(num_classes=5, embedding_size=4, temperature=0.05))
            ),
            "librarySubCenter": golden(
                with_library(
                    pml.SubCenterArcFaceLoss(
                        num_classes=3, embedding_size=4, margin=math.degrees(0.4), scale=16, sub_centers=2
                    ),
                    center_labels,
                ),
                centers,
            ),
            "crossEntropy": of_logits(lambda z: F.cross_entropy(z, labels)),
            "crossEntropySmoothed": of_logits(lambda z: F.cross_entropy(z, labels, label_smoothing=0.2)),
            "crossEntropyWeighted": of_logits(
                lambda z: F.cross_entropy(z, labels, weight=log_weights, label_smoothing=0.2)
            ),
            "crossEntropyWeightedSamples": of_logits(
                lambda z: (
                    (F.cross_entropy(z, labels, weight=log_weights, reduction="none") * sample_weights).sum()
                    / (log_weights[labels] * sample_weights).sum()
                )
            ),
            "crossEntropyPlain": of_logits(
                lambda z: F.cross_entropy(z, labels, weight=log_weights, reduction="none").mean()
            ),
            "crossEntropy2021Second": of_logits(
                lambda z: second_2021_smooth.CrossEntropyLabelSmooth(5, use_gpu=False)(z, labels)
            ),
            "focal2020First": of_logits(lambda z: first_2020.FocalLoss(gamma=2)(z, labels)),
            "focal2020FirstHalf": of_logits(lambda z: first_2020.FocalLoss(gamma=0.5)(z, labels)),
        },
        indent=1,
    )
)
