"""The peer of `bench step`: the lab's models trained by PyTorch, eagerly, on this machine's CPU or GPU.

    python3 pytorch_step.py MODEL SIZE BATCH THREADS cpu|cuda

Says what it is in one line, or `none: ` and why it cannot be a peer. Then reads a number of steps from each line of
stdin and answers each with the milliseconds that a step took.
"""
import sys
import time

import torch
import torch.nn as nn


def pyramid(first, second, third):
    return [nn.Conv2d(3, first, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(second, third, 3, padding=1), nn.ReLU()], third


def blocks(sizes, pooled):
    layers, channels = [], 3
    for index, filters in enumerate(sizes):
        layers += [nn.Conv2d(channels, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters), nn.ReLU()]
        channels = filters
        if index in pooled:
            layers.append(nn.MaxPool2d(2))
    return layers, channels


class Block(nn.Module):
    """Two convolutions beside x, or beside a projection of x where the shape changes (He et al., option B)."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False), nn.BatchNorm2d(filters), nn.ReLU(),
            nn.Conv2d(filters, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters))
        self.shortcut = nn.Sequential() if stride == 1 else nn.Sequential(
            nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        return torch.relu(self.main(x) + self.shortcut(x))


def resnet_20():
    layers, channels = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
    for filters in (16, 32, 64):
        for _ in range(3):
            layers.append(Block(channels, filters, 1 if channels == filters else 2))
            channels = filters
    return layers, channels


class Level(nn.Module):
    """One level of a U-Net with those below it: the lab's unet-tiny and unet-small."""

    def __init__(self, inputs, channels, convolutions):
        super().__init__()
        first, *below = channels

        def stack(inputs):
            layers = []
            for _ in range(convolutions):
                layers += [nn.Conv2d(inputs, first, 3, padding=1, bias=False), nn.BatchNorm2d(first), nn.ReLU()]
                inputs = first
            return nn.Sequential(*layers)

        self.down = stack(inputs)
        self.below = Level(first, below, convolutions) if below else None
        self.up = stack(first + below[0]) if below else None

    def forward(self, x):
        x = self.down(x)
        if self.below is None:
            return x
        below = nn.functional.interpolate(self.below(nn.functional.max_pool2d(x, 2)), scale_factor=2)
        return self.up(torch.cat([below, x], 1))


CLASSES = 5
UNETS = {"unet-tiny": ([8, 16, 32], 1), "unet-small": ([16, 32, 64], 2)}


def dice_and_cross_entropy(logits, masks):
    p, t = logits.softmax(1)[:, 1:], nn.functional.one_hot(masks, CLASSES).permute(0, 3, 1, 2)[:, 1:]
    overlap, sizes = 2 * (p * t).sum((2, 3)) + 1, p.sum((2, 3)) + t.sum((2, 3)) + 1
    return (1 - overlap / sizes).mean() + nn.functional.cross_entropy(logits, masks)


MODELS = {
    "cnn-tiny": lambda: blocks([8, 16, 32], (0, 1)),
    "cnn-tiny-plain": lambda: pyramid(8, 16, 32),
    "cnn-small": lambda: pyramid(16, 32, 64),
    "cnn": lambda: blocks([32, 32, 64, 64, 128, 128], (1, 3)),
    "resnet-20": resnet_20,
}
model_name, size, batch, threads, device = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
if model_name not in MODELS and model_name not in UNETS:
    print(f"none: no {model_name} is written for PyTorch", flush=True)
    sys.exit()
if device == "cuda" and not torch.cuda.is_available():
    print(f"none: PyTorch {torch.__version__} finds no GPU here", flush=True)
    sys.exit()
torch.set_num_threads(threads)
if model_name in UNETS:
    channels, convolutions = UNETS[model_name]
    model = nn.Sequential(Level(3, channels, convolutions), nn.Conv2d(channels[0], CLASSES, 1)).to(device)
else:
    layers, features = MODELS[model_name]()
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, 10)).to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
images, labels = torch.randn(batch, 3, size, size).to(device), torch.randint(0, 10, (batch,)).to(device)
loss_of = nn.CrossEntropyLoss()
if model_name in UNETS:
    labels, loss_of = torch.randint(0, CLASSES, (batch, size, size)).to(device), dice_and_cross_entropy


def step():
    optimizer.zero_grad()
    loss = loss_of(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss


def wait():
    if device == "cuda":
        torch.cuda.synchronize()


where = torch.cuda.get_device_name() if device == "cuda" else f"{threads} thread{'s' * (threads > 1)}"
print(f"PyTorch {torch.__version__}, {where}", flush=True)
for line in sys.stdin:
    steps = int(line)
    wait()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    wait()
    print((time.perf_counter() - start) * 1000 / steps, flush=True)
