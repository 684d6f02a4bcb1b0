"""Attention with dropout of its weights in PyTorch, in float64: outputs, and gradients by autograd.

    /usr/bin/python3 tests/golden/pytorch_attention_dropout.py > tests/golden/pytorch_attention_dropout.json

As in torch.nn.MultiheadAttention and nanoGPT: softmax, then dropout with 1 / (1 - p) for what is kept, then the product
with the values. PyTorch's own dropout draws from its own generator, so masks come from Threefry2x32-20 (Salmon et al.,
2011), written here a second time: a weight is dropped where the first word for key (key, step) and counter (image, weight)
is below p * 2^32.
"""
import datetime
import json
import math

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(21)

ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24]
WORD = 2**32


def threefry(key0, key1, counter0, counter1):
    keys = [key0, key1, 0x1BD11BDA ^ key0 ^ key1]
    a, b = (counter0 + key0) % WORD, (counter1 + key1) % WORD
    for turn in range(20):
        by = ROTATIONS[turn % 8]
        a = (a + b) % WORD
        b = ((b << by | b >> (32 - by)) % WORD) ^ a
        if turn % 4 == 3:
            n = (turn + 1) // 4
            a, b = (a + keys[n % 3]) % WORD, (b + keys[(n + 1) % 3] + n) % WORD
    return a


def run(tokens, units, heads, causal, rate, key, step, batch=2):
    qkv = torch.randn(batch, tokens, 3 * units, requires_grad=True)
    outer = torch.randn(batch, tokens, units)
    mask = torch.tensor([[threefry(key, step, image, weight) >= round(rate * WORD)
                          for weight in range(heads * tokens * tokens)] for image in range(batch)])
    factors = mask.view(batch, heads, tokens, tokens) / (1 - rate)
    q, k, v = (part.view(batch, tokens, heads, units // heads).transpose(1, 2) for part in qkv.split(units, dim=2))
    scores = q @ k.transpose(2, 3) / math.sqrt(units // heads)
    if causal:
        scores = scores.masked_fill(torch.ones(tokens, tokens).triu(1).bool(), -math.inf)
    output = ((scores.softmax(3) * factors) @ v).transpose(1, 2).reshape(batch, tokens, units)
    (output * outer).sum().backward()
    flat = {"qkv": qkv.detach(), "outer": outer, "output": output.detach(), "gradient": qkv.grad}
    return {"tokens": tokens, "units": units, "heads": heads, "causal": causal, "rate": rate, "key": key, "step": step,
            "batch": batch, **{name: each.reshape(-1).tolist() for name, each in flat.items()}}


KEY = 2362010014
print(json.dumps({
    "made_by": "tests/golden/pytorch_attention_dropout.py", "torch": torch.__version__,
    "date": datetime.date.today().isoformat(), "dtype": "float64",
    "cases": [run(7, 6, 2, True, 0.3, KEY, 4), run(9, 4, 1, False, 0.5, KEY, 123456)],
}, separators=(",", ":")))
