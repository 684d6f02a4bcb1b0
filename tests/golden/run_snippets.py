"""Runs emitted snippets and prints the rates that they give.

Reads a JSON list of {framework, code, total, every} from stdin and writes a JSON list of {lr, momentum, error}.
PyTorch snippets run in real PyTorch; the other frameworks are stood in for by stand_ins.py.
"""

import json
import sys
import traceback
import warnings

import numpy as np
import torch

import stand_ins  # noqa: F401, registers the modules

warnings.filterwarnings("ignore")


def run(framework, code, total, every):
    names = {"model": torch.nn.Linear(1, 1), "__name__": "snippet"}
    exec(compile(code, framework, "exec"), names)
    if framework in ("keras", "optax"):
        schedule = names["schedule"]
        at = schedule if callable(schedule) else lambda t: schedule
        momentum = names.get("momentum")
        moved = None if momentum is None else [float(momentum(np.float64(t))) for t in range(total)]
        return [float(at(t)) for t in range(total)], moved
    optimizer, scheduler = names["optimizer"], names["scheduler"]
    momentum = names.get("momentum")
    rates, momenta = [], []
    for t in range(total):
        group = optimizer.param_groups[0]
        rates.append(float(group["lr"]))
        momenta.append(float(momentum(t)) if momentum else float(group.get("momentum", group.get("betas", [0])[0])))
        optimizer.step()
        if (t + 1) % every == 0 and t + 1 < total:
            scheduler.step()
    return rates, momenta


answers = []
for job in json.load(sys.stdin):
    try:
        lr, momentum = run(**job)
        answers.append({"lr": lr, "momentum": momentum, "error": None})
    except Exception:
        answers.append({"lr": [], "momentum": None, "error": traceback.format_exc(limit=-3)})
json.dump(answers, sys.stdout)
