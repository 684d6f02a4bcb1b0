"""Runs emitted snippets and prints the rates that they give.

Reads a JSON list of {framework, code, total, every, per_epoch} from stdin and writes a JSON list of
{lr, momentum, resumed, error}. Snippets of PyTorch and Lightning run in real PyTorch; the other frameworks are stood in
for by stand_ins.py, or by their own files (real_sources.py). Rates are those of the run's steps and, where the scheduler is an object, of the step after them,
because a loop calls it once more. `resumed` are the rates of a second run that loads what torch.save kept of the
optimizer and the scheduler in the middle of the first.
"""

import io
import json
import sys
import traceback
import warnings

import numpy as np
import torch

import real_sources  # noqa: F401, in place of stand-ins where LR_LAB_SOURCES names a folder
import stand_ins

warnings.filterwarnings("ignore")


class Trained:
    """A run that steps a scheduler."""

    def __init__(self, framework, code):
        torch.manual_seed(0)
        model = torch.nn.Linear(1, 1)
        self.framework, self.names = framework, {"model": model, "__name__": "snippet"}
        exec(compile(code, framework, "exec"), self.names)
        if framework == "lightning":
            made = self.names["configure_optimizers"](model)
            self.optimizer, self.scheduler = made["optimizer"], made["lr_scheduler"]["scheduler"]
            self.interval = made["lr_scheduler"]["interval"]
        else:
            self.optimizer, self.scheduler = self.names["optimizer"], self.names["scheduler"]
            self.interval = None
        self.momentum = self.names.get("momentum")

    def read(self, t):
        group = self.optimizer.param_groups[0]
        own = group["momentum"] if "momentum" in group else group["betas"][0]
        return float(group["lr"]), float(self.momentum(t) if self.momentum else own)

    def step(self, t, every):
        """After update t, counted from 0."""
        self.optimizer.step()
        done = t + 1
        if self.framework == "timm":
            self.scheduler.step_update(num_updates=done)
            if done % every == 0:
                self.scheduler.step(done // every)
        elif done % every == 0:
            self.scheduler.step()

    def save(self):
        file = io.BytesIO()
        torch.save([self.optimizer.state_dict(), self.scheduler.state_dict()], file)
        return file

    def load(self, file):
        file.seek(0)
        optimizer, scheduler = torch.load(file)
        self.optimizer.load_state_dict(optimizer)
        self.scheduler.load_state_dict(scheduler)


def run_torch(framework, code, total, every, per_epoch):
    run = Trained(framework, code)
    if run.interval is not None:
        assert (run.interval == "epoch") == per_epoch, f"interval {run.interval}"
    every = every if per_epoch or framework == "timm" else 1
    half, read, file = total // 2, [], None
    for t in range(total):
        if t == half:
            file = run.save()
        read.append(run.read(t))
        run.step(t, every)
    read.append(run.read(total))
    again = Trained(framework, code)
    again.load(file)
    resumed = []
    for t in range(half, total):
        resumed.append(again.read(t)[0])
        again.step(t, every)
    return [lr for lr, _ in read], [momentum for _, momentum in read], resumed


def run_arrays(framework, code, total):
    names = {"__name__": "snippet"}
    exec(compile(code, framework, "exec"), names)
    schedule = names["schedule"]
    at = schedule if callable(schedule) else lambda t: schedule
    momentum = names.get("momentum")
    moved = None if momentum is None else [float(momentum(np.float64(t))) for t in range(total + 1)]
    # A count is an array, whose negative values have powers and roots that are NaN, not complex.
    return [float(at(np.int64(t))) for t in range(total + 1)], moved, None


def run_fastai(code, total, every):
    learn = stand_ins.Learner(every)
    exec(compile(code, "fastai", "exec"), {"learn": learn, "__name__": "snippet"})
    return learn.hypers["lr"][:total], learn.hypers.get("mom", [])[:total] or None, None


def run(framework, code, total, every, per_epoch):
    if framework in ("keras", "optax"):
        return run_arrays(framework, code, total)
    if framework == "fastai":
        return run_fastai(code, total, every)
    return run_torch(framework, code, total, every, per_epoch)


answers = []
for job in json.load(sys.stdin):
    try:
        lr, momentum, resumed = run(**job)
        answers.append({"lr": lr, "momentum": momentum, "resumed": resumed, "error": None})
    except Exception:
        answers.append({"lr": [], "momentum": None, "resumed": None, "error": traceback.format_exc(limit=-3)})
json.dump(answers, sys.stdout)
