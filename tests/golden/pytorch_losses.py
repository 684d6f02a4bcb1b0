"""PyTorch's losses and their gradients for the logits, by autograd, in float64.

    /usr/bin/python3 tests/golden/pytorch_losses.py > tests/golden/pytorch_losses.json

Cross-entropy is torch.nn.functional.cross_entropy. PyTorch has no focal loss: it is the formula of Lin et al. (2017) on
log_softmax, as torchvision.ops.sigmoid_focal_loss writes it for two classes, and autograd differentiates it.
"""
import datetime
import json

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
BATCH, CLASSES = 16, 7
LOSSES = [
    {"name": "cross_entropy", "label_smoothing": 0},
    {"name": "cross_entropy", "label_smoothing": 0.1},
    {"name": "cross_entropy", "label_smoothing": 0.6},
    {"name": "focal", "gamma": 0.5},
    {"name": "focal", "gamma": 1},
    {"name": "focal", "gamma": 2},
    {"name": "focal", "gamma": 5},
]


def value(loss, logits, labels):
    if loss["name"] == "cross_entropy":
        return F.cross_entropy(logits, labels, label_smoothing=loss["label_smoothing"])
    log_p = F.log_softmax(logits, 1).gather(1, labels[:, None])[:, 0]
    return (-((1 - log_p.exp()) ** loss["gamma"]) * log_p).mean()


def main():
    generator = torch.Generator().manual_seed(7)
    labels = torch.randint(0, CLASSES, (BATCH,), generator=generator)
    # 32-bit values, as devices hold them: from undecided to nearly certain, right and wrong.
    spread = torch.linspace(0.1, 6, BATCH)[:, None]
    start = (torch.randn(BATCH, CLASSES, generator=generator) * spread).float().double()
    cases = []
    for loss in LOSSES:
        logits = start.clone().requires_grad_()
        result = value(loss, logits, labels)
        result.backward()
        cases.append({"loss": loss, "value": result.item(), "gradient": logits.grad.reshape(-1).tolist()})
    print(json.dumps({
        "made_by": "tests/golden/pytorch_losses.py", "torch": torch.__version__,
        "date": datetime.date.today().isoformat(), "dtype": "float64", "classes": CLASSES,
        "logits": start.reshape(-1).tolist(), "labels": labels.tolist(), "cases": cases,
    }, separators=(",", ":")))


main()
