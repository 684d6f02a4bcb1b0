"""Runs emitted schedulers that take evaluations, interrupted in mid-run, and prints the rates that they give.

Reads a JSON list of {library, code, total, metrics, resume} from stdin, where metrics maps the number of steps done to
the metric of an evaluation, and writes a JSON list of {lr, error}. At each step of resume everything is saved, made
anew from the code, and loaded. torch is the real one; transformers' and Lightning's base classes are empty here.
"""

import io
import json
import sys
import traceback
import types
import warnings

import torch

warnings.filterwarnings("ignore")
sys.modules["transformers"] = types.SimpleNamespace(TrainerCallback=object)
sys.modules["lightning"] = types.SimpleNamespace(LightningModule=torch.nn.Linear)


def made(library, code):
    """A model, an optimizer, a scheduler and what takes an evaluation, as the code makes them."""
    names = {"model": torch.nn.Linear(1, 1), "__name__": "snippet"}
    exec(compile(code, library, "exec"), names)
    if library == "lightning":
        module = names["Scheduled"](1, 1)
        configured = module.configure_optimizers()
        assert configured["lr_scheduler"]["interval"] == "step"
        optimizer, scheduler = configured["optimizer"], configured["lr_scheduler"]["scheduler"]
        module.lr_schedulers = lambda: scheduler

        def observe(metric):
            metrics = {"val_loss": torch.tensor(metric, dtype=torch.float64)}
            module.trainer = types.SimpleNamespace(sanity_checking=False, callback_metrics=metrics)
            module.on_validation_epoch_end()
        return optimizer, scheduler, observe
    optimizer, scheduler = names["optimizer"], names["scheduler"]
    if library == "transformers":
        callback = names["Evaluations"]()
        return optimizer, scheduler, lambda metric: callback.on_evaluate(None, None, None, {"eval_loss": metric})
    return optimizer, scheduler, scheduler.observe


def run(library, code, total, metrics, resume):
    optimizer, scheduler, observe = made(library, code)
    rates = []
    for step in range(total):
        if step in resume:
            file = io.BytesIO()
            torch.save({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}, file)
            file.seek(0)
            saved = torch.load(file)
            optimizer, scheduler, observe = made(library, code)
            optimizer.load_state_dict(saved["optimizer"])
            scheduler.load_state_dict(saved["scheduler"])
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
        metric = metrics.get(str(step + 1))
        if metric is not None:
            observe(float(metric))
    return rates


answers = []
for job in json.load(sys.stdin):
    try:
        answers.append({"lr": run(**job), "error": None})
    except Exception:
        answers.append({"lr": [], "error": traceback.format_exc(limit=-3)})
json.dump(answers, sys.stdout)
