"""Writes the folder gldv2/ (a tiny data set in the layout of Google Landmarks v2), lists/ (the image lists the published
generator of 2021 makes of it), third-2020/ (what the published code of 2020 makes of it) and folds.json (folds and splits
drawn by scikit-learn).

    python make-set-goldens.py FOLDER

FOLDER holds checkouts of
  Google_Landmark_Retrieval_2021_2nd_Place_Solution    github.com/WesleyZhang1991/…, 684278e
  Google-Landmark-Recognition-2020-3rd-Place-Solution  github.com/haqishen/…, a7947ff
Run with Python 3.11, NumPy 2.4.6, scikit-learn 1.9.1 and pandas 3.1.1.

The generator runs as published but for four things: its folder of images, the download of the country files, the
sampling of 20,000 images into a list that nothing uses, and pandas' reading of the code NA (Namibia) as a missing value.
"""

import csv
import importlib.util
import json
import os
import random
import shutil
import sys
import types
import urllib.request
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold, train_test_split

here = Path(__file__).parent.resolve()
source = Path(sys.argv[1]).resolve() / "Google_Landmark_Retrieval_2021_2nd_Place_Solution"
draw = random.Random(20210929)
root = here / "gldv2"
shutil.rmtree(root, ignore_errors=True)


def new_id():
    return f"{draw.getrandbits(64):016x}"


def write(name, header, rows):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    with open(root / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


# Train: 14 landmarks with ids far apart, of which 8 have cleaned images.
landmarks = draw.sample(range(1, 200000), 14)
cleaned = landmarks[:8]
train = [(new_id(), draw.choice(landmarks)) for _ in range(90)]
for landmark in landmarks:
    train.append((new_id(), landmark))
draw.shuffle(train)
write("train/train.csv", ["id", "url", "landmark_id"], [(i, f"http://e.org/{i}.jpg", l) for i, l in train])
lists = {l: [i for i, of in train if of == l and draw.random() < 0.6] for l in cleaned}
lists = {l: images or [next(i for i, of in train if of == l)] for l, images in lists.items()}
write("train/train_clean.csv", ["landmark_id", "images"], [(l, " ".join(images)) for l, images in lists.items()])

prefix = "http://commons.wikimedia.org/wiki/Category:"
names = {l: f"Place_{n}" for n, l in enumerate(landmarks)}
names[landmarks[3]] = "Kirche,_Marb%C3%A4ck"
names[landmarks[12]] = names[landmarks[5]]  # Two landmarks of one category: the later row has it.
order = draw.sample(landmarks, len(landmarks))
write("train/train_label_to_category.csv", ["landmark_id", "category"], [(l, prefix + names[l]) for l in order])

# Index: its own landmark ids; two categories that train does not have.
categories = [names[l] for l in landmarks[:10]] + [names[landmarks[12]], "Nowhere", "Elsewhere,_too"]
categories = list(dict.fromkeys(categories))
write("index/index_label_to_category.csv", ["landmark_id", "category"], [(n, prefix + c) for n, c in enumerate(categories)])
index = [(new_id(), draw.randrange(len(categories))) for _ in range(40)]
write("index/index.csv", ["id"], [(i,) for i, _ in sorted(index)])
write("index/index_image_to_landmark.csv", ["id", "landmark_id"], index)

# Test: ignored queries, queries with one and with several classes, one whose categories train does not have.
unseen = [i for i, n in index if categories[n] in ("Nowhere", "Elsewhere,_too")]
seen = [i for i, _ in index if i not in unseen]
answers = [draw.sample(seen, draw.choice([1, 2, 5])) for _ in range(12)] + [unseen, unseen[:1] + seen[:2]]
queries = [(new_id(), " ".join(images), draw.choice(["Public", "Private"])) for images in answers]
queries += [(new_id(), "None", "Ignored") for _ in range(5)]
draw.shuffle(queries)
write("test/retrieval_solution_v2.1.csv", ["id", "images", "Usage"], queries)
write("test/test.csv", ["id"], sorted((q[0],) for q in queries))

# Countries: a category listed twice, one without country, Kosovo, Namibia, a country on two continents.
codes = ["FR", "NA", "OTHER", "RU", "XK", "PT"]
by_code = {code: [] for code in codes}
for n, name in enumerate(dict.fromkeys(names.values())):
    by_code[codes[n % len(codes)]].append(name)
by_code["PT"].append(by_code["FR"][0])
for code in codes:
    path = root / "train" / "country" / f"{code}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([{"name": name, "size": 3} for name in by_code[code]], ensure_ascii=False) + "\n")
continents = [("Europe", "FR"), ("Africa", "NA"), ("Europe", "RU"), ("Asia", "RU"), ("Europe", "PT"), ("Asia", "")]
write("continent_codes.csv", ["Continent_Name", "Continent_Code", "Two_Letter_Country_Code"], [(c, c[:2].upper(), k) for c, k in continents])

# The published generator, in a folder of its own.
work = here / "lists"
shutil.rmtree(work, ignore_errors=True)
info = work / "cache" / "country_info"
info.mkdir(parents=True)
(info / "country_codes.json").write_text(json.dumps(codes))
for code in codes:
    shutil.copy(root / "train" / "country" / f"{code}.json", info)
shutil.copy(root / "continent_codes.csv", info)
spec = importlib.util.spec_from_file_location("generator", source / "tools/generate_gld_list.py")
generator = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generator)
os.symlink(root, work / "gldv2")
os.chdir(work)
generator.RAW_IMAGE_DIR = "gldv2"
urllib.request.urlretrieve = lambda *_: None
random.sample = lambda items, _: items
read_csv = pd.read_csv
pd.read_csv = lambda file: read_csv(file, keep_default_na=False)
generator.make_train()
generator.make_index()
images, classes = generator.merge_train_index()
generator.merge_test_index_train(images, classes)
generator.refine_all_dataset(generator.get_country_info())
for name in ["clean", "c2f", "full", "index_train", "all"]:
    shutil.move(f"cache/cache_{name}_list.pkl", work)
shutil.move("cache/gbid2country.pkl", work)
shutil.rmtree(work / "cache")
os.unlink(work / "gldv2")

# Third place of recognition 2020: its folds, its class table and its rows with classes and folds. The cleaned list stands
# in the form of the contest's train.csv, in an order of its own.
warnings.simplefilter("ignore")
third = here / "third-2020"
shutil.rmtree(third, ignore_errors=True)
third.mkdir()
os.chdir(third)
pairs = [(i, l) for l, images in lists.items() for i in images]
draw.shuffle(pairs)
write("../third-2020/train.csv", ["id", "landmark_id"], pairs)
pd.read_csv = read_csv
sys.path.insert(0, str(Path(source).parent / "Google-Landmark-Recognition-2020-3rd-Place-Solution"))
for name in ["cv2", "albumentations", "tqdm"]:
    sys.modules[name] = types.ModuleType(name)
sys.modules["tqdm"].tqdm = None
sys.modules["torch"] = torch = types.ModuleType("torch")
torch.utils = sys.modules["torch.utils"] = types.ModuleType("torch.utils")
torch.utils.data = sys.modules["torch.utils.data"] = types.ModuleType("torch.utils.data")
for name in ["Dataset", "DataLoader", "Sampler"]:
    setattr(torch.utils.data, name, object)
import dataset
import preprocess

preprocess.main()
table, classes = dataset.get_df("", "../gldv2/train", 1)
fold = table.fold.fillna(-1).astype(int)
held = table[table.fold == 2].reset_index()
third_golden = {
    "ids": table.id.tolist(),
    "classIds": table.landmark_id.tolist(),
    "folds": fold.tolist(),
    "classes": classes,
    "trainIds": table[table.fold != 2].id.tolist(),
    "validationIds": held[held.index % 15 == 0].id.tolist(),
}
(third / "rows.json").write_text(json.dumps(third_golden, separators=(",", ":")) + "\n")

# Folds and splits.
numbers = np.random.RandomState(1)
label_sets = {
    "even": [(5, 233, np.repeat([4, 9, 2], 10))],
    "mixed": [(5, 233, numbers.randint(0, 12, 240)), (3, 7, numbers.randint(0, 5, 50)), (10, 4294967295, numbers.randint(0, 3, 100))],
    "rare": [(5, 233, np.floor(40 * numbers.rand(300) ** 3).astype(int)), (5, 0, np.array([3, 1, 1, 1, 1, 1, 2, 2]))],
}
folds = []
for name, sets in label_sets.items():
    for count, seed, labels in sets:
        of_row = np.full(len(labels), -1)
        splitter = StratifiedKFold(count, shuffle=True, random_state=seed)
        for fold, (_, rows) in enumerate(splitter.split(labels, labels)):
            of_row[rows] = fold
        folds.append({"name": name, "folds": count, "seed": seed, "labels": labels.tolist(), "expected": of_row.tolist()})
splits = []
for rows, part, seed in [(100, 0.1, 77777), (37, 0.25, 5), (1000, 0.1, 77777)]:
    fit, held = train_test_split(np.arange(rows), test_size=part, random_state=seed)
    splits.append({"rows": rows, "part": part, "seed": seed, "train": fit.tolist(), "validation": held.tolist()})
# Labels that a test can compute, so that they need not be stored.
sequence = [(i * 7919 + i * i * 31) % 3001 for i in range(60000)]
of_row = np.zeros(len(sequence), dtype=np.int64)
for fold, (_, rows) in enumerate(StratifiedKFold(5, shuffle=True, random_state=233).split(sequence, sequence)):
    of_row[rows] = fold
checksum = int(sum((int(f) + 1) * (i % 1009 + 1) for i, f in enumerate(of_row)))
golden = {"folds": folds, "splits": splits, "largeChecksum": checksum}
(here / "folds.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
