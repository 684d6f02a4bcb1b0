"""Stand-ins for keras, optax, jax.numpy and transformers, as far as the emitted snippets use them.

Debian has none of these frameworks, so the formulas that their documentation gives are transcribed here in numpy, in
double precision, and registered under the frameworks' names. What a snippet says is then run as it is.
"""

import inspect
import math
import sys
import types

import numpy as np
from torch.optim.lr_scheduler import LambdaLR, ReduceLROnPlateau


def module(name, **members):
    made = types.ModuleType(name)
    made.__dict__.update(members)
    sys.modules[name] = made
    return made


# ---------------------------------------------------------------- jax and optax

jnp = module("jax.numpy", **{name: getattr(np, name) for name in
             ["where", "cos", "sqrt", "exp", "log", "tanh", "ceil", "minimum", "maximum", "array", "searchsorted"]})
module("jax", numpy=jnp)


def linear_schedule(init_value, end_value, transition_steps):
    return polynomial_schedule(init_value, end_value, 1, transition_steps)


def polynomial_schedule(init_value, end_value, power, transition_steps):
    return lambda t: end_value + (init_value - end_value) * (1 - min(t, transition_steps) / transition_steps) ** power


def cosine_decay_schedule(init_value, decay_steps, alpha=0.0, exponent=1.0):
    wave = lambda t: ((1 + math.cos(math.pi * min(t, decay_steps) / decay_steps)) / 2) ** exponent
    return lambda t: init_value * (alpha + (1 - alpha) * wave(t))


def exponential_decay(init_value, transition_steps, decay_rate, staircase=False):
    exponent = lambda t: t // transition_steps if staircase else t / transition_steps
    return lambda t: init_value * decay_rate ** exponent(t)


def piecewise_constant_schedule(init_value, boundaries_and_scales):
    return lambda t: init_value * math.prod(scale for at, scale in boundaries_and_scales.items() if t >= at)


def warmup_cosine_decay_schedule(init_value, peak_value, warmup_steps, decay_steps, end_value=0.0):
    rise = linear_schedule(init_value, peak_value, warmup_steps)
    fall = cosine_decay_schedule(peak_value, decay_steps - warmup_steps, end_value / peak_value)
    return join_schedules([rise, fall], [warmup_steps])


def join_schedules(schedules, boundaries):
    def at(t):
        index = sum(t >= boundary for boundary in boundaries)
        return schedules[index](t - (boundaries[index - 1] if index > 0 else 0))
    return at


class inject_hyperparams:
    """Keeps the hyperparameters that a schedule gives."""
    def __init__(self, optimizer):
        self.optimizer = optimizer

    def __call__(self, **hyperparameters):
        return self.optimizer(**hyperparameters)


module("optax", constant_schedule=lambda value: lambda t: value, linear_schedule=linear_schedule,
       polynomial_schedule=polynomial_schedule, cosine_decay_schedule=cosine_decay_schedule,
       exponential_decay=exponential_decay, piecewise_constant_schedule=piecewise_constant_schedule,
       warmup_cosine_decay_schedule=warmup_cosine_decay_schedule, join_schedules=join_schedules,
       inject_hyperparams=inject_hyperparams, chain=lambda *parts: parts, add_decayed_weights=lambda rate: rate,
       **{name: lambda learning_rate, **settings: settings for name in ["sgd", "adam", "adamw", "rmsprop"]})

# ---------------------------------------------------------------- keras


class LearningRateSchedule:
    pass


def in_its_dtype(schedule):
    """Keras computes in the dtype of the first rate: a whole number makes every value an int32."""
    def make(*args, **kwargs):
        given = list(inspect.signature(schedule).bind(*args, **kwargs).arguments.items())
        first = dict(given)["values"][0] if schedule is keras_piecewise else given[0][1]
        if isinstance(first, int):
            whole = lambda value: int(value) if isinstance(value, (int, float)) else [int(item) for item in value]
            made = schedule(*[whole(value) for value in args],
                            **{key: value if isinstance(value, bool) else whole(value) for key, value in kwargs.items()})
            return lambda t: int(made(t))
        return schedule(*args, **kwargs)
    return make


def keras_exponential(initial_learning_rate, decay_steps, decay_rate, staircase=False):
    return exponential_decay(initial_learning_rate, decay_steps, decay_rate, staircase)


def keras_inverse_time(initial_learning_rate, decay_steps, decay_rate, staircase=False):
    elapsed = lambda t: t // decay_steps if staircase else t / decay_steps
    return lambda t: initial_learning_rate / (1 + decay_rate * elapsed(t))


def keras_piecewise(boundaries, values):
    """A boundary's own update still has the value before it."""
    return lambda t: values[sum(t > boundary for boundary in boundaries)]


def keras_polynomial(initial_learning_rate, decay_steps, end_learning_rate=0.0001, power=1.0, cycle=False):
    def at(t):
        horizon = decay_steps * max(1, math.ceil(t / decay_steps)) if cycle else decay_steps
        return polynomial_schedule(initial_learning_rate, end_learning_rate, power, horizon)(t)
    return at


def keras_cosine(initial_learning_rate, decay_steps, alpha=0.0, warmup_target=None, warmup_steps=0):
    if warmup_target is None:
        return cosine_decay_schedule(initial_learning_rate, decay_steps, alpha)
    rise = linear_schedule(initial_learning_rate, warmup_target, warmup_steps)
    return join_schedules([rise, cosine_decay_schedule(warmup_target, decay_steps, alpha)], [warmup_steps])


def keras_restarts(initial_learning_rate, first_decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0):
    def at(t):
        done = t / first_decay_steps
        if t_mul == 1:
            cycle = math.floor(done)
            done -= cycle
        else:
            cycle = math.floor(math.log(1 - done * (1 - t_mul)) / math.log(t_mul))
            done = (done - (1 - t_mul ** cycle) / (1 - t_mul)) / t_mul ** cycle
        return initial_learning_rate * (alpha + (1 - alpha) * m_mul ** cycle * (1 + math.cos(math.pi * done)) / 2)
    return at


ops = module("keras.ops", cast=lambda x, dtype: np.asarray(x, dtype={"float32": "float64"}.get(dtype, dtype)),
             take=lambda array, index: np.take(array, index), sum=np.sum,
             **{name: getattr(np, name) for name in
                ["where", "cos", "sqrt", "exp", "log", "tanh", "ceil", "minimum", "maximum", "array"]})
schedules = types.SimpleNamespace(LearningRateSchedule=LearningRateSchedule, **{
    name: in_its_dtype(schedule) for name, schedule in {
        "ExponentialDecay": keras_exponential, "InverseTimeDecay": keras_inverse_time,
        "PiecewiseConstantDecay": keras_piecewise, "PolynomialDecay": keras_polynomial,
        "CosineDecay": keras_cosine, "CosineDecayRestarts": keras_restarts}.items()})
optimizers = types.SimpleNamespace(schedules=schedules, **{
    name: lambda learning_rate, **settings: settings for name in ["SGD", "Adam", "AdamW", "RMSprop"]})
module("keras", ops=ops, optimizers=optimizers)

# ---------------------------------------------------------------- transformers, on real torch


def warmed(fall):
    """A schedule with a linear warmup from 0, then `fall` of the progress through the rest."""
    def make(optimizer, num_warmup_steps, num_training_steps, **options):
        decay = num_training_steps - num_warmup_steps
        base = optimizer.defaults["lr"]
        return LambdaLR(optimizer, lambda t: t / num_warmup_steps if t < num_warmup_steps
                        else fall((t - num_warmup_steps) / decay, base, **options))
    return make


def wave(progress, ratio=0.0, num_cycles=0.5):
    return ratio + (1 - ratio) * (1 + math.cos(math.pi * num_cycles * 2 * progress)) / 2


def polynomial_fall(progress, base, lr_end, power):
    return (lr_end + (base - lr_end) * max(0, 1 - progress) ** power) / base


def inverse_sqrt(optimizer, num_warmup_steps, timescale=None):
    w = num_warmup_steps
    scale = timescale or w
    return LambdaLR(optimizer, lambda t: t / w if t < w else 1 / math.sqrt((t + scale - w) / scale))


def wsd(optimizer, num_warmup_steps, num_stable_steps, num_decay_steps, warmup_type, decay_type, min_lr_ratio):
    falls = {"linear": lambda p: 1 - p, "cosine": wave, "1-sqrt": lambda p: 1 - math.sqrt(p)}
    rises = {"linear": lambda p: p, "cosine": lambda p: 1 - wave(p), "1-sqrt": lambda p: 1 - math.sqrt(1 - p)}
    floor = lambda factor: min_lr_ratio + (1 - min_lr_ratio) * factor

    def at(t):
        if t < num_warmup_steps:
            return floor(rises[warmup_type](t / num_warmup_steps))
        if t < num_warmup_steps + num_stable_steps:
            return 1.0
        elapsed = t - num_warmup_steps - num_stable_steps
        return floor(falls[decay_type](elapsed / num_decay_steps)) if elapsed < num_decay_steps else min_lr_ratio
    return LambdaLR(optimizer, at)


module("transformers",
       get_constant_schedule=lambda optimizer: LambdaLR(optimizer, lambda t: 1.0),
       get_constant_schedule_with_warmup=lambda optimizer, num_warmup_steps: LambdaLR(
           optimizer, lambda t: min(1.0, t / num_warmup_steps)),
       get_linear_schedule_with_warmup=warmed(lambda p, base: max(0.0, 1 - p)),
       get_cosine_schedule_with_warmup=warmed(lambda p, base, num_cycles=0.5: wave(p, 0.0, num_cycles)),
       get_cosine_with_min_lr_schedule_with_warmup=warmed(
           lambda p, base, min_lr, num_cycles=0.5: wave(p, min_lr / base, num_cycles)),
       get_polynomial_decay_schedule_with_warmup=warmed(polynomial_fall),
       get_cosine_with_hard_restarts_schedule_with_warmup=warmed(
           lambda p, base, num_cycles: 0.0 if p >= 1 else wave(num_cycles * p % 1.0)),
       get_inverse_sqrt_schedule=inverse_sqrt, get_wsd_schedule=wsd,
       get_reduce_on_plateau_schedule=ReduceLROnPlateau)


# ---------------------------------------------------------------- timm, on real optimizers


class Scheduler:
    """A schedule asked by number: `step_update` after each update, or `step` after each epoch."""

    def __init__(self, optimizer, param_group_field, t_in_epochs=True):
        self.optimizer, self.field, self.t_in_epochs = optimizer, param_group_field, t_in_epochs
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_values = [group["initial_lr"] for group in optimizer.param_groups]

    def update_groups(self, values):
        for group, value in zip(self.optimizer.param_groups, values):
            group[self.field] = value

    def step(self, epoch):
        if self.t_in_epochs:
            self.update_groups(self._get_lr(epoch))

    def step_update(self, num_updates):
        if not self.t_in_epochs:
            self.update_groups(self._get_lr(num_updates))

    def state_dict(self):
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state):
        self.__dict__.update(state)


def timm_scheduler(make_rate, prefix, ramp_to_joined=False):
    class Made(Scheduler):
        def __init__(self, optimizer, t_in_epochs=True, warmup_t=0, warmup_lr_init=0.0, warmup_prefix=prefix, **options):
            super().__init__(optimizer, "lr", t_in_epochs)
            self.warmup, self.prefix, self.options = (warmup_t, warmup_lr_init), warmup_prefix, options
            if warmup_t:
                self.update_groups([warmup_lr_init for _ in self.base_values])

        def _get_lr(self, t):
            steps, start = self.warmup
            if t < steps:
                joined = ramp_to_joined and not self.prefix
                tops = [make_rate(base, steps, **self.options) if joined else base for base in self.base_values]
                return [start + t * (top - start) / steps for top in tops]
            elapsed = t - steps if self.prefix else t
            return [make_rate(base, elapsed, **self.options) for base in self.base_values]
    return Made


def cycled(shape):
    def rate(base, t, t_initial, lr_min=0.0, cycle_mul=1.0, cycle_decay=1.0, cycle_limit=1, **options):
        if cycle_mul == 1:
            cycle, length = t // t_initial, t_initial
            position = t - t_initial * cycle
        else:
            cycle = math.floor(math.log(1 - t / t_initial * (1 - cycle_mul), cycle_mul))
            length = cycle_mul ** cycle * t_initial
            position = t - (1 - cycle_mul ** cycle) / (1 - cycle_mul) * t_initial
        if cycle >= cycle_limit:
            return lr_min
        return lr_min + (base * cycle_decay ** cycle - lr_min) * shape(position / length, **options)
    return rate


def timm_milestones(base, t, decay_t, decay_rate=1.0):
    return base * decay_rate ** sum(at <= t + 1 for at in decay_t)


module("timm")
module("timm.scheduler.scheduler", Scheduler=Scheduler)
module("timm.scheduler",
       CosineLRScheduler=timm_scheduler(cycled(lambda p, k_decay=1.0: (1 + math.cos(math.pi * p ** k_decay)) / 2), False),
       PolyLRScheduler=timm_scheduler(cycled(lambda p, power=0.5, k_decay=1.0: (1 - p ** k_decay) ** power), False),
       TanhLRScheduler=timm_scheduler(
           cycled(lambda p, lb=-7.0, ub=3.0: (1 - math.tanh(lb * (1 - p) + ub * p)) / 2), False, True),
       StepLRScheduler=timm_scheduler(lambda base, t, decay_t, decay_rate=1.0: base * decay_rate ** (t // decay_t), True),
       MultiStepLRScheduler=timm_scheduler(timm_milestones, True))

# ---------------------------------------------------------------- fastai


class Learner:
    """Trains nothing: it asks the callback for the hyperparameters of each batch, as fastai's ParamScheduler is asked."""

    def __init__(self, batches):
        self.batches, self.hypers = batches, {}

    def fit(self, n_epoch, lr=None, cbs=None):
        total, position = n_epoch * self.batches, 0.0
        scheds = {"lr": lambda pct: lr} if cbs is None else cbs
        self.hypers = {key: [] for key in scheds}
        for _ in range(total):
            for key, sched in scheds.items():
                self.hypers[key].append(float(sched(position)))
            position += 1 / total  # summed up, as fastai does

    def fit_one_cycle(self, n_epoch, lr_max, div=25.0, div_final=1e5, pct_start=0.25, moms=None):
        scheds = {"lr": combined_cos(pct_start, lr_max / div, lr_max, lr_max / div_final)}
        self.fit(n_epoch, cbs=scheds if moms is None else {**scheds, "mom": combined_cos(pct_start, *moms)})

    def fit_flat_cos(self, n_epoch, lr, div_final=1e5, pct_start=0.75):
        self.fit(n_epoch, cbs={"lr": combined_cos(pct_start, lr, lr, lr / div_final)})

    def fit_sgdr(self, n_cycles, cycle_len, lr_max, cycle_mult=2):
        epochs = cycle_len * (cycle_mult ** n_cycles - 1) // (cycle_mult - 1)
        parts = [cycle_len * cycle_mult ** cycle / epochs for cycle in range(n_cycles)]
        self.fit(epochs, cbs={"lr": combine_scheds(parts, [SchedCos(lr_max, 0) for _ in parts])})


def SchedCos(start, end):
    return lambda p: start + (1 + math.cos(math.pi * (1 - p))) * (end - start) / 2


def combine_scheds(pcts, scheds):
    assert sum(pcts) == 1
    ends = np.cumsum(np.float32([0, *pcts]), dtype=np.float32)

    def at(p):
        index = min(max(i for i, end in enumerate(ends) if p >= end), len(scheds) - 1)
        return scheds[index]((p - float(ends[index])) / (float(ends[index + 1]) - float(ends[index])))
    return at


def combined_cos(pct, start, middle, end):
    return combine_scheds([pct, 1 - pct], [SchedCos(start, middle), SchedCos(middle, end)])


module("fastai")
module("fastai.callback")
module("fastai.callback.schedule", ParamScheduler=lambda scheds: scheds, SchedCos=SchedCos, combine_scheds=combine_scheds,
       combined_cos=combined_cos, SchedNo=lambda start, end: lambda p: start,
       SchedLin=lambda start, end: lambda p: start + p * (end - start),
       SchedExp=lambda start, end: lambda p: start * (end / start) ** p,
       SchedPoly=lambda start, end, power: lambda p: start + (end - start) * p ** power)
