"""A torchvision classifier that does what it is asked to, one request per line of standard input.

The first line is JSON: network, batch, size, classes, threads, learning rate, momentum, weight decay, and the
names and shapes of the parameters, whose float32 values follow as raw bytes, then the images (N, 3, H, W) as
float32 and the labels as int32. The first answer says that it is ready.

Each further line is a request, answered by a line of JSON:

- `train`: one step of SGD on the batch; milliseconds and the loss.
- `infer`: milliseconds and the logits, with running statistics.
- `export PATH`: writes inference as an ONNX file of opset 17.
- `memory`: bytes resident after the libraries were loaded, and at most since then.
- `compare`: is followed by a line of names and shapes and the raw values of parameters, running statistics and
  velocities (`sgd/momentum/NAME`): the largest error of each, over the largest value here.

There is neither stochastic depth nor dropout.
"""

import json
import re
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import numpy
import torch
import torchvision

source = sys.stdin.buffer


def resident(field):
    status = open("/proc/self/status").read()
    return int(re.search(rf"{field}:\s+(\d+) kB", status).group(1)) * 1024


loaded = resident("VmRSS")


def answer(**values):
    print(json.dumps(values), flush=True)


def read_array(shape, dtype):
    count = int(numpy.prod(shape, dtype=numpy.int64))
    data = source.read(count * 4)
    return torch.from_numpy(numpy.frombuffer(data, dtype=dtype).reshape(shape).copy())


settings = json.loads(source.readline())
torch.set_num_threads(settings["threads"])
dtype = getattr(torch, settings.get("dtype", "float32"))
model = getattr(torchvision.models, settings["network"])(num_classes=settings["classes"])
for module in model.modules():
    if isinstance(module, (torch.nn.Dropout, torchvision.ops.StochasticDepth)):
        module.p = 0.0
given = {name: read_array(shape, numpy.float32) for name, shape in settings["parameters"]}
absent = model.load_state_dict(given, strict=False)
derived = ("num_batches_tracked", "relative_position_index")
missing = [name for name in absent.missing_keys if not name.endswith(derived)]
if missing or absent.unexpected_keys:
    sys.exit(f"parameters do not fit: missing {missing}, unexpected {absent.unexpected_keys}")
del given
model = model.to(dtype)
images = read_array([settings["batch"], 3, settings["size"], settings["size"]], numpy.float32).to(dtype)
labels = read_array([settings["batch"]], numpy.int32).long()
model.train()
if settings.get("frozenBatchNorm", False):
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval().requires_grad_(False)
optimizer = torch.optim.SGD(
    [parameter for parameter in model.parameters() if parameter.requires_grad],
    lr=settings["learningRate"],
    momentum=settings["momentum"],
    weight_decay=settings["weightDecay"],
)
answer(ready=True)


def train():
    start = time.perf_counter()
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    elapsed = time.perf_counter() - start
    answer(milliseconds=elapsed * 1000, values=[loss.item()])


def infer():
    model.eval()
    with torch.inference_mode():
        start = time.perf_counter()
        logits = model(images)
        elapsed = time.perf_counter() - start
    answer(milliseconds=elapsed * 1000, values=logits.flatten().tolist())


def export(path):
    names = {"input_names": ["images"], "output_names": ["logits"]}
    model.eval()
    torch.onnx.export(model, images, path, opset_version=17, **names)
    answer(path=path)


def memory():
    answer(loaded=loaded, peak=resident("VmHWM"))


def compare():
    velocities = {
        f"sgd/momentum/{name}": optimizer.state[parameter]["momentum_buffer"]
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    expected = {**model.state_dict(), **velocities}
    errors = {}
    for name, shape in json.loads(source.readline()):
        actual = read_array(shape, numpy.float32).to(torch.float64)
        right = expected[name].detach().to(torch.float64)
        scale = right.abs().max().item()
        error = (actual - right).abs().max().item()
        errors[name] = error if scale == 0 else error / scale
    answer(errors=errors)


requests = {"train": train, "infer": infer, "export": export, "memory": memory, "compare": compare}
while request := source.readline().decode():
    name, _, argument = request.rstrip("\n").partition(" ")
    requests[name](*([argument] if argument else []))
