"""Writes the logs of this folder as the frameworks' own classes write them.

The event files need torch and tensorboard. The classes of Lightning, transformers and Keras are taken out of their
unpacked packages by name, so that the frameworks themselves need not run.
Usage: python write_logs.py FOLDER_WITH_PACKAGES OUT
"""
import ast
import collections
import csv
import dataclasses
import json
import os
import sys
from dataclasses import dataclass
from typing import *

import numpy

def take(path, name, env):
    tree = ast.parse(open(path).read())
    node = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)
    exec(compile(ast.Module([node], []), path, "exec"), env)
    return env[name]

class Fs:
    exists = staticmethod(os.path.exists); listdir = staticmethod(os.listdir); isfile = staticmethod(os.path.isfile)
    makedirs = staticmethod(os.makedirs); open = staticmethod(open)

base = dict(globals())
packages, out = sys.argv[1], sys.argv[2]
Writer = take(f"{packages}/lightning/fabric/loggers/csv_logs.py", "_ExperimentWriter",
    {**base, "get_filesystem": lambda _: Fs, "Tensor": type("Tensor", (), {}), "rank_zero_warn": print})
w = Writer(f"{out}/lightning")
for step in range(0, 60, 10):
    w.log_metrics({"epoch": step // 30, "train_loss": 2 / (1 + step / 20), "lr-SGD": 0.1 * (1 - step / 60)}, step)
    if step % 30 == 20:
        w.save()
        w.log_metrics({"epoch": step // 30, "val_acc": 0.5 + step / 200}, step + 9)
w.save()
State = take(f"{packages}/transformers/trainer_callback.py", "TrainerState",
    {**base, "ExportableState": type("E", (), {}), "TrainerCallback": type("T", (), {})})
state = State(max_steps=60, num_train_epochs=2, train_batch_size=8, logging_steps=10)
for step in range(10, 70, 10):
    state.log_history.append({"epoch": step / 30, "grad_norm": 1.5, "learning_rate": 5e-5 * (1 - step / 60), "loss": 2 / (1 + step / 20), "step": step})
    if step % 30 == 0:
        state.log_history.append({"epoch": step / 30, "eval_accuracy": 0.5 + step / 200, "eval_loss": float("nan") if step == 60 else 0.7, "step": step})
state.global_step = 60
state.save_to_json(f"{out}/trainer_state.json")
Logger = take(f"{packages}/keras/src/callbacks/csv_logger.py", "CSVLogger", {
    **base, "keras_export": lambda *_: lambda one: one, "Callback": type("Callback", (), {}), "np": numpy,
    "file_utils": type("File", (), {"File": staticmethod(lambda p, m: open(p, m, newline="")), "exists": os.path.exists}),
})
logger = Logger.__new__(Logger)
logger.__dict__.update(sep=",", filename=f"{out}/keras.csv", append=False, writer=None, keys=None, append_header=True, csv_file=None)
logger.model = type("Model", (), {"stop_training": False})
logger.on_train_begin()
history = {"accuracy": [], "learning_rate": [], "loss": [], "val_loss": []}
for epoch in range(4):
    logs = {"accuracy": 0.5 + epoch / 10, "learning_rate": 0.1 / (1 + epoch), "loss": 2 / (1 + epoch), "val_loss": 2.1 / (1 + epoch)}
    logger.on_epoch_end(epoch, logs)
    for key, value in logs.items():
        history[key].append(value)
logger.on_train_end()
# As Keras' documentation saves History.history.
json.dump(history, open(f"{out}/keras_history.json", "w"))

from torch.utils.tensorboard import SummaryWriter

START = 1_700_000_000.0


def write_events(folder, first, last, seed, purge=None, hparams=False):
    writer = SummaryWriter(folder, purge_step=purge)
    for step in range(first, last, 10):
        writer.add_scalar("train/loss", 2.0 / (1 + step / 50) + seed * 0.01, step, walltime=START + step)
        writer.add_scalar("lr", 0.1 * (1 - step / 200), step, walltime=START + step)
        if step % 50 == 0:
            writer.add_scalar("eval/accuracy", 0.5 + step / 500 + seed * 0.001, step, walltime=START + step)
    writer.add_text("note", "hello", 0)
    if hparams:
        settings = {"lr": 0.1, "seed": seed, "name": "cosine", "nesterov": True}
        writer.add_hparams(settings, {"hparam/accuracy": 0.9}, run_name=".")
    writer.close()


write_events(f"{out}/summary_writer", 0, 200, 1, hparams=True)
write_events(f"{out}/resumed_1", 0, 120, 2)
write_events(f"{out}/resumed_2", 100, 200, 2, purge=100)
