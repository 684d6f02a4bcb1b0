"""Golden rates of other libraries' schedules, computed by the libraries themselves.

    python3 tests/golden/framework_schedules.py > tests/golden/framework_schedules.json

Needs jax, optax, keras, timm, transformers and torch; the versions stand in the file. Every call of framework_calls.py
is run as a user would run it: optax and Keras once in 64-bit floats with an int64 count (`lr`), and once as they are by default, in
32-bit floats with an int32 count (`lr_float32`); timm by step_update, PyTorch and transformers by step after each update.
`error` holds the class of the exception where a library refuses. A plateau has the rates after each of `metrics`.
"""

import json
import os
import subprocess
import sys
import types
import warnings

from framework_calls import CASES, METRICS

os.environ.setdefault("KERAS_BACKEND", "jax")
warnings.filterwarnings("ignore")


def import_timm():
    """The schedulers of timm without its models, which need torchvision."""
    import importlib.util
    package = types.ModuleType("timm")
    package.__path__ = list(importlib.util.find_spec("timm").submodule_search_locations)
    sys.modules["timm"] = package
    import timm.scheduler
    return timm.scheduler


def torch_optimizer(base):
    import torch
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base, momentum=0.9)


def stepped(names, call, base, total):
    optimizer = torch_optimizer(base)
    scheduler = eval(call, {**names, "optimizer": optimizer})
    rates = []
    for t in range(total):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if t + 1 < total:
            scheduler.step()
    return rates


def with_timm(names, call, base, total):
    optimizer = torch_optimizer(base)
    scheduler = eval(call, {**names, "optimizer": optimizer})
    rates = []
    for t in range(total):
        if t > 0:
            scheduler.step_update(num_updates=t)
        rates.append(float(optimizer.param_groups[0]["lr"]))
    return rates


def counted(names, call, total):
    import jax.numpy as jnp
    schedule = eval(call, names)
    # A division of JAX's int32 is one of float32, whatever else is set.
    count = "int64" if jnp.asarray(1.0).dtype == "float64" else "int32"
    return [float(schedule(jnp.asarray(t, count))) for t in range(total)]


def plateau(library, names, call, base):
    rates = []
    if library == "keras":
        import keras
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(base), "mse")
        callback = eval(call, names)
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, metric in enumerate(METRICS):
            callback.on_epoch_end(epoch, {"val_loss": metric})
            rates.append(float(model.optimizer.learning_rate))
    elif library == "optax":
        import jax.numpy as jnp
        transform = eval(call, names)
        state = transform.init({"w": jnp.asarray(0.0)})
        for metric in METRICS:
            updates, state = transform.update({"w": jnp.asarray(base)}, state, value=metric)
            rates.append(float(updates["w"]))
    else:
        optimizer = torch_optimizer(base)
        scheduler = eval(call, {**names, "optimizer": optimizer})
        for evaluation, metric in enumerate(METRICS, start=1):
            if library == "timm":
                scheduler.step(evaluation, metric)
            else:
                scheduler.step(metric)
            rates.append(float(optimizer.param_groups[0]["lr"]))
    return rates


def run(library, names, call, base, total):
    try:
        if total == 0:
            return plateau(library, names, call, base), None
        if library in ("keras", "optax"):
            return counted(names, call, total), None
        return (with_timm if library == "timm" else stepped)(names, call, base, total), None
    except Exception as error:
        return None, type(error).__name__


def arrays(precision):
    """Keras and optax in one precision, which JAX takes from the environment."""
    import keras
    import optax
    if precision == "float64":
        keras.config.set_floatx("float64")
    names = {"keras": keras, "optax": optax}
    cases = [case for case in CASES if case["library"] in names]
    return [run(case["library"], names, case["call"], case["base"], case["total"]) for case in cases]


def all_cases():
    import jax, keras, optax, torch, transformers
    answers = {precision: iter(json.loads(subprocess.run(
        [sys.executable, __file__, precision], check=True, stdout=subprocess.PIPE,
        env={**os.environ, "JAX_ENABLE_X64": "1" if precision == "float64" else "0"}).stdout))
        for precision in ("float64", "float32")}
    names = {"pytorch": vars(torch.optim.lr_scheduler), "transformers": vars(transformers.optimization),
             "timm": vars(import_timm())}
    from importlib.metadata import version
    for case in CASES:
        library = case["library"]
        if library in names:
            lr, error = run(library, names[library], case["call"], case["base"], case["total"])
            yield {**case, "lr": lr, "error": error}
        else:
            (lr, error), (narrow, error32) = next(answers["float64"]), next(answers["float32"])
            yield {**case, "lr": lr, "error": error or error32,
                   "lr_float32": narrow and [float(f"{value:.9g}") for value in narrow]}
    yield {name: version(name) for name in ("jax", "optax", "keras", "timm", "transformers", "torch")}


if len(sys.argv) > 1:
    json.dump(arrays(sys.argv[1]), sys.stdout)
else:
    *cases, versions = all_cases()
    head = {"made_by": "tests/golden/framework_schedules.py", "versions": versions, "metrics": METRICS}
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    print(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}")
