"""Writes tests/golden/tensorboard/: event files by PyTorch's SummaryWriter, which the lab's bytes are compared with.

Needs torch and tensorboard. Usage: python summary_writer.py FOLDER
"""
import sys
from torch.utils.tensorboard import SummaryWriter

with SummaryWriter(sys.argv[1], filename_suffix=".pytorch") as writer:
    writer.add_scalar("train/loss", 2.302585, 0, walltime=1700000000.25)
    writer.add_scalar("train/loss", float("nan"), 1, walltime=1700000000.5)
    writer.add_scalar("train/learning_rate", 0.05, 300, walltime=1700000001.0)
    writer.add_text("restart", "Warm restart: cycle 2 begins at step 300.", 300, walltime=1700000001.5)
