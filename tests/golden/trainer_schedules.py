"""Golden rates of frameworks that own the training loop, computed by their own code.

    python3 tests/golden/trainer_schedules.py FOLDER > tests/golden/trainer_schedules.json

FOLDER holds the parts of their files that SOURCES names, which are no part of this project. They are run as they are,
under stand-ins for the rest: a Learner that counts the training as fastai's TrainEvalCallback does, an optimizer of
torch's, arguments with Ultralytics' defaults. `lr` are the rates that the optimizer has in each step, and `error` the
class of the exception where a framework refuses.
"""

import json
import sys
import types

import torch

import real_sources
from trainer_calls import CASES

SOURCES = {
    "fastai_schedule": real_sources.SOURCES["fastai_schedule"],
    "deepspeed_lr_schedules": "DeepSpeed 0.19.6 (edaa722), deepspeed/runtime/lr_schedules.py",
    "ultralytics_trainer": "Ultralytics 0001630, ultralytics/engine/trainer.py: scheduler and warmup; "
                           "utils/torch_utils.py: one_cycle",
}


def sgd(lr):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, momentum=0.9)


def run_fastai(module, call, base, every, total):
    learn = real_sources.Learner(every)
    eval(call, {**vars(module), "learn": learn})
    return learn.hypers["lr"]


def run_deepspeed(module, call, base, every, total):
    config, optimizer = json.loads(call), sgd(base)
    scheduler = getattr(module, config["type"])(optimizer, **config["params"])
    rates = []
    for _ in range(total):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return rates


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
    folder = sys.argv[1]
    real_sources.packages("files")
    for name in ["deepspeed", "deepspeed.utils"]:
        sys.modules[name] = types.SimpleNamespace(logger=types.SimpleNamespace(warning=lambda *_: None), __path__=[])
    runs = {"fastai": (run_fastai, real_sources.fastai(folder)),
            "deepspeed": (run_deepspeed, real_sources.load(folder, "deepspeed_lr_schedules", "files")),
            "ultralytics": (run_ultralytics, real_sources.load(folder, "ultralytics_trainer", "files"))}
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
