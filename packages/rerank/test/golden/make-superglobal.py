"""Prints test/golden/superglobal.json: ranks of SuperGlobal's published code on 160 rows.

Usage: python make-superglobal.py SUPERGLOBAL > superglobal.json

SUPERGLOBAL is a copy of ShihaoShao-GH/SuperGlobal at 8694696. Needs torch; runs on the processor. The rows are those of
`randomUnitRows` in test/fixtures.ts: mulberry32, less 0.4, scaled to length 1 in double precision, float32.
"""

import json
import sys

import numpy as np
import torch


def unit_rows(seed, rows, columns):
    values, state = [], seed
    mask = 0xFFFFFFFF
    for _ in range(rows * columns):
        state = (state + 0x6D2B79F5) & mask
        mixed = ((state ^ (state >> 15)) * (state | 1)) & mask
        mixed ^= (mixed + (((mixed ^ (mixed >> 7)) * (mixed | 61)) & mask)) & mask
        values.append((mixed ^ (mixed >> 14)) / 2**32 - 0.4)
    matrix = np.array(values).reshape(rows, columns)
    return (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)


def main():
    sys.path.insert(0, sys.argv[1])
    from modules.reranking.MDescAug import MDescAug
    from modules.reranking.RerankwMDA import RerankwMDA

    torch.Tensor.cuda = lambda tensor: tensor
    queries, database = (torch.from_numpy(unit_rows(seed, rows, 24)) for seed, rows in [(11, 6), (12, 160)])
    found = torch.argsort(-(database @ queries.T), dim=0)
    cases = []
    for depth, neighbors, beta in [(100, 9, 0.15), (160, 5, 0.5), (7, 9, 0.15)]:
        settings = {"M": depth, "K": neighbors, "beta": beta}
        stage = MDescAug(**settings)(database, queries, found)
        ranks = RerankwMDA(**settings)(found, *stage)
        cases.append({"depth": depth, "neighborCount": neighbors, "beta": beta, "ranks": ranks.T.tolist()})
    versions = {"torch": torch.__version__, "superglobal": "8694696"}
    print(json.dumps({"versions": versions, "cases": cases}, separators=(",", ":")))


main()
