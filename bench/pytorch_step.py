"""The peer of `bench step`: the lab's models trained by PyTorch, eagerly, on this machine's CPU or GPU.

    python3 pytorch_step.py MODEL SIZE BATCH THREADS cpu|cuda

Says what it is in one line, or `none: ` and why it cannot be a peer. Then reads a number of steps from each line of
stdin and answers each with the milliseconds that a step took.
"""
import os
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


class Attention(nn.Module):
    """Multi-head attention with linear layers before and behind it, as nanoGPT writes it out."""

    def __init__(self, units, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.qkv, self.projection = nn.Linear(units, 3 * units), nn.Linear(units, units)

    def forward(self, x):
        batch, tokens, units = x.shape
        q, k, v = (part.view(batch, tokens, self.heads, -1).transpose(1, 2) for part in self.qkv(x).split(units, 2))
        scores = q @ k.transpose(2, 3) * (units // self.heads) ** -0.5
        if self.causal:
            mask = torch.ones(tokens, tokens, dtype=torch.bool, device=x.device).triu(1)
            scores = scores.masked_fill(mask, float("-inf"))
        return self.projection((scores.softmax(3) @ v).transpose(1, 2).reshape(batch, tokens, units))


class TransformerBlock(nn.Module):
    def __init__(self, units, heads, causal, post):
        super().__init__()
        self.post, self.norm1, self.norm2 = post, nn.LayerNorm(units), nn.LayerNorm(units)
        self.attention = Attention(units, heads, causal)
        self.network = nn.Sequential(nn.Linear(units, 4 * units), nn.GELU(), nn.Linear(4 * units, units))

    def forward(self, x):
        if self.post:
            x = self.norm1(x + self.attention(x))
            return self.norm2(x + self.network(x))
        x = x + self.attention(self.norm1(x))
        return x + self.network(self.norm2(x))


class Transformer(nn.Module):
    """The lab's gpt and vit: tokens or patches embedded, blocks, and a linear head at each position or at their mean."""

    def __init__(self, embedding, tokens, outputs, sizes, text=False, post=False):
        super().__init__()
        blocks, units, heads = sizes
        self.text, self.embedding = text, embedding(units)
        self.positions = nn.Parameter(torch.randn(tokens, units) * 0.02)
        self.blocks = nn.Sequential(*(TransformerBlock(units, heads, text, post) for _ in range(blocks)))
        self.norm = nn.Identity() if post else nn.LayerNorm(units)
        self.head = nn.Linear(units, outputs, bias=not text)

    def forward(self, x):
        x = self.embedding(x)
        if not self.text:
            x = x.flatten(2).transpose(1, 2)
        x = self.norm(self.blocks(x + self.positions))
        return self.head(x) if self.text else self.head(x.mean(1))


TINY, SMALL, VOCABULARY, PATCH = (2, 32, 2), (4, 64, 4), 96, 4
GPTS = {"gpt-tiny": (TINY, False), "gpt-tiny-post-norm": (TINY, True), "gpt-small": (SMALL, False), "gpt-small-post-norm": (SMALL, True)}
VITS = {"vit-tiny": TINY, "vit-small": SMALL}


def transformer(name, size):
    if name in GPTS:
        sizes, post = GPTS[name]
        return Transformer(lambda units: nn.Embedding(VOCABULARY, units), size, VOCABULARY, sizes, True, post)
    return Transformer(lambda units: nn.Conv2d(3, units, PATCH, PATCH), (size // PATCH) ** 2, 10, VITS[name])


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
if all(model_name not in models for models in (MODELS, UNETS, GPTS, VITS)):
    print(f"none: no {model_name} is written for PyTorch", flush=True)
    sys.exit()
if device == "cuda" and not torch.cuda.is_available():
    print(f"none: PyTorch {torch.__version__} finds no GPU here", flush=True)
    sys.exit()
torch.set_num_threads(threads)
if model_name in UNETS:
    channels, convolutions = UNETS[model_name]
    model = nn.Sequential(Level(3, channels, convolutions), nn.Conv2d(channels[0], CLASSES, 1)).to(device)
elif model_name in GPTS or model_name in VITS:
    model = transformer(model_name, size).to(device)
else:
    layers, features = MODELS[model_name]()
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, 10)).to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
images, labels = torch.randn(batch, 3, size, size).to(device), torch.randint(0, 10, (batch,)).to(device)
loss_of = nn.CrossEntropyLoss()
if model_name in UNETS:
    labels, loss_of = torch.randint(0, CLASSES, (batch, size, size)).to(device), dice_and_cross_entropy
if model_name in GPTS:
    images, labels = (torch.randint(0, VOCABULARY, (batch, size)).to(device) for _ in range(2))
    loss_of = lambda logits, labels: nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


def step():
    optimizer.zero_grad()
    loss = loss_of(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss


def wait():
    if device == "cuda":
        torch.cuda.synchronize()


def blas():
    """Library of matrix products on the CPU; the convolutions go by oneDNN."""
    if not os.path.exists("/proc/self/maps"):
        return ""
    with open("/proc/self/maps") as maps:
        loaded = maps.read()
    known = {"openblas": "OpenBLAS", "libmkl": "MKL", "blis": "BLIS", "/atlas/": "ATLAS", "libblas": "reference BLAS, slow"}
    return next((f", {name}" for part, name in known.items() if part in loaded), "")


where = torch.cuda.get_device_name() if device == "cuda" else f"{threads} thread{'s' * (threads > 1)}"
print(f"PyTorch {torch.__version__}, {where}{blas() if device == 'cpu' else ''}", flush=True)
for line in sys.stdin:
    steps = int(line)
    wait()
    start, processor = time.perf_counter(), time.process_time()
    for _ in range(steps):
        step()
    wait()
    print(*((end - begin) * 1000 / steps for end, begin in (
        (time.perf_counter(), start),
        (time.process_time(), processor),
    )), flush=True)
