"""Writes reference_golden.json: two steps of a small network in PyTorch, in float64.

    /usr/bin/python3 tests/compute/reference_golden.py > tests/compute/reference_golden.json

The network has every kind of layer, odd sizes, a stride of 2 with "same" padding (odd pixel at the end, TensorFlow's
rule), and an optimizer with every option on. PyTorch 1.13.
"""
import json
import torch
import torch.nn.functional as F

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)

# (name, kernel, stride, padding, bias) of each convolution; PyTorch's layout is [out, in, height, width].
shapes = {"conv1": (3, 5, 3), "conv2": (5, 4, 3), "conv3": (4, 6, 2)}
weights = {}
for name, (inputs, outputs, size) in shapes.items():
    weights[f"{name}/kernel"] = torch.randn(outputs, inputs, size, size) * 0.4
weights["conv1/bias"] = torch.randn(5) * 0.1
weights["conv3/bias"] = torch.randn(6) * 0.1
weights["norm/gamma"] = 1 + torch.randn(4) * 0.2
weights["norm/beta"] = torch.randn(4) * 0.2
weights["dense/kernel"] = torch.randn(3, 6) * 0.5
weights["dense/bias"] = torch.randn(3) * 0.1
moving = {"norm/moving_mean": torch.randn(4) * 0.1, "norm/moving_variance": 1 + torch.rand(4)}
images = torch.randn(3, 3, 11, 9)
labels = torch.tensor([2, 0, 1])


def same(x, kernel, stride):
    """Pads as TensorFlow does: the odd pixel below and to the right."""
    sides = []
    for size in (x.shape[3], x.shape[2]):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        sides += [total // 2, total - total // 2]
    return F.pad(x, sides)


def forward(w, training):
    x = F.relu(F.conv2d(same(images, 3, 1), w["conv1/kernel"], w["conv1/bias"]))
    x = F.max_pool2d(x, 2)
    x = F.conv2d(same(x, 3, 2), w["conv2/kernel"], stride=2)
    x = F.batch_norm(x, moving["norm/moving_mean"], moving["norm/moving_variance"], w["norm/gamma"],
                     w["norm/beta"], training=training, momentum=0.1, eps=1e-5)
    x = F.relu(x)
    x = F.conv2d(x, w["conv3/kernel"], w["conv3/bias"])
    return F.linear(x.mean((2, 3)), w["dense/kernel"], w["dense/bias"])


def plain(name, tensor):
    """In the lab's layouts: kernels [height, width, in, out], dense [in, out]."""
    t = tensor.detach()
    if t.dim() == 4:
        t = t.permute(2, 3, 1, 0)
    elif t.dim() == 2:
        t = t.t()
    return {"shape": list(t.shape), "data": t.reshape(-1).tolist()}


def dump(tensors):
    return {name: plain(name, tensor) for name, tensor in tensors.items()}


golden = {"images": images.permute(0, 2, 3, 1).reshape(-1).tolist(), "labels": labels.tolist(),
          "initial": dump({**weights, **moving})}
parameters = {name: tensor.clone().requires_grad_() for name, tensor in weights.items()}
options = {"lr": 0.1, "momentum": 0.9, "weight_decay": 5e-3, "nesterov": True}
optimizer = torch.optim.SGD(parameters.values(), **options)
golden["clip_norm"] = 1.5
golden["options"] = options
golden["steps"] = []
for _ in range(2):
    optimizer.zero_grad()
    loss = F.cross_entropy(forward(parameters, True), labels)
    loss.backward()
    gradients = dump({name: p.grad.clone() for name, p in parameters.items()})
    norm = torch.nn.utils.clip_grad_norm_(parameters.values(), golden["clip_norm"])
    optimizer.step()
    velocities = {name: optimizer.state[p]["momentum_buffer"] for name, p in parameters.items()}
    golden["steps"].append({"loss": loss.item(), "norm": norm.item(), "gradients": gradients,
                            "weights": dump(parameters), "velocities": dump(velocities),
                            "moving": dump(moving)})
golden["inference_loss"] = F.cross_entropy(forward(parameters, False), labels).item()
print(json.dumps(golden))
