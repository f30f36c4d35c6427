"""Prints test/golden/egt.json: lists of the published EGT program and of the 2019 challenge's code.

Usage: python make-egt.py EGT RERANKING_PY > egt.json

EGT is a copy of layer6ai-labs/EGT at 9857cef: its target/egt.jar is run by the `java` on the path. The jar lacks the
semi-supervised method, so that the sources beside it are compiled by `javac` for that. RERANKING_PY is src/reranking.py
of lyakaap/Landmark2019-1st-and-3rd-Place-Solution at 96de0f1, of which one function is executed. Needs numpy.
Weights are in thousandths, as three decimals are what the program's files hold.
"""

import ast
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np

QUERIES, TRAIN, DATABASE, COLUMNS, NEIGHBORS = 8, 6, 200, 6, 12


def clustered(random, rows, centers, spread):
    points = centers[random.integers(len(centers), size=rows)] + spread * random.normal(size=(rows, COLUMNS))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def nearest(queries, database, leave_out_own):
    scores = queries @ database.T
    if leave_out_own:
        np.fill_diagonal(scores, -9)
    ids = np.argsort(-scores, axis=1, kind="stable")[:, :NEIGHBORS]
    thousandths = np.rint(np.take_along_axis(scores, ids, 1) * 1000).astype(int)
    return ids.tolist(), thousandths.tolist()


def compile_sources(folder, classes):
    sources = map(str, Path(folder, "src/main/java").glob("*.java"))
    jar = Path(folder, "target/egt.jar")
    subprocess.run(["javac", "-cp", jar, "-d", classes, *sources], check=True, capture_output=True)
    return ["-cp", f"{classes}:{jar}", "EGT"]


def run_java(program, prebuild, k, t, p, n):
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "graph"), Path(folder, "found")
        source.write_text(prebuild)
        arguments = ["-k", k, "-t", t, "-p", p, "-q", QUERIES if n else QUERIES + TRAIN]
        if n:
            arguments += ["-n", n]
        command = ["java", *program, str(source), str(target), *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True)
        lines = target.read_text().splitlines()
    return [[int(name[1:]) for name in line.split(",")[1].split()] for line in lines]


def landmark_function(path):
    tree = ast.parse(Path(path).read_text())
    tree.body = [node for node in tree.body if getattr(node, "name", "") == "explore_exploit"]
    scope = {"np": np}
    exec(compile(tree, path, "exec"), scope)
    return scope["explore_exploit"]


def main():
    folder, reranking = sys.argv[1:]
    random = np.random.default_rng(8)
    centers = random.normal(size=(9, COLUMNS))
    database = clustered(random, DATABASE, centers, 0.5)
    queries = clustered(random, QUERIES + TRAIN, centers, 0.6)
    query_ids, query_weights = nearest(queries, database, False)
    ids, weights = nearest(database, database, True)

    rows = [("q", query_ids, query_weights), ("g", ids, weights)]
    prebuild = "".join(
        f"{letter}{row}," + " ".join(f"g{i} {w / 1000:.3f}" for i, w in zip(list_ids, list_weights)) + "\n"
        for letter, table_ids, table_weights in rows
        for row, (list_ids, list_weights) in enumerate(zip(table_ids, table_weights))
    )
    settings = [(12, 0.9, 100), (8, 0.97, 200), (5, 2, 200), (12, -2, 60), (3, 0.93, 200)]
    jar = ["-jar", f"{folder}/target/egt.jar"]
    online = [{"k": k, "t": t, "p": p, "lists": run_java(jar, prebuild, k, t, p, 0)} for k, t, p in settings]
    # The program fails where a query reaches fewer rows than asked for.
    settings = [(12, 0.9, 100), (8, 0.97, 60), (5, 2, 30), (12, -2, 60), (6, 0.93, 40)]
    with tempfile.TemporaryDirectory() as classes:
        program = compile_sources(folder, classes)
        offline = [
            {"k": k, "t": t, "p": p, "lists": run_java(program, prebuild, k, t, p, QUERIES + TRAIN)}
            for k, t, p in settings
        ]

    explore_exploit = landmark_function(reranking)
    shift = 880  # makes some weights negative
    pairs = {
        "ti_ids": np.array(query_ids),
        "ti_sims": np.float32((np.array(query_weights) - shift) / 1000),
        "ii_ids": np.array(ids),
        "ii_sims": np.float32((np.array(weights) - shift) / 1000),
    }
    names = SimpleNamespace(ids_index=list(range(DATABASE)))
    landmark = [
        {
            "k": k,
            "t": t,
            "lists": [
                explore_exploit(SimpleNamespace(idx=query), names, pairs, np.float32(t), k)
                for query in range(QUERIES + TRAIN)
            ],
        }
        for k, t in [(12, 0.07), (12, 9.0), (9, 0.1), (12, -0.01)]
    ]
    output = {
        "versions": {"numpy": np.__version__, "egt": "9857cef", "landmark2019": "96de0f1"},
        "queries": {"ids": query_ids, "thousandths": query_weights},
        "graph": {"ids": ids, "thousandths": weights},
        "answered": QUERIES,
        "shift": shift,
        "jar": online,
        "jarSemiSupervised": offline,
        "landmark2019": landmark,
    }
    print(json.dumps(output, separators=(",", ":")))


main()
