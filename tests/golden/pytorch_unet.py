"""One step of a small U-Net in PyTorch, in float64: losses, logits and gradients of images with masks.

    /usr/bin/python3 tests/golden/pytorch_unet.py > tests/golden/pytorch_unet.json

The lab's unet with levels of 4 and 6 channels and two convolutions each. Losses are those of
pytorch_segmentation_losses.py, averaged over the images.
"""
import datetime
import json

import torch
import torch.nn.functional as F

from pytorch_segmentation_losses import value

torch.set_default_dtype(torch.float64)
torch.manual_seed(22)

CLASSES, IMAGES, SIDE = 3, 5, 8
LOSS = {"name": "sum", "components": [
    {"name": "dice", "smoothing": 1, "include_background": False, "weight": 1},
    {"name": "focal", "gamma": 2, "weight": 0.5},
    {"name": "cross_entropy", "label_smoothing": 0.1, "weight": 0.7},
    {"name": "hausdorff", "alpha": 2, "weight": 0.3},
]}
# (in, out, size); PyTorch's layout is [out, in, height, width].
CONVOLUTIONS = {"down1/conv1": (3, 4, 3), "down1/conv2": (4, 4, 3), "down2/conv1": (4, 6, 3), "down2/conv2": (6, 6, 3),
                "up1/conv1": (10, 4, 3), "up1/conv2": (4, 4, 3), "head": (4, CLASSES, 1)}


def thirty_two(tensor):
    return tensor.float().double()


weights = {}
for name, (inputs, outputs, size) in CONVOLUTIONS.items():
    weights[f"{name}/kernel"] = thirty_two(torch.randn(outputs, inputs, size, size) * 0.3)
    if name == "head":
        weights[f"{name}/bias"] = thirty_two(torch.randn(outputs) * 0.2)
    else:
        norm = name.replace("conv", "norm")
        weights[f"{norm}/gamma"] = thirty_two(1 + torch.randn(outputs) * 0.2)
        weights[f"{norm}/beta"] = thirty_two(torch.randn(outputs) * 0.2)
w = {name: tensor.clone().requires_grad_() for name, tensor in weights.items()}
pixels = torch.randint(0, 256, (IMAGES, SIDE, SIDE, 3))
masks = torch.zeros(IMAGES, SIDE, SIDE, dtype=torch.long)
masks[0, 1:5, 2:6] = 1
masks[1, 3, :] = 2
masks[2, 0:3, 0:3], masks[2, 5:8, 4:8] = 1, 2
masks[3, 4, 4] = 2


def block(x, name):
    x = F.conv2d(x, w[f"{name}/kernel"], padding="same")
    norm = name.replace("conv", "norm")
    return F.relu(F.batch_norm(x, None, None, w[f"{norm}/gamma"], w[f"{norm}/beta"], training=True, eps=1e-5))


def forward(x):
    x = block(block(x, "down1/conv1"), "down1/conv2")
    below = block(block(F.max_pool2d(x, 2), "down2/conv1"), "down2/conv2")
    x = torch.cat([F.interpolate(below, scale_factor=2, mode="nearest"), x], 1)
    x = block(block(x, "up1/conv1"), "up1/conv2")
    return F.conv2d(x, w["head/kernel"], w["head/bias"])


def plain(tensor):
    t = tensor.detach()
    if t.dim() == 4:
        t = t.permute(2, 3, 1, 0)
    return {"shape": list(t.shape), "data": t.reshape(-1).tolist()}


images = thirty_two((pixels.double() / 255 - 0.5) / 0.25).permute(0, 3, 1, 2)
logits = forward(images)
parts = [sum(value(each, logits[i], masks[i]) for i in range(IMAGES)) / IMAGES for each in LOSS["components"]]
loss = sum(each["weight"] * part for each, part in zip(LOSS["components"], parts))
loss.backward()
print(json.dumps({
    "made_by": "tests/golden/pytorch_unet.py", "torch": torch.__version__,
    "date": datetime.date.today().isoformat(), "dtype": "float64", "classes": CLASSES, "side": SIDE, "loss_spec": LOSS,
    "pixels": pixels.reshape(-1).tolist(), "masks": masks.reshape(-1).tolist(),
    "initial": {name: plain(tensor) for name, tensor in weights.items()},
    "loss": loss.item(), "components": [part.item() for part in parts],
    "gradients": {name: plain(tensor.grad) for name, tensor in w.items()},
}, separators=(",", ":")))
