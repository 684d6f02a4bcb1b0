"""Ten steps of PyTorch's own optimizers on a small CNN, in float64.

    /usr/bin/python3 tests/golden/pytorch_optimizers.py > tests/golden/pytorch_optimizers.json

Every case starts from the same weights and sees the same ten batches of images, bytes that are normalised as the lab
does. Stored are the loss before each step and the weights after the tenth, to nine decimals, kernels in the lab's
layout.
Groups are given as in a spec; `rates` holds what they amount to at each step, null where a group is frozen.
"""

import datetime
import json

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

SIZE, CHANNELS, CLASSES, IMAGES, BATCH, STEPS = 6, 2, 4, 24, 6, 10
MEAN, STD = [0.45, 0.5], [0.25, 0.3]
BATCH_NORM_EPSILON = 1e-5


def weights_at_first(generator):
    """PyTorch's layout: kernels [out, in, height, width], dense [out, in]. Exact in 32 bits, as a learner loads them."""
    def normal(*shape, spread):
        return (torch.randn(*shape, generator=generator) * spread).float().double()
    return {
        "conv1/kernel": normal(4, CHANNELS, 3, 3, spread=0.3),
        "norm1/gamma": (1 + normal(4, spread=0.1)).float().double(),
        "norm1/beta": normal(4, spread=0.1),
        "conv2/kernel": normal(6, 4, 3, 3, spread=0.25),
        "conv2/bias": normal(6, spread=0.1),
        "dense/kernel": normal(CLASSES, 6, spread=0.5),
        "dense/bias": normal(CLASSES, spread=0.1),
    }


def forward(w, moving, images):
    x = F.conv2d(images, w["conv1/kernel"], padding=1)
    x = F.batch_norm(x, moving["norm1/moving_mean"], moving["norm1/moving_variance"], w["norm1/gamma"],
                     w["norm1/beta"], training=True, momentum=0.1, eps=BATCH_NORM_EPSILON)
    x = F.max_pool2d(F.relu(x), 2)
    x = F.relu(F.conv2d(x, w["conv2/kernel"], w["conv2/bias"], padding=1))
    return F.linear(x.mean((2, 3)), w["dense/kernel"], w["dense/bias"])


def plain(tensor):
    """In the lab's layouts: kernels [height, width, in, out], dense [in, out]."""
    t = tensor.detach()
    t = t.permute(2, 3, 1, 0) if t.dim() == 4 else t.t() if t.dim() == 2 else t
    return {"shape": list(t.shape), "data": t.reshape(-1).tolist()}


RULES = {
    "sgd": ({"name": "sgd", "momentum": 0, "nesterov": False}, 0.1),
    "momentum": ({"name": "sgd", "momentum": 0.9, "nesterov": False}, 0.05),
    "nesterov": ({"name": "sgd", "momentum": 0.9, "nesterov": True}, 0.05),
    "adam": ({"name": "adam", "betas": [0.9, 0.999], "eps": 1e-8}, 0.01),
    "adamw": ({"name": "adamw", "betas": [0.9, 0.999], "eps": 1e-8}, 0.01),
    "rmsprop": ({"name": "rmsprop", "alpha": 0.99, "eps": 1e-8, "momentum": 0}, 0.005),
    "rmsprop with momentum": ({"name": "rmsprop", "alpha": 0.9, "eps": 1e-8, "momentum": 0.8}, 0.005),
}
GROUPS = [
    {"match": "conv1/*", "lr_factor": 0.1},
    {"match": "norm*", "weight_decay": 0},
    {"match": "conv2/bias"},
]
TERMS = {
    "alone": {},
    "weight decay": {"weight_decay": 0.05},
    "clip_norm": {"clip_norm": 0.3},
    "clip_value": {"clip_value": 0.02},
    "groups": {"weight_decay": 0.05, "groups": GROUPS},
    "frozen group": {"groups": [{"match": "conv1/*"}]},
    "accumulation": {"accumulate": 2},
    "everything": {"weight_decay": 0.05, "clip_norm": 0.1, "clip_value": 0.02, "groups": GROUPS, "accumulate": 2},
}


def rate(lr, update):
    return lr * (1 - update / STEPS)


def group_rates(term, lr, update):
    """Of each group at a step; None freezes it."""
    if term == "frozen group":
        return [None if 2 <= update < 6 else rate(lr, update)]
    return [rate(lr, update) * group.get("lr_factor", 1) for group in TERMS[term].get("groups", [])]


def matches(pattern, name):
    return name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1]))


def build(rule, groups, decay):
    name = rule["name"]
    common = {"lr": 1.0, "weight_decay": decay}
    if name == "sgd":
        return torch.optim.SGD(groups, momentum=rule["momentum"], nesterov=rule["nesterov"], **common)
    if name == "rmsprop":
        return torch.optim.RMSprop(groups, alpha=rule["alpha"], eps=rule["eps"], momentum=rule["momentum"], **common)
    kind = torch.optim.Adam if name == "adam" else torch.optim.AdamW
    return kind(groups, betas=tuple(rule["betas"]), eps=rule["eps"], **common)


def run(rule, lr, term, start, images, labels):
    options = TERMS[term]
    parts = options.get("accumulate", 1)
    decay = options.get("weight_decay", 0)
    moving = {"norm1/moving_mean": torch.zeros(4), "norm1/moving_variance": torch.ones(4)}
    w = {name: tensor.clone().requires_grad_() for name, tensor in start.items()}
    groups, left = [], dict(w)
    for group in options.get("groups", []):
        names = [name for name in left if matches(group["match"], name)]
        groups.append({"params": [left.pop(name) for name in names],
                       "weight_decay": group.get("weight_decay", decay)})
    optimizer = build(rule, [{"params": list(left.values())}] + groups, decay)
    losses = []
    for update in range(STEPS):
        rates = group_rates(term, lr, update)
        for group, own in zip(optimizer.param_groups, [rate(lr, update)] + rates):
            group["lr"] = 0.0 if own is None else own
        optimizer.zero_grad(set_to_none=True)
        loss = 0.0
        for part in range(parts):
            first = BATCH * update + part * BATCH // parts
            chosen = [item % IMAGES for item in range(first, first + BATCH // parts)]
            value = F.cross_entropy(forward(w, moving, images[chosen]), labels[chosen]) / parts
            value.backward()
            loss += value.item()
        # A parameter without a gradient is left alone by PyTorch's optimizers and clipping: that is how it is frozen.
        for group, own in zip(optimizer.param_groups[1:], rates):
            if own is None:
                for parameter in group["params"]:
                    parameter.grad = None
        if "clip_value" in options:
            torch.nn.utils.clip_grad_value_(list(w.values()), options["clip_value"])
        if "clip_norm" in options:
            torch.nn.utils.clip_grad_norm_([p for p in w.values() if p.grad is not None], options["clip_norm"])
        optimizer.step()
        losses.append(round(loss, 9))
    after = {**w, **moving}
    return losses, {name: [round(value, 9) for value in plain(tensor)["data"]] for name, tensor in after.items()}


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
            losses, weights = run(rule, lr, term, start, images, labels)
            options = {"weight_decay": 0, "clip_norm": None, **TERMS[term]}
            accumulate = options.pop("accumulate", 1)
            rates = [group_rates(term, lr, update) for update in range(STEPS)]
            cases.append({"rule": rule_name, "term": term, "optimizer": {**rule, **options},
                          "accumulate": accumulate, "lr": [rate(lr, update) for update in range(STEPS)],
                          "rates": rates, "losses": losses, "weights": weights})
    initial = {name: plain(tensor) for name, tensor in start.items()}
    initial["norm1/moving_mean"] = plain(torch.zeros(4))
    initial["norm1/moving_variance"] = plain(torch.ones(4))
    print(json.dumps({
        "made_by": "tests/golden/pytorch_optimizers.py", "torch": torch.__version__,
        "date": datetime.date.today().isoformat(), "dtype": "float64", "batch": BATCH, "mean": MEAN, "std": STD,
        "images": {"shape": list(pixels.shape), "data": pixels.reshape(-1).tolist()}, "labels": labels.tolist(),
        "initial": initial, "cases": cases,
    }, separators=(",", ":")))


if __name__ == "__main__":
    main()
