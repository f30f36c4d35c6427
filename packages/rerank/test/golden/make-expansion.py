"""Prints test/golden/expansion.json: discriminative query expansion, and fast k-reciprocal re-ranking with its votes.

Usage: python make-expansion.py RERANKING LANDMARK_RETRIEVAL_PY > expansion.json

RERANKING is a copy of jifeiluo/reranking, of which dqe_reranking is run (with cvxopt 1.3.3). LANDMARK_RETRIEVAL_PY is
submission/code/landmark_retrieval.py of WesleyZhang1991/Google_Landmark_Retrieval_2021_2nd_Place_Solution, of which four
functions are executed on the CPU and, in place of half precision, in float32. Needs numpy 2.4, torch 2.5, scikit-learn.
Rows are whole numbers, to be scaled to length 1 in double precision and rounded to float32.
"""

import ast
import json
import sys

import numpy as np
import torch


def whole_rows(random, rows, columns, centers):
    points = centers[random.integers(len(centers), size=rows)] + 0.6 * random.normal(size=(rows, columns))
    return np.rint(points * 1000).astype(int)


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def rounded(values):
    return np.round(np.asarray(values, dtype=np.float64), 7).tolist()


def discriminative(folder):
    sys.path.insert(0, folder)
    from reranker.qe_reranking import dqe_reranking

    random = np.random.default_rng(1)
    centers = random.normal(size=(4, 16))
    queries, gallery = whole_rows(random, 6, 16, centers), whole_rows(random, 60, 16, centers)
    q, x = unit(queries), unit(gallery)
    return {
        "queries": queries.tolist(),
        "gallery": gallery.tolist(),
        "kqe=4,neg=6": rounded(dqe_reranking(q, x, kqe=4, neg=6)),
        "kqe=3,neg=5,DBA kdba=3,dbneg=4": rounded(dqe_reranking(q, x, 3, 5, True, 3, 4)),
    }


def fast_k_reciprocal(path):
    names = {"slice_jaccard", "kr_rerank_fast", "get_probe_tags_topk", "rerank_tag_and_loc", "recomputing_sim"}
    tree = ast.parse(open(path, encoding="utf8").read())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
    torch.Tensor.cuda = lambda self: self
    torch.Tensor.half = lambda self: self.float()
    scope = {
        "torch": torch,
        "np": np,
        "tqdm": lambda values: values,
        "print": lambda *_: None,
        "setting": {"K1": 10, "K2": 3, "VOTE_NUM": 3},
    }
    exec(compile(tree, path, "exec"), scope)

    random = np.random.default_rng(2)
    centers = random.normal(size=(12, 8))
    queries, references = whole_rows(random, 5, 8, centers), whole_rows(random, 150, 8, centers)
    index = whole_rows(random, 20, 8, centers)
    q, r, x = (torch.tensor(unit(rows)) for rows in (queries, references, index))
    landmarks = np.arange(150) // 6
    countries = landmarks // 5
    info = {"ref_gbid": torch.tensor(landmarks), "ref_loc": torch.tensor(countries), "ref_feats": r}
    nearest = torch.argmax(x @ r.T, dim=1).numpy()
    tags, tag_scores, places, place_scores = scope["get_probe_tags_topk"](q, info)
    adjusted = [
        scope["rerank_tag_and_loc"](
            (x @ q[i]).clone(),
            tags[i],
            places[i],
            tag_scores[i],
            place_scores[i],
            torch.tensor(landmarks[nearest]),
            torch.tensor(countries[nearest]),
            alpha=1.0,
            beta=0.1,
        ).tolist()
        for i in range(len(q))
    ]
    ten_three = rounded(scope["kr_rerank_fast"](q, r))
    odd = {}
    for k1, k2 in ((7, 1), (5, 2)):
        scope["setting"].update(K1=k1, K2=k2)
        odd[f"K1={k1},K2={k2}"] = rounded(scope["kr_rerank_fast"](q, r))
    return {
        "queries": queries.tolist(),
        "references": references.tolist(),
        "index": index.tolist(),
        "scores": ten_three,
        "otherScores": odd,
        "landmarks": [t.tolist() for t in tags],
        "landmarkShares": [rounded(s) for s in tag_scores],
        "countries": [t.tolist() for t in places],
        "countryShares": [rounded(s) for s in place_scores],
        "adjusted": rounded(adjusted),
    }


json.dump({"discriminative": discriminative(sys.argv[1]), "fastKReciprocal": fast_k_reciprocal(sys.argv[2])}, sys.stdout)
