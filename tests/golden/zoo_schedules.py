"""Rates of schedules that PyTorch lacks, computed by the libraries that have them.

    python3 tests/golden/zoo_schedules.py FOLDER > tests/golden/zoo_schedules.json

FOLDER holds the libraries' own files, which are no part of this project, under the names of SOURCES below. They are run
as they are, under empty stand-ins for what they import beside torch and numpy; jax.numpy is numpy, and fastai's two
functions are run without its callbacks. What a library computes in single precision says so by its tolerance.
"""

import contextlib
import datetime
import importlib.util
import json

import sys
import types
from unittest.mock import MagicMock

import numpy as np
import torch

SOURCES = {
    "transformers_optimization": "transformers 5.18.0, src/transformers/optimization.py",
    "timm.scheduler.scheduler": "timm 1.0.29, timm/scheduler",
    "timm.scheduler.cosine_lr": "timm 1.0.29, timm/scheduler",
    "timm.scheduler.tanh_lr": "timm 1.0.29, timm/scheduler",
    "timm.scheduler.poly_lr": "timm 1.0.29, timm/scheduler",
    "timm.scheduler.multistep_lr": "timm 1.0.29, timm/scheduler",
    "optax_schedule": "optax 0.2.8, optax/schedules/_schedule.py",
    "keras_schedule": "keras 3.15.1, keras/src/optimizers/schedules/learning_rate_schedule.py",
    "fairseq_tri_stage": "fairseq 3d262bb, fairseq/optim/lr_scheduler/tri_stage_lr_scheduler.py",
    "deepspeed_lr_schedules": "DeepSpeed edaa722, deepspeed/runtime/lr_schedules.py",
    "megatron_scheduler": "Megatron-LM d98e8a6, megatron/core/optimizer_param_scheduler.py",
    "detectron2_lr_scheduler": "detectron2 02b5c4e, detectron2/solver/lr_scheduler.py",
    "katsura": "pytorch-cosine-annealing-with-warmup 12d03c0, cosine_annealing_warmup/scheduler.py",
    "fastai_schedule": "fastai 0a049e8, fastai/callback/schedule.py (combined_cos and what it calls)",
}
STAND_INS = ["absl", "jax", "optax", "optax._src", "optax.schedules", "deepspeed", "deepspeed.utils", "megatron",
             "megatron.core", "megatron.core.utils", "fvcore", "fvcore.common", "omegaconf", "pack",
             "pack.trainer_pt_utils", "pack.trainer_utils", "pack.utils", "keras", "keras.src", "keras.src.saving",
             "fairseq", "fairseq.optim", "timm", "timm.scheduler"]
CONFIGURATIONS = []


def stand_ins():
    for name in STAND_INS:
        sys.modules[name] = MagicMock(__path__=[], __spec__=None)
    sys.modules["jax.numpy"] = sys.modules["jax"].numpy = np
    sys.modules["jax"].tree.map = lambda change, values: tuple(map(change, values))
    sys.modules["keras.src"].ops = types.SimpleNamespace(
        convert_to_tensor=lambda x, *_: np.float64(x), cast=lambda x, dtype: np.float64(x), floor=np.floor, array=np.float64,
        divide=np.divide, add=np.add, multiply=np.multiply, power=np.power,
        name_scope=lambda _: contextlib.nullcontext())
    sys.modules["keras.src.api_export"] = types.SimpleNamespace(keras_export=lambda *_: lambda made: made)
    plain = type("Plain", (), {"__init__": lambda self, cfg, optimizer: setattr(self, "optimizer", optimizer)})
    sys.modules["fairseq.dataclass"] = types.SimpleNamespace(FairseqDataclass=object)
    sys.modules["fairseq.optim.lr_scheduler"] = types.SimpleNamespace(
        FairseqLRScheduler=plain, register_lr_scheduler=lambda *_, **__: lambda made: made)
    base = type("Base", (), {})
    sys.modules["fvcore.common.param_scheduler"] = types.SimpleNamespace(
        CompositeParamScheduler=base, ConstantParamScheduler=base, LinearParamScheduler=base, ParamScheduler=base)


def load(folder, name):
    file = f"{folder}/{name.split('.')[-1]}.py"
    package = name if name.startswith("timm.") else "pack." + name
    spec = importlib.util.spec_from_file_location(package, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[package] = module
    spec.loader.exec_module(module)
    return module


def sgd(lr=0.1):
    return torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=lr)


def add(source, label, spec, rates, tolerance=1e-9):
    CONFIGURATIONS.append({"source": source, "label": label, "spec": spec, "tolerance": tolerance,
                           "lr": [float(rate) for rate in rates]})


def stepped(optimizer, scheduler, total):
    """Rates of a scheduler of torch's kind."""
    rates = []
    for _ in range(total):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def transformers(made):
    def by(label, spec, make, total=110):
        optimizer = sgd(0.1)
        add("transformers", label, {"lr": 0.1, **spec}, stepped(optimizer, make(optimizer), total))
    steps = lambda warmup, total: dict(num_warmup_steps=warmup, num_training_steps=total)
    warm = lambda warmup, then: {"name": "warmup", "duration": f"{warmup} steps", "then": {"lr": 0.1, **then}, "lr": None}
    for cycles in [1, 1.5, 2, 0.25]:
        cosine = {"name": "cosine", "T_max": "90 steps", "num_cycles": cycles}
        by(f"cosine num_cycles {cycles}", warm(10, cosine),
           lambda o: made.get_cosine_schedule_with_warmup(o, **steps(10, 100), num_cycles=cycles), 100)
        by(f"cosine with min_lr, num_cycles {cycles}", warm(10, {**cosine, "eta_min": 0.01}),
           lambda o: made.get_cosine_with_min_lr_schedule_with_warmup(
               o, **steps(10, 100), num_cycles=cycles, min_lr=0.01), 100)
    for warmup, timescale in [(10, 40), (30, 10), (0, 25)]:
        by(f"inverse sqrt {warmup} {timescale}",
           {"name": "inverse_sqrt", "warmup": f"{warmup} steps", "timescale": f"{timescale} steps"},
           lambda o: made.get_inverse_sqrt_schedule(o, warmup, timescale))
    for up in ["linear", "cosine", "1-sqrt"]:
        for down in ["linear", "cosine", "1-sqrt"]:
            by(f"wsd {up} {down}",
               {"name": "wsd", "warmup": "20 steps", "stable": "40 steps", "decay": "30 steps", "warmup_shape": up,
                "decay_shape": down, "start_ratio": 0.05, "min_ratio": 0.05},
               lambda o: made.get_wsd_schedule(o, 20, 30, num_stable_steps=40, warmup_type=up, decay_type=down,
                                               min_lr_ratio=0.05))


def greedy(made):
    """GreedyLR over hand-written metrics; `lr[i]` is the rate after the i-th evaluation."""
    metrics = [1.0, 0.9, 0.8, 0.8, 0.81, 0.8, 0.7, 0.6, 0.5, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.3, 0.2, 0.1]
    for options in [dict(patience=0), dict(patience=1), dict(patience=1, warmup=2, cooldown=1),
                    dict(patience=0, factor=0.5, min_lr=0.05, reset_start=2), dict(patience=0, max_lr=0.12),
                    dict(patience=0, threshold=0.15), dict(patience=0, threshold=0.2, threshold_mode="rel"),
                    dict(patience=0, mode="max"), dict(patience=0, factor=0.5, min_lr=0.06, reset_start=1, cooldown=2),
                    dict(patience=0, smooth=True, window_size=3), dict(patience=1, smooth=True, window_size=5, cooldown=1),
                    dict(patience=0, factor=0.5, min_lr=0.06, reset_start=2, smooth=True, window_size=4)]:
        optimizer = sgd(0.1)
        scheduler = made.GreedyLR(optimizer, **options)
        rates = []
        for metric in metrics:
            scheduler.step(metric)
            rates.append(optimizer.param_groups[0]["lr"])
        yield {"label": f"GreedyLR {options}", "spec": {"name": "greedy", "lr": 0.1, **options}, "metrics": metrics,
               "lr": rates}


def timm(cosine, tanh, poly, multistep):
    def by(label, spec, make, total=110):
        optimizer = sgd(0.1)
        scheduler = make(optimizer)
        rates = []
        for t in range(total):
            scheduler.step_update(t)
            rates.append(optimizer.param_groups[0]["lr"])
        add("timm", label, spec, rates)
    at = dict(t_in_epochs=False)
    for k in [0.7, 1.5, 2.0]:
        by(f"cosine k_decay {k}", {"name": "cosine", "lr": 0.1, "eta_min": 0.01, "T_max": "100 steps", "k_decay": k},
           lambda o: cosine.CosineLRScheduler(o, 100, lr_min=0.01, k_decay=k, **at))
        by(f"poly k_decay {k}", {"name": "polynomial", "lr": 0.1, "end_lr": 0.01, "power": 2, "duration": "100 steps",
                                 "k_decay": k},
           lambda o: poly.PolyLRScheduler(o, 100, power=2.0, lr_min=0.01, k_decay=k, **at))
    for low, up in [(-7, 3), (-6, 3), (-2, 1)]:
        by(f"tanh {low} {up}", {"name": "tanh", "lr": 0.1, "eta_min": 0.01, "duration": "100 steps", "lower": low,
                                "upper": up},
           lambda o: tanh.TanhLRScheduler(o, 100, lb=low, ub=up, lr_min=0.01, **at))
    by("cosine cycle_decay", {"name": "sgdr", "lr": 0.1, "eta_min": 0.01, "T_0": "25 steps", "lr_decay": 0.6,
                              "decay_min": False, "cycle_limit": 4},
       lambda o: cosine.CosineLRScheduler(o, 25, lr_min=0.01, cycle_decay=0.6, cycle_limit=4, **at))
    by("cosine on its default clock", {"name": "warmup", "duration": "20 steps", "from": 0.001, "clock": "run",
                                       "then": {"name": "cosine", "lr": 0.1, "eta_min": 0.01, "T_max": "100 steps"}},
       lambda o: cosine.CosineLRScheduler(o, 100, lr_min=0.01, warmup_t=20, warmup_lr_init=0.001, **at))
    by("tanh on its default clock", {"name": "warmup", "duration": "20 steps", "from": 0.001, "clock": "run",
                                     "ramp_to": "joined", "then": {"name": "tanh", "lr": 0.1, "duration": "100 steps"}},
       lambda o: tanh.TanhLRScheduler(o, 100, warmup_t=20, warmup_lr_init=0.001, **at))


def by_functions(optax, keras, fastai):
    for exponent in [0.5, 2.0, 3.0]:
        schedule = optax.cosine_decay_schedule(0.1, 100, alpha=0.1, exponent=exponent)
        add("optax", f"cosine exponent {exponent}",
            {"name": "cosine", "lr": 0.1, "eta_min": 0.01, "T_max": "100 steps", "exponent": exponent},
            [schedule(np.float64(t)) for t in range(110)])
    for staircase in [False, True]:
        schedule = keras.InverseTimeDecay(0.1, 10, 0.5, staircase=staircase)
        add("Keras", f"InverseTimeDecay staircase {staircase}",
            {"name": "inverse_time", "lr": 0.1, "decay_rate": 0.5, "every": "10 steps", "staircase": staircase},
            [schedule(t) for t in range(100)])
    cycle = fastai.combined_cos(0.25, 0.1 / 25, 0.1, 0.1 / 1e5)
    add("fastai", "fit_one_cycle", {"name": "one_cycle", "max_lr": 0.1, "duration": "100 steps", "pct_start": 0.25,
                                    "final_div_factor": 4000, "inclusive_end": False},
        [cycle(t / 100) for t in range(100)], 1e-4)
    flat = fastai.combined_cos(0.75, 0.1, 0.1, 0.1 / 1e5)
    add("fastai", "fit_flat_cos", {"name": "wsd", "lr": 0.1, "warmup": "0 steps", "stable": "75 steps",
                                   "decay": "25 steps", "decay_shape": "cosine", "min_ratio": 1e-5},
        [flat(t / 100) for t in range(100)], 1e-4)


def of_language_models(fairseq, deepspeed, megatron):
    for init, final in [(0.01, 0.01), (0.1, 0.05)]:
        cfg = types.SimpleNamespace(lr=[0.1], init_lr_scale=init, final_lr_scale=final, phase_ratio=None, max_update=0,
                                    warmup_steps=20, hold_steps=40, decay_steps=40)
        scheduler = fairseq.TriStageLRSchedule(cfg, MagicMock())
        add("fairseq", f"tri_stage {init} {final}",
            {"name": "wsd", "lr": 0.1, "warmup": "20 steps", "stable": "40 steps", "decay": "40 steps",
             "decay_shape": "geometric", "start_ratio": init, "min_ratio": final},
            [scheduler.step_update(t) for t in range(120)])
    deepspeed.get_torch_optimizer = lambda optimizer: optimizer
    for low, total in [(0.0, 30), (0.01, 11)]:
        optimizer = sgd(0.1)
        scheduler = deepspeed.WarmupLR(optimizer, low, 0.1, total, "log")
        rates = []
        for t in range(60):
            scheduler.step(t)
            rates.append(optimizer.param_groups[0]["lr"])
        add("DeepSpeed", f"WarmupLR log {low} {total}",
            {"name": "warmup", "duration": f"{total - 1} steps", "shape": "log", "from": low,
             "then": {"name": "constant", "lr": 0.1}}, rates)
    for style, shape in [("exponential", "exponential"), ("minus_sqrt", "1-sqrt"), ("cosine", "cosine"), ("linear", "linear")]:
        optimizer = sgd(0.1)
        scheduler = megatron.OptimizerParamScheduler(
            optimizer, 0.0, 0.1, 0.01, 10, 100, "WSD", 0.0, 0.0, 100, "constant", wsd_decay_steps=30,
            lr_wsd_decay_style=style)
        rates = []
        for _ in range(101):
            rates.append(optimizer.param_groups[0]["lr"])
            scheduler.step(1)
        add("Megatron-LM", f"WSD {style}",
            {"name": "wsd", "lr": 0.1, "warmup": "10 steps", "stable": "60 steps", "decay": "30 steps",
             "decay_shape": shape, "min_ratio": 0.1}, rates)


def of_vision(detectron2, katsura):
    for milestones, factor in [([30, 60], 0.001), ([10, 60], 0.1)]:
        optimizer = sgd(0.1)
        scheduler = detectron2.WarmupMultiStepLR(optimizer, milestones, 0.1, factor, 20, "linear")
        drops = {"name": "multistep", "lr": 0.1, "milestones": [f"{at} steps" for at in milestones]}
        ramp = {"name": "warmup", "duration": "20 steps", "from": factor, "then": {"name": "constant", "lr": 1}}
        rates = stepped(optimizer, scheduler, 80)
        add("detectron2", f"WarmupMultiStepLR {milestones}", {"name": "product", "of": [ramp, drops]}, rates)
    optimizer = sgd(0.1)
    rates = stepped(optimizer, detectron2.WarmupCosineLR(optimizer, 100, 0.001, 20, "linear"), 100)
    ramp = {"name": "warmup", "duration": "20 steps", "from": 0.001, "then": {"name": "constant", "lr": 1}}
    cosine = {"name": "cosine", "lr": 0.1, "T_max": "100 steps"}
    add("detectron2", "WarmupCosineLR", {"name": "product", "of": [ramp, cosine]}, rates)
    for mult, gamma in [(1.0, 1.0), (2.0, 0.5), (3.0, 0.7)]:
        optimizer = sgd(0.1)
        scheduler = katsura.CosineAnnealingWarmupRestarts(optimizer, 20, mult, 0.1, 0.001, 5, gamma)
        add("pytorch-cosine-annealing-with-warmup", f"cycle_mult {mult} gamma {gamma}",
            {"name": "sgdr", "lr": 0.1, "eta_min": 0.001, "T_0": "20 steps", "T_mult": mult, "warmup": "5 steps",
             "lr_decay": gamma, "decay_min": False}, stepped(optimizer, scheduler, 150))


def main():
    stand_ins()
    made = {name: load(sys.argv[1], name) for name in SOURCES}
    transformers(made["transformers_optimization"])
    timm(*[made[f"timm.scheduler.{name}"] for name in ["cosine_lr", "tanh_lr", "poly_lr", "multistep_lr"]])
    by_functions(made["optax_schedule"], made["keras_schedule"], made["fastai_schedule"])
    of_language_models(made["fairseq_tri_stage"], made["deepspeed_lr_schedules"], made["megatron_scheduler"])
    of_vision(made["detectron2_lr_scheduler"], made["katsura"])
    for configuration in CONFIGURATIONS:
        spec = configuration["spec"]
        configuration["spec"] = {key: value for key, value in spec.items() if value is not None}
    golden = {"made_by": "tests/golden/zoo_schedules.py", "date": datetime.date.today().isoformat(),
              "torch": torch.__version__, "sources": sorted(set(SOURCES.values())), "configurations": CONFIGURATIONS,
              "greedy": list(greedy(made["transformers_optimization"]))}
    json.dump(golden, sys.stdout, separators=(",", ":"))
    print()


main()
