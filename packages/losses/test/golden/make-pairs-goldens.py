"""Prints pairs.json: values and gradients of pair losses, computed by their reference implementations in float64.

    python make-pairs-goldens.py FOLDER > pairs.json

FOLDER holds checkouts of
  cnnimageretrieval-pytorch                         github.com/filipradenovic/cnnimageretrieval-pytorch
  Google_Landmark_Retrieval_2021_2nd_Place_Solution github.com/WesleyZhang1991/…, 684278e
  Smooth_AP                                         github.com/Andrew-Brown1/Smooth_AP, 59927ec
  RecallatK_surrogate                               github.com/yash0307/RecallatK_surrogate, ed05202
Run with torch 1.13.1, pytorch-metric-learning 2.8.1 and numpy 1.26.4.

TensorFlow Addons' semi-hard rule is written out here, from its documentation: for each anchor and positive the nearest
negative that is farther than the positive, else the farthest negative.
"""

import importlib.util
import json
import sys
from pathlib import Path

import torch
from pytorch_metric_learning import losses, miners
from pytorch_metric_learning.distances import LpDistance

root = Path(sys.argv[1])
torch.set_default_dtype(torch.float64)
torch.Tensor.cuda = lambda self, *_, **__: self  # Two of the sources move their constants to a GPU.


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cirtorch = load(root / "cnnimageretrieval-pytorch/cirtorch/layers/functional.py")
second = load(root / "Google_Landmark_Retrieval_2021_2nd_Place_Solution/loss/triplet_loss.py")
smooth_ap = load(root / "Smooth_AP/src/Smooth_AP_loss.py")
recall = load(root / "RecallatK_surrogate/src/losses.py")


def sines(rows, columns, offset):
    """Float32 numbers from −1 to 1 without a period."""
    count = torch.arange(rows * columns, dtype=torch.float64)
    return torch.sin(offset + count + count**2 / 7).float().double().reshape(rows, columns)


dimension = 6
offset = 0.4
uneven = torch.tensor([0, 1, 0, 2, 1, 0, 3, 1])  # classes of 3, 3, 1 and 1
even = torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 2])  # classes of 3, in order


def clustered(labels):
    """Embeddings that lean towards their class, so that margins and bands are met on both sides."""
    centers = sines(int(labels.max()) + 1, dimension, 2.1)
    noise = sines(len(labels), dimension, offset)
    return (centers[labels] + 0.8 * noise).float().double()


def golden(name, loss, labels, embeddings=None, **others):
    """`others` are further tensors with a gradient, by name."""
    tensors = {"embeddings": clustered(labels) if embeddings is None else embeddings, **others}
    moving = {key: value.clone().requires_grad_() for key, value in tensors.items()}
    value = loss(moving["embeddings"], labels, **{key: moving[key] for key in others})
    value.sum().backward()
    return name, {
        "labels": labels.tolist(),
        "value": float(value),
        "arrays": {
            key: {"shape": list(t.shape), "data": t.detach().flatten().tolist(), "gradient": t.grad.flatten().tolist()}
            for key, t in moving.items()
        },
    }


unit = torch.nn.functional.normalize


def cirtorch_tuples(x, labels):
    """Every embedding as a query of all others: columns, and −1, 1 or 0 for query, positive and negative."""
    order, kinds = [], []
    for i in range(len(labels)):
        order.append(i)
        kinds.append(-1)
        for j in range(len(labels)):
            if j != i:
                order.append(j)
                kinds.append(int(labels[i] == labels[j]))
    return x[order].t(), torch.tensor(kinds)


def cirtorch_contrastive(x, labels, **options):
    return cirtorch.contrastive_loss(*cirtorch_tuples(unit(x), labels), **options)


five = torch.tensor([-1, 1, 0, 0, 0] * 2)
"""One query with its positive and three negatives, twice: rows 0–4 and 5–9."""


def cirtorch_contrastive_of_tuples(x, labels):
    return cirtorch.contrastive_loss(unit(x).t(), five, eps=0.05)


def cirtorch_triplets(x, labels):
    return cirtorch.triplet_loss(unit(x).t(), five, margin=0.1)


def mined(loss, miner):
    def apply(x, labels):
        return loss(x, labels, miner(x, labels))

    return apply


def addons_semi_hard(x, labels, margin=1.0):
    d = torch.cdist(unit(x), unit(x))
    total, count = 0, 0
    for a in range(len(labels)):
        for p in range(len(labels)):
            if p == a or labels[p] != labels[a]:
                continue
            negatives = d[a][labels != labels[a]]
            farther = negatives[negatives > d[a, p]]
            chosen = farther.min() if len(farther) else negatives.max()
            total, count = total + torch.relu(margin + d[a, p] - chosen), count + 1
    return total / count


class ProxyAnchor:
    def __call__(self, x, labels, proxies):
        loss = losses.ProxyAnchorLoss(num_classes=len(proxies), embedding_size=dimension)
        del loss.proxies
        loss.proxies = proxies
        loss.cast_types = lambda *_: None
        return loss(x, labels)


def authors_smooth_ap(temperature):
    def apply(x, labels):
        classes = int(labels.max()) + 1
        return smooth_ap.SmoothAP(temperature, len(labels), classes, dimension)(unit(x))

    return apply


def authors_recall(rank_temperature, depth_temperature, ks):
    def apply(x, labels):
        n, classes = len(labels), int(labels.max()) + 1
        loss = recall.RecallatK(rank_temperature, n, classes, dimension, ks, [depth_temperature] * len(ks), 0)
        return sum(loss(unit(x), i) for i in range(n))

    return apply


tuples = sines(10, dimension, 0.9)
of_tuples = torch.tensor([0, 0, 1, 1, 1, 2, 2, 3, 3, 3])
proxies = sines(5, dimension, 1.3)
plain = losses.TripletMarginLoss
cases = [
    golden("contrastive, cirtorch", cirtorch_contrastive, uneven),
    golden("contrastive, cirtorch, epsilon of 0.05", lambda x, y: cirtorch_contrastive(x, y, eps=0.05), uneven),
    golden("contrastive, pytorch-metric-learning", losses.ContrastiveLoss(), uneven),
    golden("contrastive, margins", losses.ContrastiveLoss(pos_margin=0.3, neg_margin=0.9), uneven),
    golden("contrastive, cirtorch, tuples", cirtorch_contrastive_of_tuples, of_tuples, tuples),
    golden("triplet, cirtorch", cirtorch_triplets, of_tuples, tuples),
    golden("triplet, 2021 second place", lambda x, y: second.TripletLoss(0.3)(x, y)[0], even),
    golden("triplet, 2021 second place, soft", lambda x, y: second.TripletLoss()(x, y)[0], even),
    golden("triplet, all", plain(margin=0.3), uneven),
    golden("triplet, all, soft", plain(margin=0.3, smooth_loss=True), uneven),
    golden("triplet, batch hard", mined(plain(margin=0.3), miners.BatchHardMiner()), uneven),
    golden("triplet, semi-hard", mined(plain(margin=0.4), miners.TripletMarginMiner(0.4, "semihard")), uneven),
    golden("triplet, nearest semi-hard", addons_semi_hard, uneven),
    golden(
        "triplet, squared, raw",
        plain(margin=0.5, distance=LpDistance(power=2, normalize_embeddings=False)),
        uneven,
    ),
    golden("multiSimilarity, all pairs", losses.MultiSimilarityLoss(), uneven),
    golden("multiSimilarity", mined(losses.MultiSimilarityLoss(), miners.MultiSimilarityMiner(0.1)), uneven),
    golden("proxyAnchor", ProxyAnchor(), uneven, proxies=proxies),
    golden("supCon", losses.SupConLoss(), uneven),
    golden("ntXent", losses.NTXentLoss(), uneven),
    golden("ntXent, temperature 0.5", losses.NTXentLoss(temperature=0.5), even),
    golden("smoothAp", authors_smooth_ap(0.01), even),
    golden("smoothAp, temperature 0.1", authors_smooth_ap(0.1), even),
    golden("recallAtK", authors_recall(0.01, 1, [1, 2, 4, 8, 16]), even),
    golden("recallAtK, wide", authors_recall(0.1, 0.5, [1, 2, 4]), even),
]


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return value


print(json.dumps(rounded(dict(cases))))
