"""Writes schedules.json: learning rates that the solutions' own scheduler code gives, for every stage of every solution.

    PYTHONPATH=WARMUP python make-schedule-goldens.py FOLDER

FOLDER holds these repositories, WARMUP is the last of them. Stages and their numbers are read from the repositories'
configurations and READMEs, not from this package.

    Landmark2019-1st-and-3rd-Place-Solution               3fee857d  lyakaap
    Google-Landmark-Recognition-2020-3rd-Place-Solution   a7947ff0  haqishen
    kaggle-landmark-recognition-2020-1st-place            4e39676d  psinger
    google_landmark_retrieval_2020_1st_place_solution     020fc6df  seungkee
    Google_Landmark_Retrieval_2021_2nd_Place_Solution     684278e7  WesleyZhang1991
    kaggle-landmark-2021-1st-place                        1ddd3f67  ChristofHenkel
    pytorch-gradual-warmup-lr                             6b5e8953  ildoonet, version 0.3.2

PyTorch 1.13.1, PyYAML 6.0.3, transformers 4.30.2 (`get_cosine_schedule_with_warmup`, the same formula as 3.3.1). Keras'
decay is one division, written out below.

A rate is what the optimizer holds when it makes the step. Each stage has the rates of its first iteration, of the first
iteration of its middle epoch (epochs run // 2, from 0) and of its last iteration, with `stepsPerEpoch` iterations an epoch.
`traces` has every iteration of some.
"""

import importlib
import json
import pathlib
import re
import subprocess
import sys
import types

import torch
import yaml
from transformers import get_cosine_schedule_with_warmup
from warmup_scheduler import GradualWarmupScheduler

here = pathlib.Path(__file__).parent
sources = pathlib.Path(sys.argv[1])
STEPS = 8
stages = {}
traces = {}


def stand_in():
    """In a network's place: a weight and a bias."""
    return torch.nn.Linear(1, 1)


def sgd(rate):
    return torch.optim.SGD(stand_in().parameters(), lr=rate)


def record(stage, rates, ran, trace=False, group=None):
    assert len(rates) == ran * STEPS
    name = stage if group is None else f"{stage} {group}"
    stages[name] = [rates[0], rates[ran // 2 * STEPS], rates[-1]]
    if trace:
        traces[name] = rates


def per_iteration(optimizer, scheduler, epochs):
    """Rates with one step of the scheduler after each of the optimizer's."""
    rates = []
    for _ in range(epochs * STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def gld2019():
    """Scripts of the 2019 winners: all have one cosine per iteration; the floor is checked against the shipped ones."""
    for script in ["v1only", "v2clean"]:
        text = (sources / "Landmark2019-1st-and-3rd-Place-Solution/exp" / f"{script}.py").read_text()
        assert "eta_min=3e-6" in text and "'lr': 1e-3" in text and "'epochs': 5" in text
    runs = {"5 epochs": (5, 5, 3e-6), "7 epochs": (7, 7, 3e-6), "6 of 7 epochs": (7, 6, 3e-6), "v7": (5, 5, 1e-6)}
    for name, (epochs, ran, floor) in runs.items():
        optimizer = sgd(1e-3)
        cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs * STEPS, eta_min=floor)
        record(f"gld2019 {name}", per_iteration(optimizer, cosine, ran), ran, trace=name == "5 epochs")


def gradual_warmup_v2():
    """The class of the third place's util.py."""
    path = sources / "Google-Landmark-Recognition-2020-3rd-Place-Solution/util.py"
    spec = importlib.util.spec_from_file_location("third_place_util", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.GradualWarmupSchedulerV2


def flag(command, name, default):
    found = re.search(rf"--{name} (\S+)", command)
    return type(default)(found[1]) if found else default


def gld2020_third():
    scheduler_class = gradual_warmup_v2()
    assert issubclass(scheduler_class, GradualWarmupScheduler)
    readme = (sources / "Google-Landmark-Recognition-2020-3rd-Place-Solution/README.md").read_text()
    commands = [line for line in readme.splitlines() if "train.py --kernel-type" in line]
    assert len(commands) == 27, len(commands)
    for command in commands:
        base = flag(command, "init-lr", 1e-4)
        epochs = flag(command, "n-epochs", 15)
        ran = min(epochs, flag(command, "stop-at-epoch", 999))
        optimizer = torch.optim.Adam(stand_in().parameters(), lr=base)
        cosine = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, epochs - 1)
        warmup = scheduler_class(optimizer, multiplier=10, total_epoch=1, after_scheduler=cosine)
        rates = []
        for epoch in range(1, ran + 1):
            warmup.step(epoch - 1)
            rates += [optimizer.param_groups[0]["lr"]] * STEPS
        # The README names some runs twice: by step or by the epoch they stop after they differ.
        name = f"gld2020 {flag(command, 'kernel-type', '')} step {flag(command, 'train-step', '')} stop {ran}"
        assert name not in stages, name
        record(name, rates, ran, trace=name.startswith("gld2020 b6ns_DDP_final") and ran != 28)


def assigned(path, key, default):
    found = re.findall(rf"^cfg\.{key}\s*=\s*([-\d.e]+)", path.read_text(), re.M)
    return float(found[-1]) if found else default


def transformers_cosine(base, warmup_epochs, epochs, ran):
    optimizer = sgd(base)
    scheduler = get_cosine_schedule_with_warmup(optimizer, int(warmup_epochs * STEPS), int(epochs * STEPS))
    return per_iteration(optimizer, scheduler, ran)


def gld2020_first():
    folder = sources / "kaggle-landmark-recognition-2020-1st-place"
    for number in range(1, 8):
        path = folder / f"configs/config{number}.py"
        text = path.read_text()
        base = float(re.search(r"'lr':\s*([\d.]+)", text)[1])
        epochs = int(re.search(r"'max_epochs':\s*(\d+)", text)[1])
        warmup = int(re.search(r"\"warmup_epochs\":\s*(\d+)", text)[1])
        rates = transformers_cosine(base, warmup, epochs, epochs)
        record(f"gld2020 first config{number}", rates, epochs, trace=number == 1)


def gld2020_retrieval_first():
    """Keras: `lr * 1 / (1 + decay * iterations)`, iterations from 0; here three of them."""
    for notebook in ["v2clean_train", "v2total_train"]:
        folder = sources / "google_landmark_retrieval_2020_1st_place_solution"
        text = (folder / f"notebooks/{notebook}.ipynb").read_text()
        found = re.search(r"optimizers\.SGD\(([-\de.]+), momentum=0.9, ?decay = ([-\de.]+)\)", text)
        base, decay = float(found[1]), float(found[2])
        stages[f"gld2020 retrieval {notebook}"] = [base * (1 / (1 + decay * t)) for t in (0, 50_000, 100_000)]


def second_place_module(name):
    """A module of the second place's solver, without the package's other imports."""
    return importlib.import_module(f"second_solver.{name}")


def gld2021_second():
    folder = sources / "Google_Landmark_Retrieval_2021_2nd_Place_Solution"
    package = types.ModuleType("second_solver")
    package.__path__ = [str(folder / "solver")]
    sys.modules["second_solver"] = package
    create_scheduler = second_place_module("scheduler_factory").create_scheduler
    make_optimizer = second_place_module("make_optimizer").make_optimizer
    configs = folder / "configs/GLDv2"
    parent = yaml.safe_load((configs / "GLDv2_base.yml").read_text())["SOLVER"]
    children = sorted(path for path in configs.glob("*.yml") if path.stem != "GLDv2_base")
    assert len(children) == 18
    for path in children:
        merged = {"MOMENTUM": 0.9, **parent, **yaml.safe_load(path.read_text())["SOLVER"]}
        numbers = {
            key: float(value) if isinstance(value, str) and re.fullmatch(r"[\d.]+e-\d+", value) else value
            for key, value in merged.items()
        }
        cfg = types.SimpleNamespace(SOLVER=types.SimpleNamespace(**numbers))
        optimizer = make_optimizer(cfg, stand_in())
        assert [group["params"][0].shape for group in optimizer.param_groups] == [(1, 1), (1,)]
        scheduler = create_scheduler(cfg, optimizer)
        epochs = cfg.SOLVER.MAX_EPOCHS
        rates = [[], []]
        for epoch in range(1, epochs + 1):
            for n_iter in range(STEPS):
                for group in range(2):
                    rates[group].append(optimizer.param_groups[group]["lr"])
                optimizer.step()
                scheduler.step(epoch + float(n_iter + 1) / STEPS - 1)
        for group, name in enumerate([None, "biases"]):
            trace = path.stem in ("R50_256", "R50_256_finetune")
            record(f"gld2021 {path.stem}", rates[group], epochs, trace=trace, group=name)


def gld2021_first():
    configs = sources / "kaggle-landmark-2021-1st-place/configs"
    children = sorted(configs.glob("cfg_*.py"))
    assert len(children) == 8
    for path in children:
        epochs = int(assigned(path, "epochs", 10))
        stop = int(assigned(path, "stop_at", -1))
        ran = epochs if stop < 0 else stop
        base = assigned(path, "lr", 1e-4)
        rates = transformers_cosine(base, assigned(path, "warmup", 0), epochs, ran)
        record(f"gld2021 {path.stem}", rates, ran)


for part in [gld2019, gld2020_third, gld2020_first, gld2020_retrieval_first, gld2021_second, gld2021_first]:
    part()
entry = lambda table: "{\n" + ",\n".join(f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in table.items()) + "\n  }"
text = f'{{\n  "stepsPerEpoch": {STEPS},\n  "stages": {entry(stages)},\n  "traces": {entry(traces)}\n}}\n'
(here / "schedules.json").write_text(text)
print(len(stages), "stages,", len(text), "bytes")
