"""Golden loss curves and predictions of the multi-power law, from the published code of Luo et al., 2025 (arXiv:2503.12811).

    git clone https://github.com/thu-yao-01-luo/MultiPowerLaw
    PYTHONPATH=MultiPowerLaw python3 tests/golden/loss_laws.py MultiPowerLaw > tests/golden/loss_laws.json

The curves are recorded losses of language models of 25M, 100M and 400M parameters under nine schedules, every eighth point
or so of the published files; `predicted` is what the published `evaluate_mpl` makes of the published parameters, and `r2`
its coefficient over the whole curve. Numpy and scipy are needed; torch, scikit-learn and matplotlib, which are imported
for other things, are replaced.
"""

import json
import os
import sys
import types

import numpy as np


def stand_in(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module
    return module


nothing = lambda *_args, **_named: None
drawing = {name: nothing for name in ("figure", "plot", "legend", "savefig", "close", "grid", "xlabel", "ylabel", "title")}
stand_in("matplotlib", pyplot=stand_in("matplotlib.pyplot", **drawing))
stand_in("torch", Tensor=object)
stand_in("sklearn")
stand_in(
    "sklearn.metrics",
    mean_squared_error=lambda a, b: float(np.mean((a - b) ** 2)),
    r2_score=lambda a, b: float(1 - np.sum((a - b) ** 2) / np.sum((a - np.mean(a)) ** 2)),
)

from src.config import FILES, PARAMS, TRAIN_SET  # noqa: E402
from src.data_loader import load_data  # noqa: E402
from src.evaluation import evaluate_mpl  # noqa: E402

NAMES = ["L0", "A", "alpha", "B", "C", "beta", "gamma"]
POINTS = 50


def curve(name, one):
    steps = one["step"]
    kept = np.unique(np.linspace(0, len(steps) - 1, POINTS).round().astype(int))
    return {
        "name": name.removesuffix(".csv"),
        "fitted": name in TRAIN_SET,
        "total_steps": len(one["lrs"]),
        "steps": [int(step) for step in steps[kept]],
        "losses": [float(loss) for loss in one["loss"][kept]],
        "rates": [float(rate) for rate in one["lrs"][steps[kept]]],
        "predicted": [float(value) for value in one["pred"][kept]],
        "r2": one["r2_score"],
    }


models = {}
for size, params in PARAMS.items():
    data = load_data(os.path.join(sys.argv[1], "loss_curve_repo", f"csv_{size}"))
    evaluate_mpl(data, FILES, params, ".")
    models[f"{size}M"] = {
        "parameters": dict(zip(NAMES, params)),
        "curves": [curve(name, data[name]) for name in FILES],
    }
json.dump({"models": models}, sys.stdout, separators=(",", ":"))
sys.stdout.write("\n")
