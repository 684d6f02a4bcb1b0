"""Golden rates of frameworks that own the training loop, computed by their own code.

    python3 tests/golden/trainer_schedules.py FOLDER > tests/golden/trainer_schedules.json

FOLDER holds the parts of their files that SOURCES names, which are no part of this project. They are run as they are,
under stand-ins for the rest: a Learner that counts the training as fastai's TrainEvalCallback does, an optimizer of
torch's, arguments with Ultralytics' defaults. `lr` are the rates that the optimizer has in each step, and `error` the
class of the exception where a framework refuses.
"""

import functools
import importlib.util
import json
import math
import sys
import types

import numpy as np
import torch

from trainer_calls import CASES

SOURCES = {
    "fastai_schedule": "fastai 0a049e8, fastai/callback/schedule.py: the schedules, ParamScheduler and the fits",
    "deepspeed_lr_schedules": "DeepSpeed 0.19.6 (edaa722), deepspeed/runtime/lr_schedules.py",
    "ultralytics_trainer": "Ultralytics 0001630, ultralytics/engine/trainer.py: scheduler and warmup; "
                           "utils/torch_utils.py: one_cycle",
}


def load(name):
    spec = importlib.util.spec_from_file_location(f"pack.callback.{name}", f"{sys.argv[1]}/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sgd(lr):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, momentum=0.9)


# ---------------------------------------------------------------- fastai


class Callback:
    """What a callback sees of its learner."""

    def __getattr__(self, name):
        return getattr(self.__dict__["learn"], name)

    def __add__(self, others):
        return [self, *others]


class Optimizer:
    def __init__(self):
        self.hypers = [{"lr": 0.001, "mom": 0.9}]

    def set_hyper(self, name, value):
        self.hypers[-1][name] = value[-1] if isinstance(value, np.ndarray) else value


class Learner:
    """Trains nothing, but counts as Learner and TrainEvalCallback do: from the epoch's own start on, batch by batch."""
    moms, lr = (0.95, 0.85, 0.95), 0.001

    def __init__(self, batches):
        self.batches, self.opt, self.rates = batches, Optimizer(), []

    def fit(self, n_epoch, lr=None, wd=None, cbs=None, reset_opt=False):
        callbacks = [] if cbs is None else cbs if isinstance(cbs, list) else [cbs]
        self.opt.set_hyper("lr", self.lr if lr is None else lr)
        for callback in callbacks:
            callback.learn = self
            callback.before_fit()
        for epoch in range(n_epoch):
            self.pct_train = epoch / n_epoch
            for _ in range(self.batches):
                for callback in callbacks:
                    callback.before_batch()
                self.rates.append(float(self.opt.hypers[-1]["lr"]))
                self.pct_train += 1.0 / (self.batches * n_epoch)


def fastai_stand_ins():
    def patch(method):
        setattr(Learner, method.__name__, method)
        return method

    def store_attr(names):
        caller = sys._getframe(1).f_locals
        for name in names.split(","):
            setattr(caller["self"], name, caller[name])

    for name in ["pack", "pack.callback"]:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = []
    basics = types.ModuleType("pack.basics")
    basics.__dict__.update(math=math, np=np, torch=torch, functools=functools, Callback=Callback, Learner=Learner,
                           tensor=torch.tensor, patch=patch, docs=lambda made: made, store_attr=store_attr,
                           L=lambda items=None: [] if items is None else list(items))
    sys.modules["pack.basics"] = basics


def run_fastai(module, call, base, every, total):
    learn = Learner(every)
    eval(call, {**vars(module), "learn": learn})
    return learn.rates


# ---------------------------------------------------------------- DeepSpeed


def run_deepspeed(module, call, base, every, total):
    config, optimizer = json.loads(call), sgd(base)
    scheduler = getattr(module, config["type"])(optimizer, **config["params"])
    rates = []
    for _ in range(total):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return rates


# ---------------------------------------------------------------- Ultralytics


def run_ultralytics(module, call, base, every, total):
    defaults = dict(epochs=100, lr0=0.01, lrf=0.01, cos_lr=False, warmup_epochs=3.0, warmup_bias_lr=0.1,
                    warmup_momentum=0.8, momentum=0.937, nbs=64)
    trainer, rates = module.BaseTrainer(), []

    def train(**given):
        trainer.args = types.SimpleNamespace(**{**defaults, **given})
        trainer.epochs, trainer.start_epoch, trainer.batch_size = trainer.args.epochs, 0, 16
        trainer.train_loader, trainer.optimizer = range(every), sgd(trainer.args.lr0)
        trainer._setup_scheduler()
        trainer.optimizer_step = lambda: rates.append(float(trainer.optimizer.param_groups[0]["lr"]))
        trainer._do_train()

    eval(call, {"model": types.SimpleNamespace(train=train)})
    return rates


def main():
    fastai_stand_ins()
    for name in ["deepspeed", "deepspeed.utils"]:
        sys.modules[name] = types.SimpleNamespace(logger=types.SimpleNamespace(warning=lambda *_: None), __path__=[])
    runs = {"fastai": (run_fastai, load("fastai_schedule")), "deepspeed": (run_deepspeed, load("deepspeed_lr_schedules")),
            "ultralytics": (run_ultralytics, load("ultralytics_trainer"))}
    cases = []
    for case in CASES:
        run, module = runs[case["library"]]
        given = {key: case[key] for key in ["call", "base", "every", "total"]}
        try:
            lr, error = run(module, **given), None
        except Exception as exception:
            lr, error = None, type(exception).__name__
        cases.append({**case, "total": case["total"] if lr is None else len(lr), "lr": lr, "error": error})
    head = {"made_by": "tests/golden/trainer_schedules.py", "versions": {**SOURCES, "torch": torch.__version__}}
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    print(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}")


main()
