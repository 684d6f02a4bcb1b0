"""Golden last-iterate bounds, from the published code of Schaipp et al., 2025 (arXiv:2501.18965).

    git clone https://github.com/fabian-sp/lr-scheduling
    PYTHONPATH=lr-scheduling/src python3 tests/golden/convex_bounds.py > tests/golden/convex_bounds.json

The published `compute_optimal_base` is given rates, norms of the gradient and a horizon; it returns the best base rate and
the bound at it. D = 1. Rates are written as formulas of the step here, not as the lab has them.
"""

import json

import numpy as np
from scheduled.schedules.base import ScheduleBase, compute_optimal_base
from scheduled.schedules.cosine import CosineSchedule
from scheduled.schedules.wsd import WSDSchedule


class Given(ScheduleBase):
    """A schedule of rates that are known, in long doubles: the published code subtracts sums, which costs digits."""

    def __init__(self, rates):
        self._given = np.asarray(rates, dtype=float).astype(np.longdouble)
        super().__init__(steps=len(self._given))

    def _construct_main_schedule(self):
        return self._given


def shapes(steps):
    t = np.arange(steps)
    left = 1 - t / steps
    cosine = (1 + np.cos(np.pi * t / steps)) / 2
    cycle = steps / 4
    return {
        "linear": left,
        "cosine": cosine,
        "cosine to 10 %": 0.1 + 0.9 * cosine,
        "quadratic": left**2,
        "power 0.5": left**0.5,
        "WSD, linear over 20 %": np.minimum(1, left / 0.2),
        "WSD, 1-sqrt over 20 %": 1 - np.sqrt(np.maximum(0, 1 - left / 0.2)),
        "step x0.1": 0.1 ** np.searchsorted(np.ceil(np.array([1, 2, 8 / 3]) / 3 * steps), t, side="right"),
        "SGDR of four cycles": (1 + np.cos(np.pi * (t % cycle) / cycle)) / 2,
        "constant": np.ones(steps),
        "warmup over 10 %, then linear": np.minimum((t + 1) / (0.1 * steps), left / 0.9),
    }


def entry(schedule, norms, horizon):
    base, bound = compute_optimal_base(schedule, norms, 1.0, horizon)
    return {"base": float(base), "bound": float(bound)}


def main():
    steps = 1000
    norms = 1 + np.exp(-np.arange(steps) / 100)
    golden = {"steps": steps, "shapes": {}, "published": {}}
    for name, rates in shapes(steps).items():
        schedule = Given(rates)
        golden["shapes"][name] = {
            **entry(schedule, 1.0, steps),
            "half_way": entry(schedule, 1.0, steps // 2),
            "falling_norms": entry(schedule, norms, steps),
        }
    # Their own schedules, in doubles, of one step more than the horizon, so that the last rate of 0 is not among them.
    golden["published"]["WSD, linear over 20 %"] = entry(WSDSchedule(steps=steps + 1, cooldown_len=0.2), 1.0, steps)
    golden["published"]["linear"] = entry(WSDSchedule(steps=steps + 1, cooldown_len=1.0), 1.0, steps)
    golden["published"]["cosine"] = entry(CosineSchedule(steps=steps + 1), 1.0, steps)
    print(json.dumps(golden, indent=2))


if __name__ == "__main__":
    main()
