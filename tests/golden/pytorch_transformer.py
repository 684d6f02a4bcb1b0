"""Small transformers in PyTorch, in float64: logits, losses, gradients and ten steps of AdamW.

    /usr/bin/python3 tests/golden/pytorch_transformer.py > tests/golden/pytorch_transformer.json

`gpt`: tokens and positions embedded, two blocks with layer norm before attention and before the GELU network, a last
layer norm, a linear head at every position; causal. `post_norm`: the same with layer norm behind each sum. `vit`: patches
of an image, learned positions, one block with RMS norm and ReLU², the mean over positions, a linear head. Attention is
written out; embeddings, layer norm, linear layers and GELU are PyTorch's own.
"""
import datetime
import json
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(20)

UNITS, HEADS, BATCH = 8, 2, 3
TOKENS, VOCABULARY = 7, 6
SIDE, PATCH, CLASSES = 6, 2, 4
STEPS, ADAMW = 10, {"lr": 0.01, "betas": [0.9, 0.95], "eps": 1e-8, "weight_decay": 0.1}


def attend(x, causal):
    """nanoGPT's split of queries, keys and values, and softmax(q kᵀ / √d) v."""
    batch, tokens, _ = x.shape
    q, k, v = (part.view(batch, tokens, HEADS, UNITS // HEADS).transpose(1, 2) for part in x.split(UNITS, dim=2))
    scores = q @ k.transpose(2, 3) / math.sqrt(UNITS // HEADS)
    if causal:
        scores = scores.masked_fill(torch.ones(tokens, tokens).triu(1).bool(), -math.inf)
    return (scores.softmax(3) @ v).transpose(1, 2).reshape(batch, tokens, UNITS)


class RMSNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(UNITS))

    def forward(self, x):
        return x / torch.sqrt(x.square().mean(2, keepdim=True) + 1e-5) * self.weight


class Block(nn.Module):
    def __init__(self, causal, post, norm, activation):
        super().__init__()
        self.causal, self.post, self.activation = causal, post, activation
        self.norm1, self.norm2 = norm(), norm()
        self.qkv, self.projection = nn.Linear(UNITS, 3 * UNITS), nn.Linear(UNITS, UNITS)
        self.expand, self.contract = nn.Linear(UNITS, 4 * UNITS), nn.Linear(4 * UNITS, UNITS)

    def forward(self, x):
        def attention(x):
            return self.projection(attend(self.qkv(x), self.causal))

        def network(x):
            return self.contract(self.activation(self.expand(x)))

        if self.post:
            x = self.norm1(x + attention(x))
            return self.norm2(x + network(x))
        x = x + attention(self.norm1(x))
        return x + network(self.norm2(x))


class GPT(nn.Module):
    def __init__(self, post):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(VOCABULARY, UNITS), nn.Embedding(TOKENS, UNITS)
        self.blocks = nn.ModuleList(Block(True, post, lambda: nn.LayerNorm(UNITS), F.gelu) for _ in range(2))
        self.norm = nn.Identity() if post else nn.LayerNorm(UNITS)
        self.head = nn.Linear(UNITS, VOCABULARY, bias=False)

    def forward(self, tokens):
        x = self.embedding(tokens) + self.positions(torch.arange(TOKENS))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


class ViT(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, UNITS, PATCH, PATCH)
        self.positions = nn.Embedding((SIDE // PATCH) ** 2, UNITS)
        self.blocks = nn.ModuleList([Block(False, False, RMSNorm, lambda x: F.relu(x).square())])
        self.dense = nn.Linear(UNITS, CLASSES)

    def forward(self, images):
        x = self.patches(images.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)
        x = x + self.positions.weight
        for block in self.blocks:
            x = block(x)
        return self.dense(x.mean(1))


def name_of(name, parameter):
    """The lab's name of a parameter."""
    *path, last = name.split(".")
    if path[0] == "blocks":
        path = [f"block{int(path[1]) + 1}", *path[2:]]
    norm = path[-1].startswith("norm")
    return "/".join(path) + "/" + ({"weight": "gamma" if norm else "kernel", "bias": "beta" if norm else "bias"}[last])


def plain(name, tensor):
    """In the lab's layout: kernels [height, width, in, out], or [in, out] of the dense layer, or a table as it is."""
    t = tensor.detach()
    if name.endswith("/kernel") and name.split("/")[0] not in ("embedding", "positions"):
        t = t.permute(2, 3, 1, 0) if t.dim() == 4 else t.T
        if t.dim() == 2 and name != "dense/kernel":
            t = t[None, None]
    return {"shape": list(t.shape), "data": t.reshape(-1).tolist()}


def run(model, inputs, labels):
    parameters = {name_of(name, each): each for name, each in model.named_parameters()}
    with torch.no_grad():
        # Fractions that 32 bits hold too.
        for name, each in parameters.items():
            around = 1 if name.endswith("gamma") else 0
            each.copy_((around + torch.randn(each.shape) * 0.3).mul(256).round() / 256)
    initial = {name: plain(name, each) for name, each in parameters.items()}
    optimizer = torch.optim.AdamW(parameters.values(), **ADAMW)
    losses, first = [], None
    for _ in range(STEPS):
        optimizer.zero_grad()
        logits = model(inputs)
        loss = F.cross_entropy(logits.reshape(labels.numel(), -1), labels.reshape(-1))
        loss.backward()
        losses.append(loss.item())
        if first is None:
            first = {"logits": logits.detach().reshape(-1).tolist(),
                     "gradients": {name: plain(name, each.grad)["data"] for name, each in parameters.items()}}
        optimizer.step()
    return {"inputs": inputs.reshape(-1).tolist(), "labels": labels.reshape(-1).tolist(), "initial": initial, **first,
            "losses": losses, "final": {name: plain(name, each)["data"] for name, each in parameters.items()}}


tokens = torch.randint(0, VOCABULARY, (BATCH, TOKENS))
following = torch.randint(0, VOCABULARY, (BATCH, TOKENS))
images = torch.randint(0, 256, (BATCH, SIDE, SIDE, 3)) / 64.0 - 2
print(json.dumps({
    "made_by": "tests/golden/pytorch_transformer.py", "torch": torch.__version__,
    "date": datetime.date.today().isoformat(), "dtype": "float64", "optimizer": ADAMW,
    "sizes": {"units": UNITS, "heads": HEADS, "tokens": TOKENS, "vocabulary": VOCABULARY, "side": SIDE, "patch": PATCH,
              "classes": CLASSES},
    "gpt": run(GPT(False), tokens, following),
    "post_norm": run(GPT(True), tokens, following),
    "vit": run(ViT(), images, torch.randint(0, CLASSES, (BATCH,))),
}, separators=(",", ":")))
