"""Calls of fastai, DeepSpeed and Ultralytics whose real rates are kept as golden values: each the text that a user would write.

A case has the optimizer's own rate `base`, the number of batches in an epoch `every`, and the number of steps `total`
(0 for whole trainings, whose calls say how many epochs they take).
"""

import json

CASES = []


def add(library, *calls, base=0.1, every=10, total=0):
    for call in calls:
        CASES.append({"library": library, "call": call, "base": base, "every": every, "total": total})


# ---------------------------------------------------------------- fastai
for every in [10, 7]:
    add("fastai", *["learn." + call for call in [
        "fit_one_cycle(4, lr_max=0.1)", "fit_one_cycle(5, 0.01)", "fit_one_cycle(n_epoch=3, lr_max=0.3, pct_start=0.3)",
        "fit_one_cycle(4, lr_max=0.1, div=10.0, div_final=1000.0, pct_start=0.5)",
        "fit_one_cycle(1, lr_max=1.0, div=2.0, div_final=4.0, pct_start=0.1)",
        "fit_one_cycle(6, 0.1, 25.0, 100000.0, 0.99)", "fit_one_cycle(3, lr_max=0.05, moms=[0.95, 0.85, 0.95])",
        "fit_flat_cos(4, lr=0.1)", "fit_flat_cos(5, 0.01, 100.0, 0.5)", "fit_flat_cos(3, lr=0.2, pct_start=0.1)",
        "fit_flat_cos(n_epoch=2, lr=0.4, div_final=2.0, pct_start=0.9)",
        "fit_sgdr(2, 1, lr_max=0.1)", "fit_sgdr(3, 1, 0.1)", "fit_sgdr(n_cycles=2, cycle_len=2, lr_max=0.05)",
        "fit_sgdr(2, 1, lr_max=0.1, cycle_mult=3)", "fit_sgdr(1, 4, lr_max=0.1)", "fit_sgdr(2, 1, lr_max=0.1, cycle_mult=1)",
        "fit(3, lr=0.1)", "fit(4, cbs=ParamScheduler({\"lr\": SchedCos(0.1, 0.01)}))",
        "fit(3, cbs=ParamScheduler({\"lr\": SchedLin(0.0, 0.1)}))", "fit(3, cbs=ParamScheduler({\"lr\": SchedExp(0.1, 0.001)}))",
        "fit(3, cbs=ParamScheduler({\"lr\": SchedNo(0.1, 0.5)}))", "fit(3, cbs=ParamScheduler({\"lr\": SchedPoly(0.1, 0.0, 2.0)}))",
        "fit(4, cbs=ParamScheduler({\"lr\": combine_scheds([0.25, 0.75], [SchedLin(0.01, 0.1), SchedCos(0.1, 0.001)])}))",
        "fit(5, cbs=ParamScheduler({\"lr\": combine_scheds([0.3, 0.3, 0.4], [SchedLin(0.0, 0.1), SchedNo(0.1, 0.1), "
        "SchedPoly(0.1, 0.0, 0.5)])}))",
        "fit(4, cbs=ParamScheduler({\"lr\": combine_scheds([0.5, 0.6], [SchedLin(0.01, 0.1), SchedCos(0.1, 0.001)])}))",
        "fit(2, cbs=ParamScheduler({\"lr\": lambda pct: 0.1 * (1 - pct)}))",
        "fit(2, cbs=ParamScheduler({\"lr\": combined_cos(0.25, 0.004, 0.1, 0.000001)}))",
    ]], every=every)


# ---------------------------------------------------------------- DeepSpeed
def deepspeed(kind, base=0.1, **params):
    add("deepspeed", json.dumps({"type": kind, "params": params}), base=base, every=1, total=61)


for style in ["log", "linear"]:
    deepspeed("WarmupLR", warmup_num_steps=20, warmup_type=style)
    deepspeed("WarmupLR", warmup_min_lr=0.001, warmup_max_lr=0.2, warmup_num_steps=33, warmup_type=style)
    deepspeed("WarmupLR", warmup_min_lr=0.01, warmup_max_lr=0.05, warmup_num_steps=1, warmup_type=style)
    for total, warmup in [(60, 10), (50, 25), (40, 40), (30, 45)]:
        deepspeed("WarmupDecayLR", total_num_steps=total, warmup_num_steps=warmup, warmup_type=style)
        deepspeed("WarmupDecayLR", total_num_steps=total, warmup_min_lr=0.02, warmup_max_lr=0.1,
                  warmup_num_steps=warmup, warmup_type=style)
        deepspeed("WarmupCosineLR", total_num_steps=total, warmup_num_steps=warmup, warmup_type=style)
        deepspeed("WarmupCosineLR", total_num_steps=total, warmup_min_ratio=0.1, cos_min_ratio=0.05,
                  warmup_num_steps=warmup, warmup_type=style, base=0.03)
deepspeed("WarmupLR")
deepspeed("WarmupLR", warmup_num_steps=10, warmup_type="cosine")
for options in [{}, {"cycle_second_step_size": 30}, {"cycle_first_stair_count": 4},
                {"cycle_first_stair_count": 5, "cycle_second_stair_count": 3, "cycle_second_step_size": 25},
                {"decay_lr_rate": 0.5, "decay_step_size": 10}, {"decay_lr_rate": 2.0, "decay_step_size": 5,
                                                               "cycle_second_step_size": 11},
                {"decay_lr_rate": 0.5}, {"cycle_second_step_size": 0}]:
    deepspeed("OneCycle", cycle_min_lr=0.01, cycle_max_lr=0.1, cycle_first_step_size=15, **options)
for options in [{}, {"lr_range_test_step_size": 10}, {"lr_range_test_step_size": 7, "lr_range_test_step_rate": 5.0},
                {"lr_range_test_min_lr": 0.0001, "lr_range_test_step_size": 15, "lr_range_test_staircase": True}]:
    deepspeed("LRRangeTest", **options)
deepspeed("WarmupLR", warmup_num_steps=0)
deepspeed("WarmupLR", warmup_num_steps=10.5)
deepspeed("OneCycle", cycle_min_lr=0.01, cycle_max_lr=0.1, cycle_first_step_size=0)
deepspeed("LRRangeTest", lr_range_test_step_size=0)
deepspeed("WarmupDecayLR", warmup_num_steps=10)
deepspeed("WarmupLR", warmup_steps=10)

# ---------------------------------------------------------------- Ultralytics
for every in [5, 8]:
    add("ultralytics", *[f"model.train({given})" for given in [
        "epochs=10", "epochs=10, cos_lr=True", "epochs=10, warmup_epochs=0", "epochs=10, cos_lr=True, warmup_epochs=0",
        "epochs=7, lr0=0.1, lrf=0.1, warmup_epochs=0", "epochs=7, lr0=0.1, lrf=0.1, cos_lr=True, warmup_epochs=0",
        "epochs=6, lr0=0.02, lrf=0.2, warmup_epochs=1.5", "epochs=6, lr0=0.02, lrf=0.2, cos_lr=True, warmup_epochs=1.5",
        "epochs=2, lr0=0.01, lrf=1.0", "epochs=2, lr0=0.01, lrf=0.5, warmup_epochs=5.0", "epochs=1, lr0=0.01, lrf=0.1",
        "epochs=1, lr0=0.01, lrf=0.1, warmup_epochs=0.5, cos_lr=True", "epochs=4, lr0=0.001, lrf=2.0, warmup_epochs=0",
        "epochs=4, lr0=0.001, lrf=2.0, cos_lr=True, warmup_epochs=0.3", "epochs=5, lr0=0.3, lrf=0.0, warmup_epochs=0",
        "epochs=5, lr0=0.3, lrf=0.0, cos_lr=True, warmup_epochs=2", "epochs=12, lr0=0.01, lrf=0.01, warmup_epochs=0.1",
        "epochs=9, lr0=0.05, lrf=0.01, cos_lr=True, warmup_epochs=3.3", "epochs=3, lr0=0.01, lrf=0.01, warmup_epochs=2.0",
        "epochs=3, lr0=0.01, lrf=0.001, cos_lr=True", "epochs=8, lr0=1.0, lrf=0.5, warmup_epochs=1.0",
    ]], every=every)
