"""PyTorch's losses of images with masks, and their gradients for the logits by autograd, in float64.

    /usr/bin/python3 tests/golden/pytorch_segmentation_losses.py > tests/golden/pytorch_segmentation_losses.json

Cross-entropy is torch.nn.functional.cross_entropy. The others are not in PyTorch: they are written out here on softmax as
MONAI's FocalLoss, DiceLoss and HausdorffDTLoss define them, distances by comparing every pixel with every other. Logits
come from a generator that the test has too; of large gradients every 37th value is stored, and their norm.
"""
import datetime
import json

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

LOSSES = [
    {"name": "cross_entropy", "label_smoothing": 0},
    {"name": "cross_entropy", "label_smoothing": 0.1},
    {"name": "focal", "gamma": 0.5},
    {"name": "focal", "gamma": 2},
    {"name": "dice", "smoothing": 1, "include_background": False},
    {"name": "dice", "smoothing": 0.00001, "include_background": True},
    {"name": "hausdorff", "alpha": 1},
    {"name": "hausdorff", "alpha": 2},
    {"name": "hausdorff", "alpha": 2.5},
    {"name": "sum", "components": [
        {"name": "dice", "smoothing": 1, "include_background": False, "weight": 0.5},
        {"name": "focal", "gamma": 2, "weight": 2},
        {"name": "cross_entropy", "label_smoothing": 0, "weight": 0},
        {"name": "hausdorff", "alpha": 2, "weight": 0.01},
    ]},
]


def figures(height, width):
    """A disc, a thin bar and a small square on the background."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    mask = torch.zeros(height, width, dtype=torch.long)
    mask[(y - height // 3) ** 2 + (x - width // 3) ** 2 <= (height // 4) ** 2] = 1
    mask[height * 3 // 4: height * 3 // 4 + 2, 2: width - 3] = 2
    mask[height - 5: height - 2, width - 5: width - 2] = 3
    return mask


def one(height, width):
    mask = torch.zeros(height, width, dtype=torch.long)
    mask[height // 2, width // 3] = 1
    return mask


def filled(height, width, label):
    return torch.full((height, width), label, dtype=torch.long)


# Name, mask, classes, seed, spread of the logits, what the right class has more.
IMAGES = [
    ("figures, undecided", figures(32, 32), 4, 1, 6, 0),
    ("figures, nearly right", figures(32, 32), 4, 2, 6, 4),
    ("figures, 64×64", figures(64, 64), 4, 3, 8, 3),
    ("empty mask", filled(32, 32, 0), 3, 4, 6, 2),
    ("full mask", filled(32, 32, 1), 3, 5, 6, 2),
    ("full mask, certain", filled(16, 16, 1), 2, 6, 2, 40),
    ("one pixel of a class", one(24, 17), 2, 7, 5, 1),
    ("an image of one pixel", filled(1, 1, 1), 3, 8, 4, 0),
]


def logits_of(mask, classes, seed, spread, lead):
    """[classes, height, width] of 32-bit values."""
    state, values = seed, []
    for label in mask.reshape(-1).tolist():
        for c in range(classes):
            state = (1664525 * state + 1013904223) % 2 ** 32
            values.append((state / 2 ** 32 - 0.5) * spread + (lead if c == label else 0))
    return torch.tensor(values).float().double().reshape(*mask.shape, classes).permute(2, 0, 1).contiguous()


def distance_field(mask):
    if not mask.any() or mask.all():
        return torch.zeros(mask.shape)
    places = torch.nonzero(torch.ones_like(mask)).double()
    inside = mask.reshape(-1)
    field = torch.zeros(inside.shape)
    between = (places[inside][:, None] - places[~inside][None]).square().sum(2).sqrt()
    field[inside] = between.min(1).values
    field[~inside] = between.min(0).values
    return field.reshape(mask.shape)


def value(loss, logits, mask):
    name = loss["name"]
    if name == "sum":
        return sum(each["weight"] * value(each, logits, mask) for each in loss["components"])
    if name == "cross_entropy":
        return F.cross_entropy(logits[None], mask[None], label_smoothing=loss["label_smoothing"])
    if name == "focal":
        log_p = F.log_softmax(logits, 0).gather(0, mask[None])[0]
        # 1 - p as a sum of its own: where p is nearly 1, the difference has no digits left.
        rest = F.softmax(logits, 0).masked_fill(F.one_hot(mask, logits.shape[0]).permute(2, 0, 1) == 1, 0).sum(0)
        return (-(rest ** loss["gamma"]) * log_p).mean()
    p = F.softmax(logits, 0)
    t = F.one_hot(mask, logits.shape[0]).permute(2, 0, 1).double()
    if name == "dice":
        first = 0 if loss["include_background"] else 1
        p, t, s = p[first:], t[first:], loss["smoothing"]
        common, sizes = (p * t).sum((1, 2)), p.sum((1, 2)) + t.sum((1, 2))
        return (1 - (2 * common + s) / (sizes + s)).mean()
    p, t = p[1:], t[1:]
    fields = [distance_field(each > 0.5) for each in t], [distance_field(each > 0.5) for each in p.detach()]
    distance = sum(torch.stack(each) ** loss["alpha"] for each in fields)
    return ((p - t) ** 2 * distance).mean()


def main():
    images = []
    for name, mask, classes, seed, spread, lead in IMAGES:
        cases = []
        for loss in LOSSES:
            logits = logits_of(mask, classes, seed, spread, lead).requires_grad_()
            result = value(loss, logits, mask)
            result.backward()
            gradient = logits.grad.permute(1, 2, 0).reshape(-1)
            cases.append({"loss": loss, "value": result.item(), "norm": gradient.norm().item(),
                          "gradient": gradient[::37 if len(gradient) > 1000 else 1].tolist()})
        images.append({
            "name": name, "height": mask.shape[0], "width": mask.shape[1], "classes": classes, "seed": seed,
            "spread": spread, "lead": lead, "labels": "".join(map(str, mask.reshape(-1).tolist())),
            "cases": cases,
        })
    print(json.dumps({
        "made_by": "tests/golden/pytorch_segmentation_losses.py", "torch": torch.__version__,
        "date": datetime.date.today().isoformat(), "dtype": "float64", "images": images,
    }, separators=(",", ":")))


if __name__ == "__main__":
    main()
