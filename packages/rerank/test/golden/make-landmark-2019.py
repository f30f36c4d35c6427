"""Prints test/golden/landmark-2019.json: what the code of the 2019 landmark challenges gives for formula data.

Usage: python make-landmark-2019.py REPOSITORY > landmark-2019.json

REPOSITORY is a clone of lyakaap/Landmark2019-1st-and-3rd-Place-Solution with its history, of which functions of six
commits are executed. Written for numpy 1.26 and pandas 2.2: newer pandas ignores an assignment of theirs. The flat
indexes of faiss are replaced by exact search in NumPy, as one function wants four GPUs. Two ideas are found there in a
comment only ("does not work") and are computed here literally. All inputs come from one formula in whole numbers, so that
a test can make the same ones.
"""

import ast
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import types
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

PRIME, COLUMNS = 46337, 8
TEST, TRAIN, INDEX, FEW = 60, 120, 40, 24


def spread(seed, rows, columns):
    """Numbers from -0.5 to 0.5 in float32: a formula in whole numbers below 2^53."""
    i = np.arange(rows, dtype=np.int64)[:, None]
    j = np.arange(columns, dtype=np.int64)[None, :]
    a = (i * 131 + j * 977 + seed * 7919 + 1) % PRIME
    mixed = (a * a % PRIME) * (a + 12345) % PRIME
    return (mixed / PRIME - 0.5).astype(np.float32)


def features(seed, labels, noise=0.55):
    """Unit rows: a center per label and some noise."""
    rows = spread(1, 30, COLUMNS)[labels].astype(np.float64) + noise * spread(seed, len(labels), COLUMNS)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


# The last seven landmarks have one image each.
train_labels = np.where(np.arange(TRAIN) < 113, np.arange(TRAIN) * 7 % 23, 23 + np.arange(TRAIN) % 7)
train = features(2, train_labels)
# A crowd of one landmark, and others.
test_labels = np.where(np.arange(TEST) % 5 < 4, 3, np.arange(TEST) * 3 % 29)
test = features(3, test_labels)
index = features(4, np.arange(INDEX) % 17)
# Of equal length, as banning a number of theirs also bans numbers that end in it.
landmarks = 1000 + train_labels


class FlatIndex:
    def __init__(self, sign):
        self.sign = sign

    def add(self, rows):
        self.rows = rows.astype(np.float64)

    def search(self, x, k):
        products = x.astype(np.float64) @ self.rows.T
        if self.sign < 0:
            products = (x.astype(np.float64) ** 2).sum(1)[:, None] + (self.rows**2).sum(1)[None, :] - 2 * products
        order = np.argsort(-self.sign * products, axis=1, kind="stable")[:, :k]
        values = np.take_along_axis(products, order, axis=1).astype(np.float32)
        missing = ((0, 0), (0, k - order.shape[1]))
        far = np.float32(-self.sign * 3.4e38)
        return np.pad(values, missing, constant_values=far), np.pad(order, missing, constant_values=-1)


faiss = types.SimpleNamespace(
    IndexFlatL2=lambda columns: FlatIndex(-1),
    IndexFlatIP=lambda columns: FlatIndex(1),
    index_cpu_to_all_gpus=lambda flat: flat,
    index_cpu_to_gpu_multiple_py=lambda resources, flat, options: flat,
    GpuMultipleClonerOptions=types.SimpleNamespace,
    StandardGpuResources=types.SimpleNamespace,
)
tqdm = types.SimpleNamespace(tqdm=lambda values, total: values)
utils = types.SimpleNamespace(
    l2norm_numpy=lambda x: x / np.linalg.norm(x, ord=2, axis=1, keepdims=True),
    prepare_ids_and_feats=lambda folders, weights, normalize: (ids_of("test", TEST), test),
)


def ids_of(kind, count):
    return np.array([f"{kind}{i:04d}" for i in range(count)])


def source(commit, path):
    command = ["git", "-C", sys.argv[1], "show", f"{commit}:{path}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def functions(commit, path, names, scope, change=lambda text: text):
    tree = ast.parse(change(source(commit, path)))
    tree.body = [node for node in tree.body if getattr(node, "name", "") in names]
    assert len(tree.body) == len(names)
    exec(compile(tree, path, "exec"), scope)
    return [scope[name] for name in names]


def rounded(values):
    return np.round(np.asarray(values, dtype=np.float64), 7).tolist()


def run(function, *arguments, **options):
    with contextlib.redirect_stdout(sys.stderr):
        return function(*arguments, **options)


def tables(files):
    """pandas, but for some files."""

    def read(path, **options):
        name = os.path.basename(path)
        return files[name].copy() if name in files else pd.read_csv(path, **options)

    return types.SimpleNamespace(**{name: getattr(pd, name) for name in ("DataFrame", "concat")}, read_csv=read)


def supervised():
    ids = ids_of("train", TRAIN)
    clean = pd.DataFrame({"images": [" ".join(ids[i] for i in range(TRAIN) if i % 3)]})
    labels = pd.DataFrame({"id": ids, "landmark_id": landmarks}).set_index("id")
    files = {"train19_cleaned_verifythresh40_freqthresh5.csv": clean}
    # numpy does not join a Series of lists as it did.
    arrays = types.SimpleNamespace(**{**vars(np), "concatenate": lambda parts: np.concatenate(list(parts))})
    scope = {"pd": tables(files), "np": arrays, "faiss": faiss, "utils": utils}
    (augment,) = functions("215d4ad", "experiments/retrieval_reranking.py", ["supervised_dba"], scope)
    result = lambda **options: rounded(run(augment, ids, train.copy(), labels, **options))
    return {
        "alpha": result(),
        "alpha, 2 times": result(n_iter=2),
        "trunc_poly": result(weighting_scheme="trunc_poly"),
        "logspace, 6 rows": result(weighting_scheme="logspace", qe_topk=6),
    }


def inlier_table(seed, prefix, queries, other, rows, count, own):
    """For each query some rows with numbers of inliers that differ."""
    lists = []
    for query in range(queries):
        ids = [(query * 3 + i * 7 + seed) % rows for i in range(count)]
        inliers = [40 + (i * 37 + query * 11 + seed) % 101 for i in range(count)]
        lists.append([[own + row, inlier] for row, inlier in zip(ids, inliers)])
    frame = pd.DataFrame(
        [
            (f"{prefix}{query:04d}", f"{other}{row - own:04d}", inlier)
            for query, entries in enumerate(lists)
            for row, inlier in entries
        ],
        columns=["test_id", "index_id", "inliers_count"],
    )
    return lists, frame


def by_inliers():
    """Rows of the tables are numbers in the index, followed by train. Made alike, as a weighted mean needs weights above 0."""
    in_train, train_table = inlier_table(1, "test", TEST, "train", TRAIN, 6, INDEX)
    in_index, index_table = inlier_table(52, "test", TEST, "index", INDEX, 5, 0)
    own, own_table = inlier_table(9, "index", INDEX, "index", INDEX, 8, 0)
    files = {
        "test19_train19_search_top100_RANSAC.csv": train_table,
        "test19_index19_search_top100_RANSAC.csv": index_table,
        "index19_index19_search_top100_RANSAC.csv": own_table,
    }
    scope = {"pd": tables(files), "np": np, "tqdm": tqdm}
    (expand,) = functions("6739bf8", "experiments/e45/main.py", ["delfdbaqe"], scope)
    data = types.SimpleNamespace(
        ids_test=ids_of("test", TEST), ids_index=ids_of("index", INDEX), feats_test=np.abs(test), feats_index=np.abs(index)
    )
    trained = types.SimpleNamespace(ids_train=ids_of("train", TRAIN), feats_train=np.abs(train))
    run(expand, data, trained)
    return {
        "testInTrain": in_train,
        "testInIndex": in_index,
        "indexInIndex": own,
        "test": rounded(data.feats_test),
        "index": rounded(data.feats_index),
    }


def union():
    repair = lambda text: text.replace("[:n_qe]", "[:, :n_qe]")
    (expand,) = functions("96de0f1", "src/reranking.py", ["qe_dba"], {"np": np, "utils": utils}, repair)
    together = np.concatenate([test, index])
    flat = FlatIndex(1)
    flat.add(together)
    queries, database = expand(test, index, *flat.search(together, 10), qe=True, dba=True)
    return {"test": rounded(queries), "index": rounded(database)}


def predictions(path):
    frame = pd.read_csv(path).set_index("id").loc[ids_of("test", TEST)]
    pairs = [line.split(" ") for line in frame["landmarks"]]
    return {"labels": [int(label) - 1000 for label, _ in pairs], "scores": [float(score) for _, score in pairs]}


def recognition():
    flat = FlatIndex(-1)
    flat.add(train)
    distances, rows = flat.search(test, 100)
    ids = ids_of("train", TRAIN)
    names = ids_of("test", TEST)
    lists, table = inlier_table(1, "test", TEST, "train", TRAIN, 40, 0)
    files = {
        "train.csv": pd.DataFrame({"id": ids, "landmark_id": landmarks}).set_index("id"),
        "test.csv": pd.DataFrame({"id": names}),
        "recognition_sample_submission.csv": pd.DataFrame({"id": names}),
    }
    scope = {"pd": tables(files), "np": np, "tqdm": tqdm, "Counter": Counter, "Path": Path, "faiss": faiss}
    scope |= {"logger": types.SimpleNamespace(info=lambda *_: None), "timer": lambda *_: contextlib.nullcontext()}
    dataset = types.SimpleNamespace(feats_test=test, feats_train=train, ids_test=names, ids_train=ids)
    scope["loader"] = types.SimpleNamespace(load_train_dataset=lambda: dataset)
    scope["load_train19_landmark_dict"] = lambda: dict(zip(ids, landmarks))
    sys.modules |= {"faiss": faiss, "tqdm": tqdm, "src": types.SimpleNamespace(utils=utils)}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("data/working/exp44", "data/working/exp12", "output"):
            Path(folder, name).mkdir(parents=True)
        os.chdir(Path(folder))
        np.save("data/working/exp44/dists_top5__ens3_DBAx1.npy", distances[:, :3])
        np.save("data/working/exp44/topk_idx_top5__ens3_DBAx1.npy", rows[:, :3])
        table.to_csv("data/working/test19_train19_search_top100_RANSAC.csv", index=False)
        main, ban = functions("6739bf8", "experiments/e44.py", ["main", "ban_distractor_lids"], scope)
        run(main, skip_nn_seach=True)
        voted, banned = "data/working/exp44/stage2_submit_ens3_top3_nodba.csv.gz", "output/banned.csv.gz"
        found["votes"] = predictions(voted)
        found["banned 30"] = predictions("data/working/exp44/stage2_submit_banthresh30_ens3_top3_nodba.csv.gz")
        run(ban, voted, banned, ban_thresh=2)
        found["banned 2"] = predictions(banned)

        submitted = "data/working/exp44/stage2_submit_banthresh30_ens3_top3_nodba.csv.gz"
        os.rename(submitted, "output/stage2_submit_banthresh30_ens3_top3_DBAx1_v44r7.csv.gz")
        (ban_near,) = functions("215d4ad", "experiments/submit_recognition.py", ["ban_final"], {})
        os.chdir("data")
        run(ban_near)
        os.chdir(folder)
        found["banned near"] = predictions("output/l2dist_0.5.csv.gz")

        early = [f"__scoring_with_top100_arcfacefish_v{version}" for version in (1, 3)]
        first, third = functions("6739bf8", "experiments/e12/main.py", early, scope)
        run(first)
        found["ranks 30"] = predictions("data/working/exp12/v7_fish_dba2qe10_train19_v1.csv.gz")
        run(third)
        found["ranks 20"] = predictions("data/working/exp12/v7_fish_nodba_top20_train19_v3.csv.gz")
        os.chdir("/")
    return {"inliers": lists, **found, **in_a_comment(distances[:, :3], rows[:, :3])}


def two_stages():
    """Lists of ten by each revision, inserted by id where the order is that of a Python set. With few train images and
    much noise, so that thresholds hold some back."""
    queries = features(5, np.arange(20) % 9, 1.1)
    database = features(6, np.arange(90) % 11, 1.1)
    known, known_labels = train[:FEW], landmarks[:FEW]
    flat = FlatIndex(-1)
    flat.add(database)
    ids = {"test": ids_of("test", 20), "index": ids_of("index", 90), "train": ids_of("train", FEW)}
    lists = [" ".join(ids["index"][found]) for found in flat.search(queries, 10)[1]]
    labels = pd.DataFrame({"id": ids["train"], "landmark_id": known_labels})
    names = ("DataFrame", "Series", "concat")
    frames = types.SimpleNamespace(**{name: getattr(pd, name) for name in names}, read_pickle=lambda path: labels)
    numbers = lambda lines: [[int(name[5:]) for name in line.split(" ")] for line in lines]
    by_id = lambda text: text.replace("index=diff", "index=sorted(diff)")
    # The last form means the confidence of the query.
    confident = lambda text: text.replace("[score + whole", "[pred_test.loc[test_id, 'score'] + whole")
    found = {}
    parts = ["predict_landmark_id", "reranking_submission"]
    for revision, commit, path, change in (
        ("unrestricted", "6100de2", "experiments/submit_retrieval.py", by_id),
        ("ordered", "fd4ffbf", "experiments/submit_retrieval.py", str),
        ("final", "3fee857", "exp/submit_retrieval.py", confident),
    ):
        scope = {"pd": frames, "np": np, "tqdm": tqdm, "faiss": faiss, "Counter": Counter, "ROOT": ""}
        predict, rerank = functions(commit, path, parts, scope, change)
        table = pd.DataFrame({"id": ids["test"], "images": lists})
        result = run(rerank, ids["index"], database, ids["test"], queries, ids["train"], known, table)
        found[revision] = numbers(result["images"])
        if revision == "unrestricted":
            landmark_of = dict(zip(ids["train"], known_labels))
            voted = {
                kind: run(predict, ids[kind], rows, ids["train"], known, landmark_of)
                for kind, rows in (("index", database), ("test", queries))
            }
    # The contest's form is no function, but the last loop of a program.
    table = pd.DataFrame({"id": ids["test"], "index_id_list": [line.split(" ") for line in lists]})
    table["test_pred_lid"] = voted["test"]["landmark_id"].values
    scope = {"pd": pd, "tqdm": tqdm, "subm": table, "images": [], "score_thresh": 0.0, "topk": 100}
    scope |= {"test_train": voted["test"], "index_train": voted["index"]}
    text = by_id(source("215d4ad", "experiments/retrieval_reranking.py"))
    loop = [node for node in ast.parse(text).body if isinstance(node, ast.For)][-1]
    exec(compile(ast.Module([loop], []), "contest", "exec"), scope)
    found["contest"] = numbers(scope["images"])
    return found


def in_a_comment(distances, rows):
    pool = FlatIndex(-1)
    pool.add(np.concatenate([test, train]))
    near = pool.search(np.concatenate([test, train]), 3)[1]
    counts = np.minimum(np.bincount(train_labels), 3)
    largest = distances.max()
    reciprocal, frequency = [], []
    for query in range(TEST):
        bonus, share = Counter(), Counter()
        for place in range(3):
            row = rows[query, place]
            score = 1.0 - distances[query, place]
            bonus[train_labels[row]] += score * 1.5 if query in near[TEST + row] else score
            share[train_labels[row]] += (largest - distances[query, place]) / counts[train_labels[row]]
        reciprocal.append(bonus.most_common(1)[0])
        frequency.append(share.most_common(1)[0])
    as_lists = lambda pairs: {"labels": [int(label) for label, _ in pairs], "scores": rounded([s for _, s in pairs])}
    return {"reciprocal": as_lists(reciprocal), "frequency": as_lists(frequency)}


warnings.simplefilter("ignore")
sys.argv[1] = os.path.abspath(sys.argv[1])
print(
    json.dumps(
        {
            "versions": {"numpy": np.__version__, "pandas": pd.__version__},
            "supervised": supervised(),
            "byInliers": by_inliers(),
            "union": union(),
            "twoStages": two_stages(),
            "recognition": recognition(),
        }
    )
)
