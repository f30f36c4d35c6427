"""An ArcFace head that is asked for training steps, one request per line of standard input.

The first line is JSON: classes, sub-centers, dimension, batch, threads, scale, margin, learning rate, momentum, weight
decay, and a file with the raw float32 values of the class rows, the embeddings, and the int32 labels. The first answer
says that it is ready.

Each further line is a request, answered by a line of JSON:

- `run`: one step of SGD on the rows; milliseconds, the loss and the gradient of the embeddings.
- `memory`: bytes resident after the libraries were loaded, and at most since then or since `forget-peak`.
- `forget-peak`: counts the peak of memory from now on.
"""

import json
import math
import re
import sys
import time

import numpy
import torch
import torch.nn.functional as functional


def resident(field):
    status = open("/proc/self/status").read()
    return int(re.search(rf"{field}:\s+(\d+) kB", status).group(1)) * 1024


loaded = resident("VmRSS")


def answer(**values):
    print(json.dumps(values), flush=True)


task = json.loads(sys.stdin.readline())
torch.set_num_threads(task["threads"])
classes, centers, dimension, batch = (task[name] for name in ("classes", "subCenters", "dimension", "batch"))
scale, margin = task["scale"], task["margin"]

with open(task["file"], "rb") as file:
    count = classes * centers * dimension
    rows = torch.from_numpy(numpy.fromfile(file, numpy.float32, count).reshape(classes * centers, dimension))
    embeddings = torch.from_numpy(numpy.fromfile(file, numpy.float32, batch * dimension).reshape(batch, dimension))
    labels = torch.from_numpy(numpy.fromfile(file, numpy.int32, batch)).long()
weight = torch.nn.Parameter(rows)
embeddings.requires_grad_(True)
optimizer = torch.optim.SGD(
    [weight], lr=task["learningRate"], momentum=task["momentum"], weight_decay=task["weightDecay"]
)
answer(ready=True)


def logits():
    """Scaled cosines, the angle to the own class widened; a class with several centers has its best cosine."""
    cosines = functional.linear(functional.normalize(embeddings), functional.normalize(weight))
    if centers > 1:
        cosines = cosines.view(batch, classes, centers).amax(2)
    own = cosines.gather(1, labels[:, None])
    sine = (1 - own.square()).clamp(1e-12, 1).sqrt()
    widened = own * math.cos(margin) - sine * math.sin(margin)
    beyond = own - margin * math.sin(math.pi - margin)
    moved = torch.where(own > math.cos(math.pi - margin), widened, beyond)
    return cosines.scatter(1, labels[:, None], moved) * scale


def run():
    start = time.perf_counter()
    optimizer.zero_grad()
    embeddings.grad = None
    loss = functional.cross_entropy(logits(), labels)
    loss.backward()
    optimizer.step()
    elapsed = time.perf_counter() - start
    answer(milliseconds=elapsed * 1000, values=[loss.item(), *embeddings.grad.flatten().tolist()])


def memory():
    answer(loaded=loaded, peak=resident("VmHWM"))


def forget_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    answer(done=True)


requests = {"run": run, "memory": memory, "forget-peak": forget_peak}
while request := sys.stdin.readline():
    requests[request.rstrip("\n")]()
