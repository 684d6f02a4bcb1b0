"""Golden rates and momenta of the schedules, from PyTorch's own schedulers.

    python3 tests/golden/pytorch_schedules.py > tests/golden/pytorch_schedules.json

Each configuration pairs a PyTorch scheduler with the spec that has to give the same numbers. Update t uses what the
optimizer holds after t calls of `scheduler.step()`; a configuration with `steps_per_epoch` above 1 and `update: epoch`
calls it once an epoch. `differences` holds what PyTorch gives where this project deliberately gives something else.
"""

import datetime
import json
import math
import sys
import warnings

import torch
from torch.optim import lr_scheduler as L
from torch.optim.swa_utils import SWALR

warnings.filterwarnings("ignore")

CONFIGURATIONS = []


def sgd(lr=0.1, momentum=0.9):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, momentum=momentum)


def adam(lr=0.1):
    return torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=lr)


def momentum_of(optimizer):
    group = optimizer.param_groups[0]
    return group["momentum"] if "momentum" in group else group["betas"][0]


def trace(optimizer, scheduler, total, every=1):
    """Rate and momentum of each step."""
    rates, momenta = [], []
    for t in range(total):
        if t > 0 and t % every == 0:
            optimizer.step()
            scheduler.step()
        rates.append(float(optimizer.param_groups[0]["lr"]))
        momenta.append(float(momentum_of(optimizer)))
    return rates, momenta


def add(label, spec, make, total, lr=0.1, optimizer=sgd, steps_per_epoch=1, momentum=False):
    chosen = optimizer(lr)
    scheduler = make(chosen)
    per_epoch = spec.get("update") == "epoch"
    rates, momenta = trace(chosen, scheduler, total, steps_per_epoch if per_epoch else 1)
    CONFIGURATIONS.append({
        "label": label,
        "spec": spec,
        "total_steps": total,
        "steps_per_epoch": steps_per_epoch,
        "lr": rates,
        "momentum": momenta if momentum else None,
    })


def steps(n):
    return f"{n} steps"


def step_and_multistep():
    for size, gamma, lr in [(30, 0.1, 0.1), (7, 0.5, 0.03), (1, 0.97, 1.0), (13, 1.1, 1e-4)]:
        spec = {"name": "step", "lr": lr, "step_size": steps(size), "gamma": gamma}
        add(f"StepLR {size} {gamma}", spec, lambda o: L.StepLR(o, size, gamma), 100, lr)
    add("StepLR per epoch", {"name": "step", "lr": 0.1, "step_size": "3 epochs", "gamma": 0.2, "update": "epoch"},
        lambda o: L.StepLR(o, 3, 0.2), 98, steps_per_epoch=7)
    for milestones, gamma in [([30, 60, 80], 0.1), ([10, 10, 20], 0.5), ([1, 2, 3, 50], 0.9), ([99], 0.1)]:
        spec = {"name": "multistep", "lr": 0.05, "milestones": [steps(m) for m in milestones], "gamma": gamma}
        add(f"MultiStepLR {milestones}", spec, lambda o: L.MultiStepLR(o, milestones, gamma), 110, 0.05)
    add("MultiStepLR per epoch",
        {"name": "multistep", "lr": 0.1, "milestones": ["4 epochs", "9 epochs"], "update": "epoch"},
        lambda o: L.MultiStepLR(o, [4, 9], 0.1), 96, steps_per_epoch=8)


def exponential():
    for gamma, lr in [(0.95, 0.1), (0.999, 3e-4), (0.5, 1.0), (1.02, 1e-5)]:
        spec = {"name": "exponential", "lr": lr, "gamma": gamma, "every": "1 step"}
        add(f"ExponentialLR {gamma}", spec, lambda o: L.ExponentialLR(o, gamma), 120, lr)
    decay = {"name": "exponential", "lr": 0.1, "decay_rate": 0.05, "every": "1 step"}
    add("ExponentialLR by decay rate", decay, lambda o: L.ExponentialLR(o, math.exp(-0.05)), 120)
    per_epoch = {"name": "exponential", "lr": 0.1, "gamma": 0.9, "update": "epoch"}
    add("ExponentialLR per epoch", per_epoch, lambda o: L.ExponentialLR(o, 0.9), 90, steps_per_epoch=9)
    staircase = {"name": "exponential", "lr": 0.1, "gamma": 0.9, "staircase": True}
    add("LambdaLR staircase", staircase, lambda o: L.LambdaLR(o, lambda t: 0.9 ** (t // 9)), 90, steps_per_epoch=9)
    smooth = {"name": "exponential", "lr": 0.1, "gamma": 0.5, "every": "20 steps"}
    add("MultiplicativeLR", smooth, lambda o: L.MultiplicativeLR(o, lambda t: 0.5 ** (1 / 20)), 100)


def polynomial_and_linear():
    for power in [0.5, 1.0, 2.0, 0.9, 4.0]:
        spec = {"name": "polynomial", "lr": 0.1, "power": power, "duration": "100 steps"}
        add(f"PolynomialLR {power}", spec, lambda o: L.PolynomialLR(o, total_iters=100, power=power), 120)
    add("PolynomialLR per epoch",
        {"name": "polynomial", "lr": 0.1, "power": 2, "duration": "10 epochs", "update": "epoch"},
        lambda o: L.PolynomialLR(o, total_iters=10, power=2), 72, steps_per_epoch=6)
    for start, end, total in [(1.0, 0.0, 100), (1.0, 0.01, 80), (0.25, 1.0, 40)]:
        spec = {"name": "linear", "lr": 0.1 * start, "end_lr": 0.1 * end, "duration": steps(total)}
        make = lambda o: L.LinearLR(o, start_factor=start, end_factor=end, total_iters=total)
        add(f"LinearLR {start} to {end}", spec, make, 110)
    add("SWALR linear", {"name": "linear", "lr": 0.1, "end_lr": 0.01, "duration": "20 steps"},
        lambda o: SWALR(o, swa_lr=0.01, anneal_epochs=20, anneal_strategy="linear"), 40)


def cosine():
    for t_max, eta_min, lr in [(100, 0.0, 0.1), (100, 1e-6, 0.1), (50, 1e-3, 0.05), (7, 0.0, 3e-4), (1, 0.0, 0.1)]:
        spec = {"name": "cosine", "lr": lr, "eta_min": eta_min, "T_max": steps(t_max)}
        add(f"CosineAnnealingLR {t_max} {eta_min}", spec,
            lambda o: L.CosineAnnealingLR(o, T_max=t_max, eta_min=eta_min), t_max + 1, lr)
    add("CosineAnnealingLR per epoch",
        {"name": "cosine", "lr": 0.1, "eta_min": 1e-4, "T_max": "12 epochs", "update": "epoch"},
        lambda o: L.CosineAnnealingLR(o, T_max=12, eta_min=1e-4), 60, steps_per_epoch=5)
    add("SWALR cosine", {"name": "cosine", "lr": 0.1, "eta_min": 0.01, "T_max": "20 steps"},
        lambda o: SWALR(o, swa_lr=0.01, anneal_epochs=20, anneal_strategy="cos"), 40)


def warm_restarts():
    for t_0, t_mult, eta_min in [(10, 1, 0.0), (10, 2, 1e-4), (7, 3, 0.0), (1, 1, 0.01), (1, 2, 0.0), (33, 2, 1e-6)]:
        spec = {"name": "sgdr", "lr": 0.1, "eta_min": eta_min, "T_0": steps(t_0), "T_mult": t_mult}
        add(f"CosineAnnealingWarmRestarts {t_0} {t_mult}", spec,
            lambda o: L.CosineAnnealingWarmRestarts(o, t_0, t_mult, eta_min), 260)
    add("CosineAnnealingWarmRestarts per epoch",
        {"name": "sgdr", "lr": 0.1, "T_0": "2 epochs", "T_mult": 2, "update": "epoch"},
        lambda o: L.CosineAnnealingWarmRestarts(o, 2, 2), 120, steps_per_epoch=8)


def one_cycle():
    variants = [
        dict(total_steps=100), dict(total_steps=25), dict(total_steps=3), dict(total_steps=1),
        dict(total_steps=100, pct_start=0.5, anneal_strategy="linear"),
        dict(total_steps=77, pct_start=0.21, div_factor=10.0, final_div_factor=100.0),
        dict(total_steps=100, three_phase=True), dict(total_steps=61, three_phase=True, anneal_strategy="linear"),
        dict(total_steps=120, pct_start=0.1, base_momentum=0.7, max_momentum=0.99),
        dict(total_steps=40, cycle_momentum=False),
    ]
    renamed = {"anneal_strategy": "anneal"}
    for variant in variants:
        total = variant["total_steps"]
        spec = {"name": "one_cycle", "max_lr": 0.4, "duration": steps(total)}
        spec.update({renamed.get(k, k): v for k, v in variant.items() if k != "total_steps"})
        add(f"OneCycleLR {variant}", spec, lambda o: L.OneCycleLR(o, max_lr=0.4, **variant), total,
            momentum=variant.get("cycle_momentum", True))
    add("OneCycleLR with Adam", {"name": "one_cycle", "max_lr": 0.01, "duration": "80 steps"},
        lambda o: L.OneCycleLR(o, max_lr=0.01, total_steps=80), 80, optimizer=adam, momentum=True)


def cyclic():
    variants = [
        dict(step_size_up=20), dict(step_size_up=20, step_size_down=10), dict(step_size_up=1),
        dict(step_size_up=15, mode="triangular2"), dict(step_size_up=12, step_size_down=30, mode="triangular2"),
        dict(step_size_up=15, mode="exp_range", gamma=0.99), dict(step_size_up=9, step_size_down=4, mode="exp_range", gamma=0.97),
        dict(step_size_up=20, base_momentum=0.6, max_momentum=0.95), dict(step_size_up=25, cycle_momentum=False),
    ]
    for variant in variants:
        spec = {"name": "cyclic", "base_lr": 0.001, "max_lr": 0.1}
        spec.update({k: steps(v) if k.startswith("step_size") else v for k, v in variant.items()})
        add(f"CyclicLR {variant}", spec, lambda o: L.CyclicLR(o, 0.001, 0.1, **variant), 150,
            momentum=variant.get("cycle_momentum", True))


def warmup_and_sequence():
    warm = lambda o, start, total: L.LinearLR(o, start_factor=start, total_iters=total)
    add("LinearLR warmup", {"name": "warmup", "duration": "10 steps", "from": 0.025, "then": {"name": "constant", "lr": 0.1}},
        lambda o: warm(o, 0.25, 10), 40)
    joined = lambda first, second, at: lambda o: L.SequentialLR(o, [first(o), second(o)], milestones=[at])
    add("SequentialLR warmup then cosine",
        {"name": "warmup", "duration": "10 steps", "from": 0.001, "then": {"name": "cosine", "lr": 0.1, "T_max": "90 steps"}},
        joined(lambda o: warm(o, 0.01, 10), lambda o: L.CosineAnnealingLR(o, 90), 10), 101)
    add("SequentialLR warmup then restarts",
        {"name": "warmup", "duration": "5 steps", "from": 0.01, "then": {"name": "sgdr", "lr": 0.1, "T_0": "10 steps", "T_mult": 2}},
        joined(lambda o: warm(o, 0.1, 5), lambda o: L.CosineAnnealingWarmRestarts(o, 10, 2), 5), 100)
    add("SequentialLR warmup then step",
        {"name": "warmup", "duration": "8 steps", "from": 0.05, "then": {"name": "step", "lr": 0.1, "step_size": "20 steps"}},
        joined(lambda o: warm(o, 0.5, 8), lambda o: L.StepLR(o, 20), 8), 100)
    add("SequentialLR constant then exponential",
        {"name": "sequence", "parts": [
            {"for": "20 steps", "schedule": {"name": "constant", "lr": 0.01}},
            {"for": "60 steps", "schedule": {"name": "exponential", "lr": 0.1, "gamma": 0.9, "every": "1 step"}}]},
        joined(lambda o: L.ConstantLR(o, factor=0.1, total_iters=50), lambda o: L.ExponentialLR(o, 0.9), 20), 80)
    add("ConstantLR", {"name": "sequence", "parts": [
            {"for": "5 steps", "schedule": {"name": "scale", "by": 1 / 3, "of": {"name": "constant", "lr": 0.1}}},
            {"for": "15 steps", "schedule": {"name": "constant", "lr": 0.1}}]},
        lambda o: L.ConstantLR(o, factor=1 / 3, total_iters=5), 20)
    add("ChainedScheduler", {"name": "sequence", "parts": [
            {"for": "4 steps", "schedule": {"name": "exponential", "lr": 0.01, "gamma": 0.9, "every": "1 step"}},
            {"for": "16 steps", "schedule": {"name": "exponential", "lr": 0.1 * 0.9 ** 4, "gamma": 0.9, "every": "1 step"}}]},
        lambda o: L.ChainedScheduler([L.ConstantLR(o, factor=0.1, total_iters=4), L.ExponentialLR(o, 0.9)]), 20)


def by_lambda():
    """Schedules that PyTorch only has as a LambdaLR, with the formulas of their own sources."""
    noam = lambda t: 512 ** -0.5 * min((t + 1) ** -0.5, (t + 1) * 40 ** -1.5)
    add("LambdaLR noam", {"name": "noam", "d_model": 512, "warmup": "40 steps"}, lambda o: L.LambdaLR(o, noam), 200, 1.0)
    inverse = lambda t: t / 30 if t < 30 else 1 / math.sqrt(t / 30)
    add("LambdaLR inverse sqrt", {"name": "inverse_sqrt", "lr": 1e-3, "warmup": "30 steps"},
        lambda o: L.LambdaLR(o, inverse), 200, 1e-3)

    def wsd(shape, ratio):
        def at(t):
            if t < 10:
                return t / 10
            if t < 70:
                return 1.0
            p = min(1.0, (t - 70) / 30)
            fall = {"linear": 1 - p, "cosine": (1 + math.cos(math.pi * p)) / 2, "1-sqrt": 1 - math.sqrt(p)}[shape]
            return ratio + (1 - ratio) * fall
        return at

    for shape, ratio in [("linear", 0.0), ("cosine", 0.1), ("1-sqrt", 0.05)]:
        spec = {"name": "wsd", "lr": 2e-3, "warmup": "10 steps", "stable": "60 steps", "decay": "30 steps",
                "decay_shape": shape, "min_ratio": ratio}
        add(f"LambdaLR wsd {shape}", spec, lambda o: L.LambdaLR(o, wsd(shape, ratio)), 110, 2e-3)


def plateaus():
    """ReduceLROnPlateau over hand-written metrics; `lr[i]` is the rate after the i-th evaluation."""
    falling = [1.0, 0.9, 0.8, 0.8, 0.81, 0.8, 0.79995, 0.85, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.7, 0.69, 0.9]
    rising = [1 - value / 2 for value in falling]
    nan = [1.0, 0.5, math.nan, math.nan, 0.6, math.nan, 0.4, 0.5, 0.6, 0.7]
    cases = [
        ("patience 2", dict(patience=2), falling), ("patience 0", dict(patience=0), falling),
        ("cooldown", dict(patience=1, cooldown=2), falling), ("min_lr", dict(patience=0, min_lr=0.02), falling),
        ("eps", dict(patience=0, factor=0.5, eps=0.02), falling),
        ("absolute", dict(patience=1, threshold=0.05, threshold_mode="abs"), falling),
        ("relative 10 %", dict(patience=1, threshold=0.1), falling),
        ("mode max", dict(patience=1, mode="max"), rising),
        ("mode max absolute", dict(patience=1, mode="max", threshold=0.02, threshold_mode="abs"), rising),
        ("NaN counts as bad", dict(patience=1), nan), ("defaults", dict(), falling + falling),
    ]
    for label, options, metrics in cases:
        optimizer = sgd()
        scheduler = L.ReduceLROnPlateau(optimizer, **options)
        rates = []
        for metric in metrics:
            scheduler.step(metric)
            rates.append(float(optimizer.param_groups[0]["lr"]))
        metrics = [None if math.isnan(metric) else metric for metric in metrics]
        yield {"label": label, "spec": {"name": "plateau", "lr": 0.1, **options}, "metrics": metrics, "lr": rates}


def raised(work):
    try:
        work()
        return None
    except Exception as error:  # noqa: BLE001, the name is the datum
        return type(error).__name__


def differences():
    """What PyTorch gives where this project deliberately differs."""
    optimizer = sgd()
    past_cosine, _ = trace(optimizer, L.CosineAnnealingLR(optimizer, 10), 21)
    ends = {}
    for anneal in ["cos", "linear"]:
        optimizer = sgd()
        rates, momenta = trace(optimizer, L.OneCycleLR(optimizer, 0.1, total_steps=10, anneal_strategy=anneal), 11)
        ends[anneal] = {"last": rates[9], "past": rates[10], "momentum_past": momenta[10]}
    optimizer = sgd()
    last_of_cycle, _ = trace(optimizer, L.CosineAnnealingWarmRestarts(optimizer, 10), 10)
    optimizer = sgd()
    by_epoch = L.CosineAnnealingWarmRestarts(optimizer, 1, 3)
    boundaries = [(3 ** k - 1) // 2 for k in range(1, 12)]
    at_boundaries = []
    for boundary in boundaries:
        by_epoch.step(boundary)
        at_boundaries.append(float(optimizer.param_groups[0]["lr"]))
    negative = sgd()
    plateau = L.ReduceLROnPlateau(negative, patience=0, threshold=0.1)
    for metric in [-1.0, -0.95]:
        plateau.step(metric)
    one_step = lambda: L.OneCycleLR(sgd(), 0.1, total_steps=10, pct_start=0.1)
    return {
        "cosine_past_end": past_cosine,
        "one_cycle_past_end": ends,
        "one_cycle_peak_at_zero": raised(one_step),
        "sgdr_last_of_cycle": last_of_cycle[9],
        "sgdr_restarts_by_epoch": {"boundaries": boundaries, "lr": at_boundaries},
        "sgdr_real_t_mult": raised(lambda: L.CosineAnnealingWarmRestarts(sgd(), 10, 1.5)),
        "plateau_negative_metric_lr": float(negative.param_groups[0]["lr"]),
        "linear_warmup_from_zero": raised(lambda: L.LinearLR(sgd(), start_factor=0.0).step()),
        "multistep_out_of_order": trace(o := sgd(), L.MultiStepLR(o, [6, 3]), 8)[0],
        "three_phase_long_start": raised(lambda: L.OneCycleLR(sgd(), 0.1, total_steps=10, pct_start=0.7, three_phase=True)),
        "negative_gamma": trace(o := sgd(), L.ExponentialLR(o, -0.5), 3)[0],
    }


def main():
    for family in [step_and_multistep, exponential, polynomial_and_linear, cosine, warm_restarts, one_cycle, cyclic,
                   warmup_and_sequence, by_lambda]:
        family()
    golden = {
        "made_by": "tests/golden/pytorch_schedules.py",
        "torch": torch.__version__,
        "date": datetime.date.today().isoformat(),
        "configurations": CONFIGURATIONS,
        "plateaus": list(plateaus()),
        "differences": differences(),
    }
    json.dump(golden, sys.stdout, separators=(",", ":"))
    print()


main()
