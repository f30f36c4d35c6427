"""PyTorch's DataLoader with torchvision's transforms, which goes through its files when it is asked to.

The first line of standard input is JSON: files, batchSize, side, passes and workers. The answer names the Pillow that
decodes. Each line `run` after it is one run, answered by milliseconds and 64 numbers of each image, whose places are
those of src/data/loader-sides.ts.
"""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import PIL
import torch
from PIL import Image
from torchvision import transforms

settings = json.loads(sys.stdin.readline())
files, side = settings["files"], settings["side"]
samples = 64


class Photos(torch.utils.data.Dataset):
    def __init__(self):
        self.transform = transforms.Compose(
            [
                transforms.Resize((side, side)),
                transforms.ToTensor(),
                transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
            ]
        )

    def __len__(self):
        return len(files) * settings["passes"]

    def __getitem__(self, index):
        with Image.open(files[index % len(files)]) as image:
            return self.transform(image.convert("RGB"))


def main():
    loader = torch.utils.data.DataLoader(
        Photos(),
        batch_size=settings["batchSize"],
        num_workers=settings["workers"],
        persistent_workers=True,
    )
    places = torch.arange(samples)
    rows = torch.div((2 * places + 1) * side, 2 * samples, rounding_mode="floor")
    columns = (places * 37) % side
    channels = places % 3
    simd = "post" in PIL.__version__
    print(json.dumps({"pillow": f"{'Pillow-SIMD' if simd else 'Pillow'} {PIL.__version__}"}), flush=True)
    for _ in sys.stdin:
        begin = time.perf_counter()
        values = [batch[:, channels, rows, columns] for batch in loader]
        milliseconds = (time.perf_counter() - begin) * 1000
        first = torch.cat(values)[: len(files)].flatten()
        print(json.dumps({"milliseconds": milliseconds, "values": first.tolist()}), flush=True)


if __name__ == "__main__":
    main()
