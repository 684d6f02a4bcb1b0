"""Ten steps of optimizers by the code that their authors published, on the CNN of pytorch_optimizers.py, in float64.

    /usr/bin/python3 tests/golden/published_optimizers.py FOLDER > tests/golden/published_optimizers.json

FOLDER holds checkouts of facebookresearch/schedule_free, konstmish/prodigy, KellerJordan/Muon, lucidrains/lion-pytorch
and huggingface/pytorch-image-models, each under its own name. Nothing of them is stored but the values.

As pytorch_optimizers.json, and for those that judge a model by other weights than they train, these as `judged`. A
frozen group is left out of the optimizer's groups for the step; Prodigy's bias correction counts the run's steps all the
same, where the lab counts a group's, so that this case is left out. Muon orthogonalises in bfloat16, which is float64 here,
and gets filters as the matrices that it makes of them.
"""

import datetime
import importlib
import json
import sys
import types
from pathlib import Path

import torch
import torch.nn.functional as F

from pytorch_optimizers import (BATCH, CHANNELS, CLASSES, IMAGES, MEAN, SIZE, STD, STEPS, TERMS, forward, matches, plain,
                                rate, weights_at_first)

torch.Tensor.bfloat16 = lambda self: self


def published(folder, package, module):
    """A module of a package, without what the package itself would import."""
    name = f"published_{Path(folder).name.replace('-', '_')}"
    if name not in sys.modules:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = [str(Path(folder) / package)]
    return importlib.import_module(f"{name}.{module}")


FOLDER = Path(sys.argv[1])
Lion = published(FOLDER / "lion-pytorch", "lion_pytorch", "lion_pytorch").Lion
Lamb = published(FOLDER / "pytorch-image-models", "timm/optim", "lamb").Lamb
SGDScheduleFree = published(FOLDER / "schedule_free", "schedulefree", "sgd_schedulefree").SGDScheduleFree
AdamWScheduleFree = published(FOLDER / "schedule_free", "schedulefree", "adamw_schedulefree").AdamWScheduleFree
Prodigy = published(FOLDER / "prodigy", "prodigyopt", "prodigy").Prodigy
Muon = published(FOLDER / "Muon", "", "muon").SingleDeviceMuonWithAuxAdam

BETAS = [0.9, 0.999]
AVERAGING = {"r": 0, "weight_lr_power": 2}
PRODIGY = {"name": "prodigy", "betas": BETAS, "eps": 1e-8, "d0": 4e-3, "d_coef": 1, "use_bias_correction": False,
           "safeguard_warmup": False}
MUON = {"name": "muon", "momentum": 0.95, "nesterov": True, "adamw_lr_ratio": 0.1, "betas": [0.9, 0.95], "eps": 1e-10}
RULES = {
    "lion": ({"name": "lion", "betas": [0.9, 0.99]}, 0.003),
    "lamb": ({"name": "lamb", "betas": BETAS, "eps": 1e-6, "always_adapt": False}, 0.02),
    "lamb, all tensors": ({"name": "lamb", "betas": BETAS, "eps": 1e-6, "always_adapt": True}, 0.02),
    "schedule-free sgd": ({"name": "schedule_free_sgd", "momentum": 0.9, **AVERAGING}, 0.5),
    "schedule-free adamw": ({"name": "schedule_free_adamw", "betas": BETAS, "eps": 1e-8, **AVERAGING}, 0.02),
    "schedule-free adamw, r": ({"name": "schedule_free_adamw", "betas": [0.95, 0.99], "eps": 1e-8, "r": 1.5,
                                "weight_lr_power": 1}, 0.02),
    "prodigy": (PRODIGY, 1.0),
    "prodigy, corrected": ({**PRODIGY, "d0": 2e-2, "d_coef": 2, "use_bias_correction": True, "safeguard_warmup": True}, 0.8),
    "muon": (MUON, 0.02),
    "muon, plain momentum": ({**MUON, "nesterov": False}, 0.02),
}


def is_matrix(name):
    return name.endswith("kernel") and not name.startswith("dense")


def build(rule, groups):
    name = rule["name"]
    options = {key: value for key, value in rule.items() if key != "name"}
    if "betas" in options:
        options["betas"] = tuple(options["betas"])
    if name == "lion":
        return Lion(groups, lr=1.0, **options)
    if name == "lamb":
        return Lamb(groups, lr=1.0, max_grad_norm=None, **options)
    if name == "schedule_free_sgd":
        return SGDScheduleFree(groups, lr=1.0, foreach=False, **options)
    if name == "schedule_free_adamw":
        return AdamWScheduleFree(groups, lr=1.0, foreach=False, **options)
    if name == "prodigy":
        return Prodigy(groups, lr=1.0, **options)
    split = []
    for group in groups:
        for matrices in (True, False):
            names = [each for each in group["names"] if is_matrix(each) == matrices]
            if names:
                own = {"momentum": rule["momentum"]} if matrices else {"betas": options["betas"], "eps": rule["eps"]}
                split.append({"params": [group["by_name"][each] for each in names], "use_muon": matrices, "lr": 1.0,
                              "weight_decay": group["weight_decay"], **own})
    module = sys.modules[Muon.__module__]
    update = module_update(module, rule["nesterov"])
    module.muon_update = update
    return Muon(split)


def module_update(module, nesterov):
    """The published update with its own switch for Nesterov."""
    original = getattr(module, "published_update", module.muon_update)
    module.published_update = original
    return lambda grad, momentum, beta: original(grad, momentum, beta=beta, nesterov=nesterov)


def options_of(rule, term):
    """Prodigy takes one rate for all groups."""
    options = dict(TERMS[term])
    if rule["name"] == "prodigy" and "groups" in options:
        options["groups"] = [{key: value for key, value in group.items() if key != "lr_factor"}
                             for group in options["groups"]]
    return options


def rates_of(options, term, lr, update):
    if term == "frozen group":
        return [None if 2 <= update < 6 else rate(lr, update)]
    return [rate(lr, update) * group.get("lr_factor", 1) for group in options.get("groups", [])]


def run(rule, lr, term, start, images, labels):
    options = options_of(rule, term)
    parts = options.get("accumulate", 1)
    decay = options.get("weight_decay", 0)
    moving = {"norm1/moving_mean": torch.zeros(4), "norm1/moving_variance": torch.ones(4)}
    flat = rule["name"] == "muon"
    w = {name: (tensor.reshape(len(tensor), -1) if flat and tensor.dim() == 4 else tensor).clone().requires_grad_()
         for name, tensor in start.items()}
    chosen_groups, left = [], dict(w)
    for group in options.get("groups", []):
        names = [name for name in left if matches(group["match"], name)]
        chosen_groups.append((names, group.get("weight_decay", decay)))
        for name in names:
            del left[name]
    groups = [{"params": [w[name] for name in names], "weight_decay": own}
              for names, own in [(list(left), decay)] + chosen_groups]
    if flat:
        groups = [{"names": names, "by_name": w, "weight_decay": own}
                  for names, own in [(list(left), decay)] + chosen_groups]
    optimizer = build(rule, groups)
    # Muon cuts a group in two; each part belongs to the group of its first parameter.
    of_group = {id(p): index for index, (names, _) in enumerate([(list(left), decay)] + chosen_groups)
                for p in (w[name] for name in names)}
    whole = list(optimizer.param_groups)
    judges = hasattr(optimizer, "eval")
    if judges:
        optimizer.train()
    losses = []
    for update in range(STEPS):
        rates = [rate(lr, update)] + rates_of(options, term, lr, update)
        optimizer.param_groups = []
        for group in whole:
            own = rates[of_group[id(group["params"][0])]]
            if own is None:
                continue
            group["lr"] = own * (rule["adamw_lr_ratio"] if flat and not group["use_muon"] else 1)
            optimizer.param_groups.append(group)
        optimizer.zero_grad(set_to_none=True)
        for p in w.values():
            p.grad = None
        loss = 0.0
        for part in range(parts):
            first = BATCH * update + part * BATCH // parts
            chosen = [item % IMAGES for item in range(first, first + BATCH // parts)]
            seen = {name: tensor.view(start[name].shape) for name, tensor in w.items()}
            value = F.cross_entropy(forward(seen, moving, images[chosen]), labels[chosen]) / parts
            value.backward()
            loss += value.item()
        for p in w.values():
            if rates[of_group[id(p)]] is None:
                p.grad = None
        if "clip_value" in options:
            torch.nn.utils.clip_grad_value_([p for p in w.values() if p.grad is not None], options["clip_value"])
        if "clip_norm" in options:
            torch.nn.utils.clip_grad_norm_([p for p in w.values() if p.grad is not None], options["clip_norm"])
        optimizer.step()
        losses.append(round(loss, 9))
    optimizer.param_groups = whole
    stored = lambda tensors: {name: [round(value, 9) for value in plain(tensor)["data"]]
                              for name, tensor in tensors.items()}
    shaped = lambda: {name: tensor.detach().clone().view(start[name].shape) for name, tensor in w.items()}
    after = stored({**shaped(), **moving})
    if not judges:
        return losses, after, None
    optimizer.eval()
    return losses, after, stored(shaped())


def main():
    generator = torch.Generator().manual_seed(3)
    start = weights_at_first(generator)
    pixels = torch.randint(0, 256, (IMAGES, SIZE, SIZE, CHANNELS), generator=generator)
    labels = torch.randint(0, CLASSES, (IMAGES,), generator=generator)
    # The lab normalises to 32 bits.
    images = ((pixels / 255 - torch.tensor(MEAN)) / torch.tensor(STD)).float().double().permute(0, 3, 1, 2)
    cases = []
    for rule_name, (rule, lr) in RULES.items():
        for term in TERMS:
            if rule.get("use_bias_correction") and term == "frozen group":
                continue
            losses, weights, judged = run(rule, lr, term, start, images, labels)
            options = {"weight_decay": 0, "clip_norm": None, **options_of(rule, term)}
            accumulate = options.pop("accumulate", 1)
            rates = [rates_of(options, term, lr, update) for update in range(STEPS)]
            cases.append({"rule": rule_name, "term": term, "optimizer": {**rule, **options},
                          "accumulate": accumulate, "lr": [rate(lr, update) for update in range(STEPS)],
                          "rates": rates, "losses": losses, "weights": weights,
                          **({} if judged is None else {"judged": judged})})
    print(json.dumps({
        "made_by": "tests/golden/published_optimizers.py", "torch": torch.__version__,
        "date": datetime.date.today().isoformat(), "dtype": "float64", "cases": cases,
    }, separators=(",", ":")))


main()
