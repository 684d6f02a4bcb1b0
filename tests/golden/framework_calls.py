"""Calls of other libraries whose real rates are kept as golden values: each the text that a user would write.

A case is (library, call, base, total): `base` is the optimizer's own rate, `total` the number of steps.
"""

CASES = []


def add(library, *calls, base=0.1, total=41):
    for call in calls:
        CASES.append({"library": library, "call": call, "base": base, "total": total})


# ---------------------------------------------------------------- optax
O = "optax."
add("optax", *(O + call for call in [
    "constant_schedule(0.1)", "constant_schedule(value=3.0)",
    "linear_schedule(0.1, 0.0, 30)", "linear_schedule(init_value=0.1, end_value=0.02, transition_steps=25)",
    "linear_schedule(0.0, 0.3, 40)", "linear_schedule(1.0, 0.25, 20, transition_begin=7)",
    "linear_schedule(0.1, 0.0, 0)",
    "polynomial_schedule(0.1, 0.01, 2.0, 30)", "polynomial_schedule(0.1, 0.0, 0.5, 37)",
    "polynomial_schedule(init_value=0.01, end_value=0.1, power=3.0, transition_steps=20, transition_begin=5)",
    "polynomial_schedule(0.1, 0.01, 1.5, 30, -3)",
    "piecewise_constant_schedule(0.1, {10: 0.1})", "piecewise_constant_schedule(0.1, {10: 0.5, 20: 0.5, 33: 0.1})",
    "piecewise_constant_schedule(1.0, {20: 0.25, 5: 2.0})", "piecewise_constant_schedule(1.0, {1: 0.0})",
    "exponential_decay(0.1, 10, 0.5)", "exponential_decay(0.1, 10, 0.5, staircase=True)",
    "exponential_decay(0.1, 7, 0.9, transition_begin=11)", "exponential_decay(0.1, 5, 0.5, end_value=0.01)",
    "exponential_decay(0.1, 5, 1.5, end_value=0.4)", "exponential_decay(0.1, 10, 0.0)",
    "exponential_decay(0.1, 4, 0.8, 6, True, 0.03)",
    "cosine_decay_schedule(0.1, 30)", "cosine_decay_schedule(0.1, 40, alpha=0.1)",
    "cosine_decay_schedule(init_value=0.1, decay_steps=33, alpha=0.01, exponent=2.0)",
    "cosine_decay_schedule(0.1, 20, exponent=0.5)",
    "warmup_constant_schedule(0.0, 0.1, 10)", "warmup_constant_schedule(0.01, 0.2, 33)",
    "warmup_cosine_decay_schedule(0.0, 0.1, 10, 40)",
    "warmup_cosine_decay_schedule(init_value=0.01, peak_value=0.1, warmup_steps=5, decay_steps=35, end_value=0.001)",
    "warmup_cosine_decay_schedule(0.0, 0.1, 8, 30, 0.02, 3.0)", "warmup_cosine_decay_schedule(0.0, 0.0, 5, 20)",
    "warmup_exponential_decay_schedule(0.0, 0.1, 8, 10, 0.5)",
    "warmup_exponential_decay_schedule(0.01, 0.1, 8, 10, 0.5, 4, True, 0.02)",
    "join_schedules([optax.linear_schedule(0.0, 0.1, 10), optax.constant_schedule(0.1)], boundaries=[10])",
    "join_schedules([optax.linear_schedule(0.0, 0.1, 10), optax.cosine_decay_schedule(0.1, 15), "
    "optax.exponential_decay(0.05, 5, 0.7)], boundaries=[10, 25])",
    "join_schedules([optax.cosine_decay_schedule(0.1, 10, 0.1), optax.cosine_decay_schedule(0.05, 20, 0.1)], [10])",
    "join_schedules([optax.join_schedules([optax.constant_schedule(1.0), optax.constant_schedule(2.0)], [5]), "
    "optax.constant_schedule(3.0)], [12])",
    "sgdr_schedule([{\"init_value\": 0.0, \"peak_value\": 0.1, \"warmup_steps\": 3, \"decay_steps\": 12}, "
    "{\"init_value\": 0.0, \"peak_value\": 0.05, \"warmup_steps\": 3, \"decay_steps\": 20, \"end_value\": 0.001}])",
    "cosine_onecycle_schedule(40, 0.1)", "cosine_onecycle_schedule(30, 0.2, 0.25, 10.0, 100.0)",
    "cosine_onecycle_schedule(transition_steps=37, peak_value=0.1, pct_start=0.4)",
    "linear_onecycle_schedule(40, 0.1)", "linear_onecycle_schedule(35, 0.1, 0.2, 0.6, 5.0, 50.0)",
    "cosine_decay_schedule(0.1, 0)", "piecewise_constant_schedule(0.1, {5: -1.0})",
    "linear_schedule(0.1, 0.0, 30, power=2.0)",
]))
add("optax", "lambda t: 0.5 * t // 3 - t % 7 + 2.0 ** (t / 10) - -1.0")

# ---------------------------------------------------------------- Keras
K = "keras.optimizers.schedules."
add("keras", *(K + call for call in [
    "ExponentialDecay(0.1, 10, 0.5)", "ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5, staircase=True)",
    "ExponentialDecay(initial_learning_rate=1.0, decay_steps=7, decay_rate=0.96)", "ExponentialDecay(0.1, 3, 1.1)",
    "ExponentialDecay(1, 10, 0.5)", "ExponentialDecay(0.1, 0, 0.5)",
    "InverseTimeDecay(0.1, 10, 0.5)", "InverseTimeDecay(0.1, 5, 2.0, staircase=True)", "InverseTimeDecay(1, 5, 0.5)",
    "PiecewiseConstantDecay([10], [0.1, 0.01])", "PiecewiseConstantDecay([10, 20, 33], [0.1, 0.05, 0.02, 0.001])",
    "PiecewiseConstantDecay(boundaries=[0, 1], values=[1.0, 0.5, 0.25])",
    "PiecewiseConstantDecay([10], [1, 0.5])", "PiecewiseConstantDecay([10], [0.1])",
    "PolynomialDecay(0.1, 30)", "PolynomialDecay(0.1, 30, 0.0)", "PolynomialDecay(0.1, 30, 0.01, 2.0)",
    "PolynomialDecay(0.1, 30, end_learning_rate=0.02, power=0.5)", "PolynomialDecay(0.01, 20, 0.1, 1.0)",
    "PolynomialDecay(0.1, 10, 0.01, 1.0, cycle=True)", "PolynomialDecay(0.1, 7, 0.0, 2.0, True)",
    "PolynomialDecay(1, 30, 0.0)", "PolynomialDecay(0.1, 0)",
    "CosineDecay(0.1, 30)", "CosineDecay(0.1, 40, alpha=0.1)", "CosineDecay(1.0, 25, 0.5)",
    "CosineDecay(initial_learning_rate=0.0, decay_steps=30, alpha=0.01, warmup_target=0.1, warmup_steps=8)",
    "CosineDecay(0.001, 20, warmup_target=0.1, warmup_steps=10)",
    "CosineDecay(0.05, 30, warmup_target=0.1, warmup_steps=0)",
    "CosineDecay(0, 30, warmup_target=0.1, warmup_steps=8)", "CosineDecay(1, 30)",
    "CosineDecay(0.1, 0)", "CosineDecay(0.1, 30, exponent=2.0)",
    "CosineDecayRestarts(0.1, 10, t_mul=1.0)", "CosineDecayRestarts(0.1, 7, 1.0, 0.5, 0.1)",
    "CosineDecayRestarts(0.1, 10)", "CosineDecayRestarts(0.1, first_decay_steps=5, t_mul=2.0, m_mul=0.8, alpha=0.01)",
    "CosineDecayRestarts(0.1, 6, t_mul=1.5)", "CosineDecayRestarts(0.1, 9, 1.5, 0.9, 0.05)",
    "CosineDecayRestarts(1, 10)", "CosineDecayRestarts(0.1, 4, 3.0)", "CosineDecayRestarts(0.1, 41)",
    "ExponentialDecay(0.1, 1, 0.9)", "ExponentialDecay(0.5, 20, 0.1, True)", "InverseTimeDecay(0.2, 1, 0.1)",
    "PolynomialDecay(0.3, 41, 0.003, 3.0)", "CosineDecay(0.3, 13, 0.25, warmup_target=0.6, warmup_steps=5)",
]))

# ---------------------------------------------------------------- timm, asked at every update
for call in [
    "CosineLRScheduler(optimizer, t_initial=30)", "CosineLRScheduler(optimizer, 40, lr_min=0.001)",
    "CosineLRScheduler(optimizer, t_initial=10, cycle_limit=3)",
    "CosineLRScheduler(optimizer, t_initial=5, lr_min=0.001, cycle_mul=2.0, cycle_decay=0.5, cycle_limit=9)",
    "CosineLRScheduler(optimizer, t_initial=6, cycle_mul=1.5, cycle_limit=20)",
    "CosineLRScheduler(optimizer, t_initial=7, cycle_mul=3.0, cycle_limit=20)",
    "CosineLRScheduler(optimizer, t_initial=10, cycle_decay=0.7, cycle_limit=100)",
    "CosineLRScheduler(optimizer, t_initial=40, warmup_t=8)",
    "CosineLRScheduler(optimizer, t_initial=40, warmup_t=8, warmup_lr_init=0.01)",
    "CosineLRScheduler(optimizer, t_initial=30, lr_min=0.001, warmup_t=8, warmup_lr_init=0.01, warmup_prefix=True)",
    "CosineLRScheduler(optimizer, t_initial=9, cycle_limit=4, warmup_t=5, warmup_prefix=True)",
    "CosineLRScheduler(optimizer, t_initial=40, k_decay=1.5)", "CosineLRScheduler(optimizer, t_initial=40, k_decay=0.5)",
    "CosineLRScheduler(optimizer, t_initial=10, cycle_limit=4, k_decay=2.0)",
    "PolyLRScheduler(optimizer, t_initial=40)", "PolyLRScheduler(optimizer, t_initial=30, power=1.0)",
    "PolyLRScheduler(optimizer, t_initial=30, power=1.0, lr_min=0.02)",
    "PolyLRScheduler(optimizer, 30, 2.0, 0.001)", "PolyLRScheduler(optimizer, t_initial=10, power=2.0, cycle_limit=3)",
    "PolyLRScheduler(optimizer, t_initial=6, power=1.0, cycle_mul=2.0, cycle_decay=0.5, cycle_limit=5)",
    "PolyLRScheduler(optimizer, t_initial=40, power=1.0, warmup_t=10, warmup_lr_init=0.001)",
    "PolyLRScheduler(optimizer, t_initial=30, power=1.0, warmup_t=10, warmup_prefix=True)",
    "PolyLRScheduler(optimizer, t_initial=40, power=1.0, k_decay=2.0)",
    "TanhLRScheduler(optimizer, t_initial=40)", "TanhLRScheduler(optimizer, t_initial=40, lb=-6.0, ub=4.0, lr_min=0.001)",
    "TanhLRScheduler(optimizer, t_initial=10, cycle_limit=3)",
    "TanhLRScheduler(optimizer, t_initial=5, cycle_mul=2.0, cycle_decay=0.5, cycle_limit=3)",
    "TanhLRScheduler(optimizer, t_initial=40, warmup_t=10, warmup_lr_init=0.001)",
    "TanhLRScheduler(optimizer, t_initial=30, warmup_t=10, warmup_prefix=True)",
    "TanhLRScheduler(optimizer, t_initial=30, lb=-1.0, ub=1.0)",
    "StepLRScheduler(optimizer, decay_t=10)", "StepLRScheduler(optimizer, decay_t=10, decay_rate=0.1)",
    "StepLRScheduler(optimizer, decay_t=7, decay_rate=0.5)",
    "StepLRScheduler(optimizer, decay_t=7, decay_rate=0.5, warmup_t=5)",
    "StepLRScheduler(optimizer, decay_t=7, decay_rate=0.5, warmup_t=5, warmup_lr_init=0.02, warmup_prefix=False)",
    "StepLRScheduler(optimizer, decay_t=2.4, decay_rate=0.97)", "StepLRScheduler(optimizer, decay_t=1, decay_rate=1.0)",
    "MultiStepLRScheduler(optimizer, decay_t=[10, 20])",
    "MultiStepLRScheduler(optimizer, decay_t=[10, 20], decay_rate=0.1)",
    "MultiStepLRScheduler(optimizer, decay_t=[1, 5, 5, 30], decay_rate=0.5)",
    "MultiStepLRScheduler(optimizer, decay_t=[10, 20], decay_rate=0.1, warmup_t=5)",
    "MultiStepLRScheduler(optimizer, decay_t=[10, 20], decay_rate=0.1, warmup_t=5, warmup_lr_init=0.01, "
    "warmup_prefix=False)",
    "CosineLRScheduler(optimizer, t_initial=30, eta_min=0.1)", "MultiStepLRScheduler(optimizer)",
]:
    bare = "(optimizer)" in call
    add("timm", call if bare else call[:-1] + ", t_in_epochs=False)")

# ---------------------------------------------------------------- transformers
W = "num_warmup_steps"
T = "num_training_steps"
add("transformers", *[
    "get_constant_schedule(optimizer)", f"get_constant_schedule_with_warmup(optimizer, {W}=10)",
    f"get_constant_schedule_with_warmup(optimizer, {W}=0)",
    f"get_linear_schedule_with_warmup(optimizer, {W}=10, {T}=40)", "get_linear_schedule_with_warmup(optimizer, 0, 30)",
    f"get_linear_schedule_with_warmup(optimizer, {W}=5, {T}=35)", f"get_linear_schedule_with_warmup(optimizer, {W}=50, {T}=40)",
    f"get_cosine_schedule_with_warmup(optimizer, {W}=10, {T}=40)", "get_cosine_schedule_with_warmup(optimizer, 0, 30)",
    f"get_cosine_schedule_with_warmup(optimizer, {W}=4, {T}=40, num_cycles=1.0)",
    f"get_cosine_schedule_with_warmup(optimizer, {W}=4, {T}=40, num_cycles=1.5)",
    f"get_cosine_schedule_with_warmup(optimizer, {W}=0, {T}=20)",
    f"get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, {W}=4, {T}=40)",
    f"get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, {W}=4, {T}=34, num_cycles=3)",
    f"get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, {W}=0, {T}=40, num_cycles=4)",
    f"get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, {W}=0, {T}=39, num_cycles=13)",
    f"get_polynomial_decay_schedule_with_warmup(optimizer, {W}=10, {T}=40)",
    f"get_polynomial_decay_schedule_with_warmup(optimizer, {W}=0, {T}=30, lr_end=0.01, power=2.0)",
    f"get_polynomial_decay_schedule_with_warmup(optimizer, {W}=5, {T}=30, lr_end=0.0, power=0.5)",
    f"get_polynomial_decay_schedule_with_warmup(optimizer, {W}=5, {T}=30, lr_end=0.2)",
    f"get_polynomial_decay_schedule_with_warmup(optimizer, {W}=5, {T}=41, lr_end=0.03, power=1.0)",
    f"get_inverse_sqrt_schedule(optimizer, {W}=10)", f"get_inverse_sqrt_schedule(optimizer, {W}=0)",
    f"get_inverse_sqrt_schedule(optimizer, {W}=5, timescale=20)", "get_inverse_sqrt_schedule(optimizer, 0, 7)",
    f"get_cosine_with_min_lr_schedule_with_warmup(optimizer, {W}=10, {T}=40, min_lr=0.01)",
    f"get_cosine_with_min_lr_schedule_with_warmup(optimizer, {W}=0, {T}=30, min_lr_rate=0.1)",
    f"get_cosine_with_min_lr_schedule_with_warmup(optimizer, {W}=5, {T}=40, num_cycles=1.5, min_lr=0.001)",
    f"get_cosine_with_min_lr_schedule_with_warmup(optimizer, {W}=5, {T}=40)",
    f"get_cosine_with_min_lr_schedule_with_warmup(optimizer, {W}=5, {T}=40, min_lr=0.01, min_lr_rate=0.1)",
    f"get_cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, {W}=10, {T}=40, min_lr=0.01)",
    f"get_cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, {W}=10, {T}=40, min_lr_rate=0.1, warmup_lr_rate=0.2)",
    f"get_cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, {W}=0, {T}=30, num_cycles=1.5, min_lr_rate=0.1)",
    f"get_wsd_schedule(optimizer, {W}=5, num_decay_steps=10, num_stable_steps=20)",
    f"get_wsd_schedule(optimizer, {W}=5, num_decay_steps=10, {T}=40)",
    f"get_wsd_schedule(optimizer, {W}=5, num_decay_steps=10, num_stable_steps=20, decay_type=\"linear\", min_lr_ratio=0.1)",
    f"get_wsd_schedule(optimizer, {W}=8, num_decay_steps=12, num_stable_steps=9, warmup_type=\"cosine\", decay_type=\"1-sqrt\")",
    f"get_wsd_schedule(optimizer, {W}=8, num_decay_steps=12, num_stable_steps=9, warmup_type=\"1-sqrt\", "
    "decay_type=\"cosine\", num_cycles=1.5)",
    f"get_wsd_schedule(optimizer, {W}=0, num_decay_steps=0, num_stable_steps=20, min_lr_ratio=0.5)",
    f"get_wsd_schedule(optimizer, {W}=5, num_decay_steps=10)",
    f"get_wsd_schedule(optimizer, {W}=5, num_decay_steps=10, num_stable_steps=20, decay_type=\"exponential\")",
    f"get_linear_schedule_with_warmup(optimizer, {W}=10)", f"get_constant_schedule(optimizer, {W}=10)",
    f"get_polynomial_decay_schedule_with_warmup(optimizer, {W}=0, {T}=40, lr_end=0.001, power=3.0)",
    f"get_cosine_schedule_with_warmup(optimizer, {W}=20, {T}=41, num_cycles=0.25)",
])

# ---------------------------------------------------------------- PyTorch
S = "SequentialLR(optimizer, "
add("pytorch", *[
    "StepLR(optimizer, 10)", "StepLR(optimizer, step_size=7, gamma=0.5)", "MultiStepLR(optimizer, [10, 20])",
    "MultiStepLR(optimizer, milestones=[5, 5, 30], gamma=0.5)", "ConstantLR(optimizer)",
    "ConstantLR(optimizer, factor=1.0, total_iters=1)", "ConstantLR(optimizer, factor=0.25, total_iters=10)",
    "LinearLR(optimizer)", "LinearLR(optimizer, start_factor=0.001, total_iters=20)",
    "LinearLR(optimizer, start_factor=1.0, end_factor=0.1, total_iters=30)",
    "LinearLR(optimizer, start_factor=0.1, end_factor=0.5, total_iters=10)",
    "LinearLR(optimizer, start_factor=1.0, end_factor=0.0, total_iters=30)", "LinearLR(optimizer, start_factor=2.0)",
    "LinearLR(optimizer, start_factor=0.0)", "LinearLR(optimizer, end_factor=1.5)",
    "ExponentialLR(optimizer, 0.9)", "ExponentialLR(optimizer, gamma=0.5 ** (1 / 10))", "PolynomialLR(optimizer, 30)",
    "PolynomialLR(optimizer, total_iters=30, power=2.0)", "PolynomialLR(optimizer)", "CosineAnnealingLR(optimizer, 30)",
    "CosineAnnealingLR(optimizer, T_max=40, eta_min=0.001)", "CosineAnnealingLR(optimizer, T_max=13, eta_min=0.0)",
    "CosineAnnealingWarmRestarts(optimizer, 10)", "CosineAnnealingWarmRestarts(optimizer, T_0=5, T_mult=2, eta_min=0.001)",
    "CosineAnnealingWarmRestarts(optimizer, T_0=5, T_mult=1.5)", "CyclicLR(optimizer, 0.01, 0.1, step_size_up=8)",
    "CyclicLR(optimizer, base_lr=0.01, max_lr=0.1, step_size_up=6, step_size_down=3, mode=\"triangular2\")",
    "CyclicLR(optimizer, base_lr=0.0, max_lr=0.1, step_size_up=6, mode=\"exp_range\", gamma=0.95)",
    "OneCycleLR(optimizer, max_lr=0.1, total_steps=40)", "OneCycleLR(optimizer, max_lr=0.1, total_steps=41, three_phase=True)",
    "OneCycleLR(optimizer, 0.1, epochs=8, steps_per_epoch=5, anneal_strategy=\"linear\")",
    "OneCycleLR(optimizer, max_lr=0.1, total_steps=40, pct_start=0.01)",
    "OneCycleLR(optimizer, max_lr=0.1, total_steps=40, pct_start=0.025)",
    S + "[LinearLR(optimizer, start_factor=0.01, total_iters=10), CosineAnnealingLR(optimizer, T_max=30)], milestones=[10])",
    S + "[LinearLR(optimizer, start_factor=0.01, end_factor=0.5, total_iters=10), LinearLR(optimizer, start_factor=0.5, "
    "end_factor=1.0, total_iters=20)], milestones=[10])",
    S + "[ConstantLR(optimizer, factor=0.1, total_iters=50), ExponentialLR(optimizer, gamma=0.9), "
    "StepLR(optimizer, step_size=5, gamma=0.5)], milestones=[7, 20])",
    S + "[LinearLR(optimizer, start_factor=0.1, total_iters=5), CosineAnnealingWarmRestarts(optimizer, T_0=6, T_mult=2)], "
    "milestones=[5])",
    S + "[LinearLR(optimizer, start_factor=0.1, total_iters=5), CosineAnnealingLR(optimizer, T_max=9)], [5])",
    S + "[LinearLR(optimizer), StepLR(optimizer, 3)], milestones=[])",
    "ChainedScheduler([LinearLR(optimizer, start_factor=0.1, total_iters=10), ExponentialLR(optimizer, gamma=0.95)])",
    "ChainedScheduler([MultiStepLR(optimizer, milestones=[10, 20]), ConstantLR(optimizer, factor=0.5, total_iters=4)])",
    "ChainedScheduler([LinearLR(optimizer, start_factor=0.25, total_iters=5), MultiStepLR(optimizer, milestones=[10, 20]), "
    "PolynomialLR(optimizer, total_iters=41, power=2.0)])",
    "LambdaLR(optimizer, lambda t: 1 / (1 + 0.1 * t))", "LambdaLR(optimizer, lr_lambda=lambda t: 0.9 ** (t // 5))",
])

# ---------------------------------------------------------------- plateaus, on metrics that fall, stall, jump and fall
PLATEAUS = [
    ("pytorch", "ReduceLROnPlateau(optimizer)"),
    ("pytorch", "ReduceLROnPlateau(optimizer, mode=\"min\", factor=0.5, patience=2, cooldown=3)"),
    ("pytorch", "ReduceLROnPlateau(optimizer, mode=\"max\", factor=0.5, patience=1, threshold=0.01, min_lr=0.02)"),
    ("pytorch", "ReduceLROnPlateau(optimizer, factor=0.5, patience=2, threshold=0.05, threshold_mode=\"abs\")"),
    ("transformers", "get_reduce_on_plateau_schedule(optimizer, factor=0.5, patience=2, cooldown=1)"),
    ("timm", "PlateauLRScheduler(optimizer, decay_rate=0.5, patience_t=2)"),
    ("timm", "PlateauLRScheduler(optimizer, decay_rate=0.5, patience_t=2, cooldown_t=3, mode=\"min\")"),
    ("timm", "PlateauLRScheduler(optimizer, decay_rate=0.5, patience_t=1, threshold=0.01, lr_min=0.02, mode=\"min\")"),
    ("keras", "keras.callbacks.ReduceLROnPlateau(monitor=\"val_loss\", factor=0.5, patience=2)"),
    ("keras", "keras.callbacks.ReduceLROnPlateau(monitor=\"val_loss\", mode=\"min\", factor=0.5, patience=3, cooldown=4, "
              "min_delta=0.0)"),
    ("keras", "keras.callbacks.ReduceLROnPlateau(monitor=\"val_loss\", mode=\"max\", factor=0.5, patience=2, cooldown=2, "
              "min_delta=0.05, min_lr=0.02)"),
    ("optax", "optax.contrib.reduce_on_plateau(factor=0.5, patience=2)"),
    ("optax", "optax.contrib.reduce_on_plateau(factor=0.5, patience=3, rtol=0.0, atol=1e-37, cooldown=3)"),
    ("optax", "optax.contrib.reduce_on_plateau(factor=0.5, patience=2, rtol=0.05, cooldown=2, min_scale=0.2)"),
    ("optax", "optax.contrib.reduce_on_plateau(factor=0.5, patience=2, rtol=0.0, atol=0.0)"),
]
for library, call in PLATEAUS:
    CASES.append({"library": library, "call": call, "base": 0.1, "total": 0})

METRICS = [1.0, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.79, 0.79, 0.8, 1.2, 1.2, 1.1, 1.0, 0.9, 0.7, 0.7, 0.7, 0.69, 0.7, 0.7, 0.7,
           0.7, 0.7, 0.5, 0.5, 0.5, 0.5, 0.51, 0.52, 0.53, 0.54, 0.5, 0.5, 0.5, 0.5, 0.49, 0.48, 0.47, 0.46, 0.46]
