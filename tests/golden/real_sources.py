"""The stand-ins of stand_ins.py, with the frameworks' own files in place of the transcriptions.

LR_LAB_SOURCES names a folder that holds these files, which are no part of this project, under the names of SOURCES. They
are run as they are. What they import beside torch and numpy is stood in for: jax.numpy is numpy in 64 bits, keras.ops is
numpy, which gives a tensor the dtype of what it is made of as Keras does, and fastai's Learner trains nothing.
"""

import contextlib
import functools
import importlib.util
import math
import os
import sys
import types
from unittest.mock import MagicMock

import numpy as np
import torch

import stand_ins

SOURCES = {
    "optax_join": "optax 0.2.8, optax/schedules/_join.py",
    "optax_schedule": "optax 0.2.8, optax/schedules/_schedule.py",
    "keras_schedule": "keras 3.15.1, keras/src/optimizers/schedules/learning_rate_schedule.py",
    "transformers_optimization": "transformers 5.18.0, src/transformers/optimization.py",
    "scheduler": "timm 1.0.29, timm/scheduler",
    "cosine_lr": "timm 1.0.29, timm/scheduler",
    "poly_lr": "timm 1.0.29, timm/scheduler",
    "tanh_lr": "timm 1.0.29, timm/scheduler",
    "step_lr": "timm 1.0.29, timm/scheduler",
    "multistep_lr": "timm 1.0.29, timm/scheduler",
    "fastai_schedule": "fastai 0a049e8, fastai/callback/schedule.py: the schedules, ParamScheduler and the fits",
}


def load(folder, name, package):
    """A file of the folder as a module of a package."""
    full = f"{package}.{name}"
    spec = importlib.util.spec_from_file_location(full, f"{folder}/{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[full] = module
    spec.loader.exec_module(module)
    return module


def packages(*names):
    for name in names:
        sys.modules.setdefault(name, types.ModuleType(name)).__path__ = []


# ---------------------------------------------------------------- fastai's training


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
        self.batches, self.opt, self.hypers = batches, Optimizer(), {"lr": [], "mom": []}

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
                for name, values in self.hypers.items():
                    values.append(float(self.opt.hypers[-1][name]))
                self.pct_train += 1.0 / (self.batches * n_epoch)


def fastai(folder):
    def patch(method):
        setattr(Learner, method.__name__, method)
        return method

    def store_attr(names):
        caller = sys._getframe(1).f_locals
        for name in names.split(","):
            setattr(caller["self"], name, caller[name])

    packages("files", "files.callback")
    basics = types.ModuleType("files.basics")
    basics.__dict__.update(math=math, np=np, torch=torch, functools=functools, Callback=Callback, Learner=Learner,
                           tensor=torch.tensor, patch=patch, docs=lambda made: made, store_attr=store_attr,
                           L=lambda items=None: [] if items is None else list(items))
    sys.modules["files.basics"] = basics
    module = load(folder, "fastai_schedule", "files.callback")
    sys.modules["fastai.callback.schedule"] = module
    return module


# ---------------------------------------------------------------- the others


def optax(folder):
    jax = sys.modules["jax"]
    jax.numpy = sys.modules["jax.numpy"] = np
    jax.typing, jax.tree = MagicMock(), types.SimpleNamespace(map=lambda change, values: tuple(map(change, values)))
    packages("optax", "optax._src", "optax.schedules")
    sys.modules["absl"] = sys.modules["optax._src"].base = MagicMock()
    sys.modules["optax.schedules"]._join = join = load(folder, "optax_join", "optax.schedules")
    schedule = load(folder, "optax_schedule", "optax.schedules")
    for module in [join, schedule]:
        own = {name: made for name, made in vars(module).items() if callable(made) and name[0] != "_"}
        sys.modules["optax"].__dict__.update(own)


def keras(folder):
    wide = {"float32": "float64"}
    tensor = lambda x, dtype=None: np.asarray(x, dtype=wide.get(str(dtype), dtype))
    names = ["floor", "ceil", "divide", "add", "subtract", "multiply", "power", "where", "equal", "minimum", "maximum",
             "cos", "log"]
    ops = types.SimpleNamespace(
        convert_to_tensor=tensor, array=tensor, cast=lambda x, dtype: np.asarray(x).astype(wide.get(str(dtype), dtype)),
        cond=lambda condition, yes, no: yes() if condition else no(),
        name_scope=lambda _: contextlib.nullcontext(), **{name: getattr(np, name) for name in names})
    packages("keras.src")
    sys.modules["keras.src"].ops = ops
    sys.modules["keras.src.api_export"] = types.SimpleNamespace(keras_export=lambda *_: lambda made: made)
    sys.modules["keras.src.saving"] = MagicMock()
    module = load(folder, "keras_schedule", "keras.src")
    sys.modules["keras"].optimizers.schedules = module


def transformers(folder):
    packages("transformers")
    for name in ["trainer_pt_utils", "trainer_utils", "utils"]:
        sys.modules[f"transformers.{name}"] = MagicMock()
    module = load(folder, "transformers_optimization", "transformers")
    sys.modules["transformers"].__dict__.update(
        {name: made for name, made in vars(module).items() if name.startswith("get_") or name == "GreedyLR"})


def timm(folder):
    packages("timm", "timm.scheduler")
    for name in ["scheduler", "cosine_lr", "poly_lr", "tanh_lr", "step_lr", "multistep_lr"]:
        module = load(folder, name, "timm.scheduler")
        sys.modules["timm.scheduler"].__dict__.update(
            {key: made for key, made in vars(module).items() if key.endswith("Scheduler")})


def use(folder):
    """Puts the real files in place of the transcriptions, and the real fits into the Learner."""
    for framework in [optax, keras, transformers, timm, fastai]:
        framework(folder)
    stand_ins.Learner = Learner


if "LR_LAB_SOURCES" in os.environ:
    use(os.environ["LR_LAB_SOURCES"])
