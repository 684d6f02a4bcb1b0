"""Writes residual_golden.json: logits and gradients of a small residual network in PyTorch, in float64.

    /usr/bin/python3 tests/compute/residual_golden.py > tests/compute/residual_golden.json

The blocks of ResNet: one whose shortcut is a 1×1 convolution of stride 2 with batch norm, one whose shortcut is its
input. "same" padding with a stride of 2 has its odd pixel at the end, TensorFlow's rule. PyTorch 1.13.
"""
import json
import torch
import torch.nn.functional as F

torch.manual_seed(20)
torch.set_default_dtype(torch.float64)

# (in, out, size) of each convolution; PyTorch's layout is [out, in, height, width].
shapes = {"conv1": (3, 4, 3), "block1/conv1": (4, 6, 3), "block1/conv2": (6, 6, 3),
          "block1/shortcut/conv": (4, 6, 1), "block2/conv1": (6, 6, 3)}
norms = {"norm1": 4, "block1/norm1": 6, "block1/norm2": 6, "block1/shortcut/norm": 6, "block2/norm1": 6}
weights = {f"{name}/kernel": torch.randn(outputs, inputs, size, size) * 0.4
           for name, (inputs, outputs, size) in shapes.items()}
for name, channels in norms.items():
    weights[f"{name}/gamma"] = 1 + torch.randn(channels) * 0.2
    weights[f"{name}/beta"] = torch.randn(channels) * 0.2
weights["dense/kernel"] = torch.randn(10, 6) * 0.5
weights["dense/bias"] = torch.randn(10) * 0.1
moving = {}
for name, channels in norms.items():
    moving[f"{name}/moving_mean"] = torch.randn(channels) * 0.1
    moving[f"{name}/moving_variance"] = 1 + torch.rand(channels)
images = torch.randn(3, 3, 8, 8)
labels = torch.tensor([7, 0, 3])
w = {name: tensor.clone().requires_grad_() for name, tensor in weights.items()}


def convolve(x, name, stride=1):
    size = shapes[name][2]
    total = max((-(-x.shape[2] // stride) - 1) * stride + size - x.shape[2], 0)
    before, after = total // 2, total - total // 2
    return F.conv2d(F.pad(x, (before, after, before, after)), w[f"{name}/kernel"], stride=stride)


def norm(x, name, training):
    statistics = moving[f"{name}/moving_mean"].clone(), moving[f"{name}/moving_variance"].clone()
    return F.batch_norm(x, *statistics, w[f"{name}/gamma"], w[f"{name}/beta"], training=training, eps=1e-5)


def forward(training):
    x = F.relu(norm(convolve(images, "conv1"), "norm1", training))
    main = F.relu(norm(convolve(x, "block1/conv1", 2), "block1/norm1", training))
    main = norm(convolve(main, "block1/conv2"), "block1/norm2", training)
    x = F.relu(main + norm(convolve(x, "block1/shortcut/conv", 2), "block1/shortcut/norm", training))
    x = F.relu(x + norm(convolve(x, "block2/conv1"), "block2/norm1", training))
    return F.linear(x.mean((2, 3)), w["dense/kernel"], w["dense/bias"])


def plain(tensor):
    """In the lab's layouts: kernels [height, width, in, out], dense [in, out]."""
    t = tensor.detach()
    if t.dim() == 4:
        t = t.permute(2, 3, 1, 0)
    elif t.dim() == 2:
        t = t.t()
    return {"shape": list(t.shape), "data": t.reshape(-1).tolist()}


logits = forward(True)
loss = F.cross_entropy(logits, labels)
loss.backward()
print(json.dumps({
    "images": images.permute(0, 2, 3, 1).reshape(-1).tolist(), "labels": labels.tolist(),
    "initial": {name: plain(tensor) for name, tensor in {**weights, **moving}.items()},
    "loss": loss.item(), "logits": logits.reshape(-1).tolist(),
    "gradients": {name: plain(tensor.grad) for name, tensor in w.items()},
    "inference_logits": forward(False).reshape(-1).tolist(),
}))
