"""Golden refined schedules, from the published code of Defazio et al., 2023 (arXiv:2310.07831).

    git clone https://github.com/facebookresearch/adaptive_scheduling
    PYTHONPATH=adaptive_scheduling python3 tests/golden/refined_schedules.py > tests/golden/refined_schedules.json

`find_closed_form_schedule` is given filtered norms (scipy's median filter, padded as its README says) with the last one
once more, and its last rate, 0, is left out. Norms are a formula, so that a test can make them again. PyTorch is imported
there and not used: an empty module of its name does.
"""

import json

import numpy as np
from find_schedule import find_closed_form_schedule
from scipy.ndimage import median_filter

STEPS = 500


def norms():
    t = np.arange(STEPS)
    return 1 + 4 * np.exp(-t / 40) + 0.5 * np.abs(np.sin(12.9898 * t)) + (t / STEPS) ** 3


def filtered(values, share):
    width = 2 * (int(share * len(values)) // 2) + 1
    pad = 2 * width
    return median_filter(np.pad(values, (0, pad), mode="reflect"), size=width, mode="nearest")[:-pad]


def main():
    golden = {"steps": STEPS, "cases": []}
    for share in [0.1, 0.03]:
        smooth = filtered(norms(), share)
        for power in [1, 2]:
            longer = np.append(smooth, smooth[-1])
            rates = find_closed_form_schedule(longer, weights=longer ** -float(power))[:-1]
            golden["cases"].append({
                "smoothing": share,
                "power": power,
                "norms": [float(v) for v in smooth[::25]],
                "rates": [float(v) for v in (rates / rates.max())[::25]],
            })
    print(json.dumps(golden, indent=2))


if __name__ == "__main__":
    main()
