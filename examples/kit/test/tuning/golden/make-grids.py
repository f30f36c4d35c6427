"""The order in which scikit-learn's ParameterGrid lists the candidates of a few spaces (version in the output).

    python make-grids.py > grids.json
"""

import json
import sys

import sklearn
from sklearn.model_selection import ParameterGrid

SPACES = [
    {"loss": ["arcface", "cosface", "softmax"], "epochs": [5], "augmentation": ["soft"]},
    {"verifythresh": [50, 20], "freqthresh": [3, 10, 1], "margin": [0.3, 0.2]},
    {"b.c": [1, 2], "b": ["x", "y"], "B": [True, False], "a_b": [3]},
    [
        {"loss": ["arcface", "adacos", "cosface"], "pooling": ["G,G,G,G"]},
        {"pooling": ["SMG,MG,G,G"], "loss": ["arcface"]},
    ],
]

grids = [{"space": space, "candidates": list(ParameterGrid(space))} for space in SPACES]
json.dump({"sklearn": sklearn.__version__, "grids": grids}, sys.stdout, indent=1)
print()
