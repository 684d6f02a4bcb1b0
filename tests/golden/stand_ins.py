"""Stand-ins for keras, optax, jax.numpy and transformers, as far as the emitted snippets use them.

Debian has none of these frameworks, so the formulas that their documentation gives are transcribed here in numpy, in
double precision, and registered under the frameworks' names. What a snippet says is then run as it is.
"""

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


module("optax", constant_schedule=lambda value: lambda t: value, linear_schedule=linear_schedule,
       polynomial_schedule=polynomial_schedule, cosine_decay_schedule=cosine_decay_schedule,
       exponential_decay=exponential_decay, piecewise_constant_schedule=piecewise_constant_schedule,
       warmup_cosine_decay_schedule=warmup_cosine_decay_schedule, join_schedules=join_schedules,
       sgd=lambda *args, **kwargs: None)

# ---------------------------------------------------------------- keras


class LearningRateSchedule:
    pass


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
schedules = types.SimpleNamespace(LearningRateSchedule=LearningRateSchedule, ExponentialDecay=keras_exponential,
                                  InverseTimeDecay=keras_inverse_time,
                                  PiecewiseConstantDecay=keras_piecewise, PolynomialDecay=keras_polynomial,
                                  CosineDecay=keras_cosine, CosineDecayRestarts=keras_restarts)
module("keras", ops=ops, optimizers=types.SimpleNamespace(schedules=schedules, SGD=lambda **kwargs: None))

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
