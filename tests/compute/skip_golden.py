"""Writes skip_golden.json: logits and gradients of a small network with skip connections in PyTorch, in float64.

    /usr/bin/python3 tests/compute/skip_golden.py > tests/compute/skip_golden.json

torch.nn.functional.interpolate (nearest) and torch.cat, two levels deep, as in a U-Net. PyTorch 1.13.
"""
import json
import torch
import torch.nn.functional as F

torch.manual_seed(21)
torch.set_default_dtype(torch.float64)

# (in, out, size) of each convolution; PyTorch's layout is [out, in, height, width].
shapes = {"conv1": (3, 4, 3), "skip1/conv1": (4, 6, 3), "skip1/skip1/conv1": (6, 7, 3), "skip1/conv2": (13, 5, 3),
          "skip1/shortcut/conv1": (4, 3, 1), "conv2": (8, 6, 3)}
weights = {}
for name, (inputs, outputs, size) in shapes.items():
    weights[f"{name}/kernel"] = torch.randn(outputs, inputs, size, size) * 0.4
    weights[f"{name}/bias"] = torch.randn(outputs) * 0.2
weights["dense/kernel"] = torch.randn(10, 6) * 0.5
weights["dense/bias"] = torch.randn(10) * 0.1
images = torch.randn(3, 3, 8, 8)
labels = torch.tensor([7, 0, 3])
w = {name: tensor.clone().requires_grad_() for name, tensor in weights.items()}


def convolve(x, name):
    return F.conv2d(x, w[f"{name}/kernel"], w[f"{name}/bias"], padding="same")


def up(x):
    return F.interpolate(x, scale_factor=2, mode="nearest")


def forward():
    x = F.relu(convolve(images, "conv1"))
    main = F.relu(convolve(F.max_pool2d(x, 2), "skip1/conv1"))
    inner = F.relu(convolve(F.max_pool2d(main, 2), "skip1/skip1/conv1"))
    main = F.relu(convolve(torch.cat([up(inner), main], 1), "skip1/conv2"))
    x = torch.cat([up(main), convolve(x, "skip1/shortcut/conv1")], 1)
    x = F.relu(convolve(x, "conv2"))
    return F.linear(x.mean((2, 3)), w["dense/kernel"], w["dense/bias"])


def plain(tensor):
    """In the lab's layouts: kernels [height, width, in, out], dense [in, out]."""
    t = tensor.detach()
    if t.dim() == 4:
        t = t.permute(2, 3, 1, 0)
    elif t.dim() == 2:
        t = t.t()
    return {"shape": list(t.shape), "data": t.reshape(-1).tolist()}


logits = forward()
loss = F.cross_entropy(logits, labels)
loss.backward()
print(json.dumps({
    "images": images.permute(0, 2, 3, 1).reshape(-1).tolist(), "labels": labels.tolist(),
    "initial": {name: plain(tensor) for name, tensor in weights.items()},
    "loss": loss.item(), "logits": logits.reshape(-1).tolist(),
    "gradients": {name: plain(tensor.grad) for name, tensor in w.items()},
}))
