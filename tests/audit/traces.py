"""Rates as training runs log them, with planted defects, for the tests of `audit`.

    python3 tests/audit/traces.py > tests/audit/traces.json
    python3 tests/audit/traces.py 2 > fresh.json    # others, drawn anew
    python3 tests/audit/traces.py 3 > fresh.json    # from 3 on also with other parameters of the schedules

Every scheduler of PyTorch is the real one: what it sets after each call of `step()` is recorded, and a defect is a loop
that calls it at other times, builds it with other numbers, or logs at another place. Schedules of transformers, Keras,
optax and timm are their published formulas, in single precision where the framework computes so. `spec` is what was
meant, in the words of this project; `defect` is what was planted ("" for none).
"""

import datetime
import hashlib
import json
import math
import random
import sys
import warnings

import numpy as np
import torch
from torch.optim import lr_scheduler as L

warnings.filterwarnings("ignore")
# Runs whose digest is 0 modulo 3 are kept aside while the audit is built.
SALT = "audit-1"
# Draws other lengths, rates and places; the traces in the repository have none.
DRAW = f"draw {sys.argv[1]} " if len(sys.argv) > 1 else ""
# Parameters beside lengths and rate, and what later draws choose from.
PARAMETERS = {
    "drop": (0.1, [0.1, 0.2, 0.3]),
    "halving": (0.5, [0.5, 0.7, 0.8]),
    "per epoch": (0.9, [0.9, 0.95, 0.8]),
    "per update": (0.997, [0.997, 0.999, 0.995]),
    "end factor": (0.01, [0.01, 0.1, 0.05]),
    "power": (2, [2, 3, 1.5]),
    "eta_min": (1e-4, [1e-4, 1e-5, 0.0]),
    "T_mult": (2, [2, 1, 3]),
    "pct_start": (0.3, [0.3, 0.2, 0.45]),
    "base part": (10, [10, 4, 25]),
    "start factor": (0.01, [0.01, 0.1, 0.001]),
    "decay part": (5, [5, 4, 10]),
    "d_model": (512, [512, 256, 1024]),
    "alpha": (0.1, [0.1, 0.0, 0.01]),
}
VARIED = len(sys.argv) > 1 and int(sys.argv[1]) >= 3
P = {name: usual for name, (usual, _) in PARAMETERS.items()}


def sgd(lr):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, momentum=0.9)


def torch_rates(lr, make, calls):
    """The rate after 0, 1, 2, … calls of step()."""
    optimizer = sgd(lr)
    scheduler = make(optimizer)
    rates = [optimizer.param_groups[0]["lr"]]
    optimizer.step()
    for _ in range(calls):
        try:
            scheduler.step()
        except ValueError:  # OneCycleLR refuses calls past its end, and the run would end
            break
        rates.append(optimizer.param_groups[0]["lr"])
    return [float(rate) for rate in rates]


def formula(rate, calls, single=False):
    rates = [float(rate(t)) for t in range(calls + 1)]
    return [float(np.float32(r)) for r in rates] if single else rates


def steps(n):
    return f"{n} steps"


def half_cosine(p):
    return (1 + math.cos(math.pi * p)) / 2


class Family:
    """A schedule in a framework: `rates(n, w, lr, calls)` with n scheduler calls from first to last, w of them warmup."""

    def __init__(self, name, framework, rates, spec, per_epoch=False, warmup=False, rises=False, ends=True, base=0.1):
        self.name, self.framework, self.rates, self.spec = name, framework, rates, spec
        self.per_epoch, self.warmup, self.rises, self.ends, self.base = per_epoch, warmup, rises, ends, base


def warm(w, then):
    return {"name": "warmup", "duration": w, "then": then}


def torch_cosine(n, w, lr, calls):
    return torch_rates(lr, lambda o: L.CosineAnnealingLR(o, T_max=n, eta_min=P["eta_min"]), calls)


def torch_warm_cosine(n, w, lr, calls):
    def make(o):
        ramp = L.LinearLR(o, start_factor=P["start factor"], total_iters=w)
        return L.SequentialLR(o, [ramp, L.CosineAnnealingLR(o, T_max=n - w)], milestones=[w])
    return torch_rates(lr, make, calls)


def hf(shape):
    def rates(n, w, lr, calls):
        def factor(t):
            return t / max(1, w) if t < w else shape(t, n, w)
        return torch_rates(lr, lambda o: L.LambdaLR(o, factor), calls)
    return rates


hf_linear = hf(lambda t, n, w: max(0.0, (n - t) / max(1, n - w)))
hf_cosine = hf(lambda t, n, w: max(0.0, half_cosine((t - w) / max(1, n - w))))
hf_constant = hf(lambda t, n, w: 1.0)
hf_inverse_sqrt = hf(lambda t, n, w: 1.0 / math.sqrt(t / w))


def hf_wsd(n, w, lr, calls):
    decay = n // P["decay part"]

    def factor(t):
        if t < w:
            return t / w
        if t < n - decay:
            return 1.0
        return max(0.0, (n - t) / decay)
    return torch_rates(lr, lambda o: L.LambdaLR(o, factor), calls)


def keras_cosine(n, w, lr, calls):
    return formula(lambda t: lr * t / w if t < w else lr * half_cosine(min(1, (t - w) / (n - w))), calls, single=True)


def optax_cosine(n, w, lr, calls):
    floor = lr * P["alpha"]
    return formula(lambda t: lr * t / w if t < w else floor + (lr - floor) * half_cosine(min(1, (t - w) / (n - w))),
                   calls, single=True)


def timm_cosine(n, w, lr, calls):
    low = 1e-5
    return formula(lambda t: low + t * (lr - low) / w if t < w else
                   low + 0.5 * (lr - low) * (1 + math.cos(math.pi * (t - w) / (n - w))) if t < n else low, calls)


def noam(n, w, lr, calls):
    return torch_rates(1.0, lambda o: L.LambdaLR(o, lambda t: lr * P["d_model"] ** -0.5 *
                                                 min((t + 1) ** -0.5, (t + 1) * w ** -1.5)), calls)


FAMILIES = [
    Family("step", "torch", lambda n, w, lr, c: torch_rates(lr, lambda o: L.StepLR(o, max(1, n // 3), P["drop"]), c),
           lambda n, w, lr, u: {"name": "step", "lr": lr, "step_size": u(max(1, n // 3)), "gamma": P["drop"]},
           per_epoch=True, ends=False),
    Family("step per update", "torch", lambda n, w, lr, c: torch_rates(lr, lambda o: L.StepLR(o, n // 8, P["halving"]), c),
           lambda n, w, lr, u: {"name": "step", "lr": lr, "step_size": u(n // 8), "gamma": P["halving"]}, ends=False),
    Family("multistep", "torch",
           lambda n, w, lr, c: torch_rates(lr, lambda o: L.MultiStepLR(o, [n // 2, 3 * n // 4], P["drop"]), c),
           lambda n, w, lr, u: {"name": "multistep", "lr": lr, "milestones": [u(n // 2), u(3 * n // 4)], "gamma": P["drop"]},
           per_epoch=True, ends=False),
    Family("exponential", "torch", lambda n, w, lr, c: torch_rates(lr, lambda o: L.ExponentialLR(o, P["per epoch"]), c),
           lambda n, w, lr, u: {"name": "exponential", "lr": lr, "gamma": P["per epoch"], "every": u(1)},
           per_epoch=True, ends=False),
    Family("exponential per update", "torch", lambda n, w, lr, c: torch_rates(lr, lambda o: L.ExponentialLR(o, P["per update"]), c),
           lambda n, w, lr, u: {"name": "exponential", "lr": lr, "gamma": P["per update"], "every": u(1)}, ends=False),
    Family("linear", "torch",
           lambda n, w, lr, c: torch_rates(lr, lambda o: L.LinearLR(o, 1.0, P["end factor"], total_iters=n), c),
           lambda n, w, lr, u: {"name": "linear", "lr": lr, "end_lr": lr * P["end factor"], "duration": u(n)}),
    Family("polynomial", "torch",
           lambda n, w, lr, c: torch_rates(lr, lambda o: L.PolynomialLR(o, total_iters=n, power=P["power"]), c),
           lambda n, w, lr, u: {"name": "polynomial", "lr": lr, "power": P["power"], "duration": u(n)}),
    Family("polynomial 0.9", "torch",
           lambda n, w, lr, c: torch_rates(lr, lambda o: L.PolynomialLR(o, total_iters=n, power=0.9), c),
           lambda n, w, lr, u: {"name": "polynomial", "lr": lr, "power": 0.9, "duration": u(n)}),
    Family("cosine", "torch", torch_cosine,
           lambda n, w, lr, u: {"name": "cosine", "lr": lr, "eta_min": P["eta_min"], "T_max": u(n)}, rises=True),
    Family("cosine per epoch", "torch", torch_cosine,
           lambda n, w, lr, u: {"name": "cosine", "lr": lr, "eta_min": P["eta_min"], "T_max": u(n)}, per_epoch=True, rises=True),
    Family("warm restarts", "torch",
           lambda n, w, lr, c: torch_rates(lr, lambda o: L.CosineAnnealingWarmRestarts(o, T_0=n // 7, T_mult=P["T_mult"]), c),
           lambda n, w, lr, u: {"name": "sgdr", "lr": lr, "T_0": u(n // 7), "T_mult": P["T_mult"]}, ends=False),
    Family("one cycle", "torch",
           lambda n, w, lr, c: torch_rates(lr, lambda o: L.OneCycleLR(o, max_lr=lr, total_steps=n, pct_start=P["pct_start"]), min(c, n - 1)),
           lambda n, w, lr, u: {"name": "one_cycle", "max_lr": lr, "duration": u(n), **({} if P["pct_start"] == 0.3 else {"pct_start": P["pct_start"]})}),
    Family("triangle", "torch",
           lambda n, w, lr, c: torch_rates(lr, lambda o: L.CyclicLR(o, lr / P["base part"], lr, step_size_up=n // 6), c),
           lambda n, w, lr, u: {"name": "cyclic", "base_lr": lr / P["base part"], "max_lr": lr, "step_size_up": u(n // 6)},
           ends=False),
    Family("warmup cosine", "torch", torch_warm_cosine,
           lambda n, w, lr, u: {**warm(u(w), {"name": "cosine", "lr": lr, "T_max": u(n - w)}), "from": lr * P["start factor"]},
           warmup=True, rises=True),
    Family("linear with warmup", "transformers", hf_linear,
           lambda n, w, lr, u: warm(u(w), {"name": "linear", "lr": lr, "duration": u(n - w)}), warmup=True, base=5e-5),
    Family("cosine with warmup", "transformers", hf_cosine,
           lambda n, w, lr, u: warm(u(w), {"name": "cosine", "lr": lr, "T_max": u(n - w)}), warmup=True, rises=True,
           base=2e-5),
    Family("constant with warmup", "transformers", hf_constant,
           lambda n, w, lr, u: warm(u(w), {"name": "constant", "lr": lr}), ends=False, base=1e-4),
    Family("inverse square root", "transformers", hf_inverse_sqrt,
           lambda n, w, lr, u: {"name": "inverse_sqrt", "lr": lr, "warmup": u(w)}, ends=False, base=1e-3),
    Family("wsd", "transformers", hf_wsd,
           lambda n, w, lr, u: {"name": "wsd", "lr": lr, "warmup": u(w), "stable": u(n - w - n // P["decay part"]),
                                 "decay": u(n // P["decay part"])},
           base=3e-4),
    Family("noam", "transformers", noam,
           lambda n, w, lr, u: {"name": "noam", "d_model": P["d_model"], "warmup": u(w), "factor": lr}, ends=False, base=2.0),
    Family("CosineDecay", "keras", keras_cosine,
           lambda n, w, lr, u: warm(u(w), {"name": "cosine", "lr": lr, "T_max": u(n - w)}), warmup=True, base=1e-3),
    Family("warmup_cosine_decay", "optax", optax_cosine,
           lambda n, w, lr, u: warm(u(w), {"name": "cosine", "lr": lr, "eta_min": lr * P["alpha"], "T_max": u(n - w)}),
           warmup=True, base=3e-4),
    Family("CosineLRScheduler", "timm", timm_cosine,
           lambda n, w, lr, u: {**warm(u(w), {"name": "cosine", "lr": lr, "eta_min": 1e-5, "T_max": u(n - w)}),
                                "from": 1e-5}, per_epoch=True, warmup=True, base=1e-3),
    Family("constant", "torch", lambda n, w, lr, c: [lr] * (c + 1),
           lambda n, w, lr, u: {"name": "constant", "lr": lr}, ends=False),
]


class Setting:
    """Lengths of one run, drawn from its own seed."""

    def __init__(self, family, rng):
        self.family = family
        self.known = {}
        self.per_epoch = family.per_epoch
        epochs = rng.choice([12, 20, 24, 30, 36, 45, 60])
        self.e = rng.choice([8, 16, 25, 40, 98])
        self.total = epochs * self.e if family.per_epoch or rng.random() < 0.5 else rng.choice([240, 500, 1000, 1176, 2000])
        if not family.per_epoch and self.total % self.e:
            self.e = max(d for d in range(5, 120) if self.total % d == 0)
        self.n = self.total // self.e if self.per_epoch else self.total
        self.w = max(3, round(self.n * rng.choice([0.05, 0.1, 0.2])))
        self.lr = family.base * rng.choice([1, 0.5, 3, 2])
        self.unit = self.e if self.per_epoch else 1
        for name, (usual, choices) in PARAMETERS.items():
            P[name] = rng.choice(choices) if VARIED else usual

    def spec(self):
        spec = self.family.spec(self.n, self.w, self.lr, (lambda k: f"{k} epochs") if self.per_epoch else steps)
        return {**spec, "update": "epoch"} if self.per_epoch else spec

    def rates(self, n=None, w=None, lr=None, calls=None):
        key = (n or self.n, self.w if w is None else w, self.lr if lr is None else lr, calls or self.n + 2)
        if key not in self.known:
            self.known[key] = self.family.rates(*key)
        return self.known[key]

    def calls_before(self, t):
        return t // self.unit


def at(rates, i):
    return rates[min(i, len(rates) - 1)]


# Each defect gives the rate that is logged for update t, or None where it makes no sense for the family.
def clean(s, rng):
    r = s.rates()
    return lambda t: at(r, s.calls_before(t)), {}


def next_rate(s, rng):
    if s.per_epoch or s.family.name == "constant":
        return None
    r = s.rates()
    return lambda t: at(r, t + 1), {}


def resumed_from_start(s, rng):
    if s.family.name == "constant":
        return None
    r = s.rates()
    at_step = rng.randrange(s.n // 4, 3 * s.n // 4) * s.unit
    return lambda t: at(r, s.calls_before(t if t < at_step else t - at_step)), {"at": at_step}


def resumed_wrong(s, rng):
    if s.family.name in ("constant", "constant with warmup", "step", "multistep", "exponential", "exponential per update"):
        return None
    r = s.rates(calls=2 * s.n)
    k = rng.randrange(s.n // 3, 2 * s.n // 3)
    back = rng.randrange(max(2, s.n // 12), s.n // 4)
    d = back if rng.random() < 0.6 else -back
    return lambda t: at(r, s.calls_before(t) - (d if t >= k * s.unit else 0)), {"at": k * s.unit, "behind": d * s.unit}


def resumed_reset(s, rng):
    """PyTorch 65342: the optimizer is new, the scheduler's state is loaded, and its chained form goes on from the base."""
    if s.family.name not in ("cosine", "polynomial") or s.per_epoch:
        return None
    k = rng.randrange(s.n // 4, s.n // 2)
    make = (lambda o: L.CosineAnnealingLR(o, T_max=s.n, eta_min=P["eta_min"])) if s.family.name == "cosine" else \
        (lambda o: L.PolynomialLR(o, total_iters=s.n, power=P["power"]))
    first = sgd(s.lr)
    scheduler = make(first)
    rates = [s.lr]
    for _ in range(k):
        first.step()
        scheduler.step()
        rates.append(first.param_groups[0]["lr"])
    second = sgd(s.lr)
    resumed = make(second)
    resumed.load_state_dict(scheduler.state_dict())
    rates = rates[:k] + [second.param_groups[0]["lr"]]
    for _ in range(s.n - k):
        second.step()
        resumed.step()
        rates.append(second.param_groups[0]["lr"])
    return lambda t: float(at(rates, t)), {"at": k}


def too_fast(s, rng):
    if s.family.name in ("constant", "one cycle"):
        return None
    k = rng.choice([2, 3, 4, 8])
    r = s.rates(calls=k * s.n + k)
    return lambda t: at(r, k * s.calls_before(t)), {"times": k}


def too_slow(s, rng):
    if s.family.name == "constant":
        return None
    k = rng.choice([2, 3, 4, 8])
    r = s.rates()
    return lambda t: at(r, s.calls_before(t) // k), {"times": k}


def scaled(s, rng):
    k = rng.choice([2, 4, 8, 0.25, 0.125, 16])
    r = s.rates(lr=s.lr * k)
    return lambda t: at(r, s.calls_before(t)), {"times": k}


def per_epoch_not_step(s, rng):
    if s.per_epoch or s.family.name == "constant" or s.e < 5:
        return None
    r = s.rates()
    return lambda t: at(r, t // s.e), {}


def per_step_not_epoch(s, rng):
    if not s.per_epoch:
        return None
    r = s.rates(calls=s.total + 2)
    return lambda t: at(r, t), {}


def never_stepped(s, rng):
    if s.family.name == "constant":
        return None
    r = s.rates()
    return lambda t: r[0], {}


def too_short(s, rng):
    if not s.family.ends or s.family.rises or s.family.name in ("one cycle",):
        return None
    n = max(s.w + 2, round(s.n * rng.choice([0.55, 0.6, 0.7, 0.8, 0.9])))
    r = s.rates(n=n, calls=s.n + 2)
    return lambda t: at(r, s.calls_before(t)), {"length": n * s.unit}


def rises(s, rng):
    if not s.family.rises or s.family.framework != "torch":
        return None
    n = max(s.w + 2, round(s.n * rng.choice([0.55, 0.6, 0.7, 0.8])))
    r = s.rates(n=n, calls=s.n + 2)
    return lambda t: at(r, s.calls_before(t)), {"length": n * s.unit}


def too_long(s, rng):
    if not s.family.ends:
        return None
    n = round(s.n * rng.choice([1.15, 1.25, 1.4, 1.6, 1.75]))
    r = s.rates(n=n, calls=s.n + 2)
    return lambda t: at(r, s.calls_before(t)), {"length": n * s.unit}


def warmup_on_top(s, rng):
    """The decay is as long as the whole run, and begins when the warmup ends."""
    if not s.family.warmup:
        return None
    r = s.rates(n=s.n + s.w, calls=s.n + 2)
    return lambda t: at(r, s.calls_before(t)), {"warmup": s.w * s.unit}


def warmup_within(s, rng):
    """The decay's clock is the run's, so the rate falls at once where the ramp ends."""
    if not s.family.warmup or s.family.framework not in ("timm", "transformers"):
        return None
    ramp, after = s.rates(), s.family.rates(s.n, 0, s.lr, s.n + 2) if s.family.framework != "timm" else \
        formula(lambda t: 1e-5 + 0.5 * (s.lr - 1e-5) * (1 + math.cos(math.pi * min(t, s.n) / s.n)), s.n + 2)
    return lambda t: at(ramp if s.calls_before(t) < s.w else after, s.calls_before(t)), {"warmup": s.w * s.unit}


DEFECTS = [
    ("", clean), ("", clean), ("", clean), ("", clean),
    ("next-rate", next_rate),
    ("resumed-from-start", resumed_from_start),
    ("resumed-at-wrong-step", resumed_wrong),
    ("resumed-at-wrong-step", resumed_reset),
    ("too-fast", too_fast),
    ("too-slow", too_slow),
    ("rate-scaled", scaled),
    ("per-epoch-not-per-step", per_epoch_not_step),
    ("per-step-not-per-epoch", per_step_not_epoch),
    ("never-stepped", never_stepped),
    ("ends-before-run", too_short),
    ("rises-past-end", rises),
    ("minimum-not-reached", too_long),
    ("warmup-misplaced", warmup_on_top),
    ("warmup-misplaced", warmup_within),
]

PRECISIONS = ["float64", "float64", "float32", "float32", "6 digits", "4 digits"]


def written(rate, precision):
    if precision == "float32":
        return float(f"{float(np.float32(rate)):.9g}")
    digits = {"float64": 15, "6 digits": 6, "4 digits": 4}[precision]
    return float(f"{rate:.{digits}g}")


def labels_of(total, rng, defect):
    """Updates that are logged, and the label of update t: t, or t + 1 where the log counts from 1."""
    every = max(1, math.ceil(total / rng.choice([60, 100, 150])))
    every = rng.choice([e for e in (1, 2, 5, 10, 20, 25, 50, 100) if every <= e <= total // 12] or [every])
    kind = rng.choice(["from 0", "from 0", "from every - 1", "from 1"])
    if defect == "next-rate" and kind == "from 1":
        kind = "from 0"  # with labels from 1 it reads like a log that counts from 0
    if kind == "from 0":
        return list(range(0, total, every)), 0
    return list(range(every - 1, total, every)), 1 if kind == "from 1" else 0


def differs(a, b):
    return max(abs(x - y) / max(abs(x), abs(y), 1e-12) for x, y in zip(a, b)) > 2e-3


def trace(number, family, defect, plant):
    identity = f"{family.framework} {family.name} {plant.__name__} {number}"
    for attempt in range(12):
        rng = random.Random(f"{DRAW}{identity} {attempt}")
        setting = Setting(family, rng)
        planted = plant(setting, rng)
        if planted is None:
            return None
        rate, params = planted
        precision = rng.choice(PRECISIONS)
        updates, base = labels_of(setting.total, rng, defect)
        rates = [written(rate(t), precision) for t in updates]
        right, _ = clean(setting, rng)
        if defect:
            # Beside the run as it was meant, at the label and one before, so that the defect is in the log at all.
            meant = [[written(right(max(0, t + o)), precision) for t in updates] for o in (0, -1)]
            if not all(differs(rates, m) for m in meant):
                continue
        if sum(1 for _ in rates) < 8:
            continue
        return {
            "id": identity, "framework": family.framework, "family": family.name, "defect": defect, "planted": params,
            "aside": int(hashlib.sha256(f"{SALT} {identity}".encode()).hexdigest(), 16) % 3 == 0,
            "spec": setting.spec(), "total": setting.total, "steps_per_epoch": setting.e, "precision": precision,
            "first": updates[0] + base, "every": updates[1] - updates[0], "rates": rates,
        }
    return None


def plateau_traces():
    """Real ReduceLROnPlateau over a noisy loss: it stalls for good after a while."""
    found = []
    for number in range(24):
        defect = ["", "plateau-never-fired", "plateau-on-noise"][number % 3]
        identity = f"torch plateau {defect or 'clean'} {number}"
        rng = random.Random(DRAW + identity)
        e, epochs, stall = rng.choice([10, 25, 50]), 60, rng.choice([20, 25, 30])
        noise = 0.005 if defect != "plateau-on-noise" else rng.choice([0.04, 0.08])
        lr, factor, patience = rng.choice([0.1, 0.01]), rng.choice([0.1, 0.5]), rng.choice([4, 6, 8])
        loss = [2.3 * math.exp(-min(t, stall) / 12) + 0.3 + noise * rng.gauss(0, 1) for t in range(epochs)]
        variant = ""
        kwargs = {"factor": factor, "patience": patience}
        if defect == "plateau-never-fired":
            variant = rng.choice(["not called", "patience too long"])
            kwargs["patience"] = 1000
        if defect == "plateau-on-noise":
            variant = rng.choice(["mode", "patience"])
            kwargs = {**kwargs, "mode": "max"} if variant == "mode" else {**kwargs, "patience": 0}
        optimizer = sgd(lr)
        scheduler = L.ReduceLROnPlateau(optimizer, **kwargs)
        applied = []
        for epoch in range(epochs):
            applied.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            scheduler.step(loss[epoch])
        total = epochs * e
        spec = {"name": "plateau", "lr": lr, "factor": factor, "patience": patience, "metric": "validation_loss"}
        precision = rng.choice(["float64", "float32"])
        every = rng.choice([1, 5]) if e == 10 else rng.choice([5, e])
        updates = list(range(0, total, every))
        found.append({
            "id": identity, "framework": "torch", "family": "plateau", "defect": defect, "planted": {"variant": variant},
            "aside": int(hashlib.sha256(f"{SALT} {identity}".encode()).hexdigest(), 16) % 3 == 0,
            "spec": spec, "total": total, "steps_per_epoch": e, "precision": precision, "first": 0, "every": every,
            "rates": [written(applied[t // e], precision) for t in updates],
            # The loss after each epoch, at the last update of it.
            "metric": [float(f"{value:.7g}") for value in loss],
        })
    return found


def main():
    traces = [
        found
        for family in FAMILIES
        for number, (defect, plant) in enumerate(DEFECTS)
        for found in [trace(number, family, defect, plant)]
        if found is not None
    ] + plateau_traces()
    head = {
        "source": f"torch {torch.__version__}, tests/audit/traces.py",
        "written": datetime.date.today().isoformat(),
    }
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in traces)
    print(f'{{"head":{json.dumps(head)},\n"traces":[\n{lines}\n]}}')


main()
