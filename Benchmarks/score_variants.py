"""Runs the network of a Ligase model file over the windows of variants in PyTorch, in batches, for comparison with
`ligase score-variants`. Arguments: MODEL REFERENCE VCF [RECORDS]. Needs torch, numpy and safetensors."""
import gzip
import json
import sys
import time

import numpy as np
import torch
from safetensors import safe_open

model_path, reference, vcf = sys.argv[1:4]
limit = int(sys.argv[4]) if len(sys.argv) > 4 else 10**9
torch.set_num_threads(2)
with safe_open(model_path, "pt") as f:
    manifest = json.loads(f.metadata()["ligase"])["content"]
    weights = {k: f.get_tensor(k) for k in f.keys()}
options = manifest["options"]
name, preparation = manifest["inputs"][0]["name"], manifest["inputs"][0]["preparation"]["settings"]
a = options["inputs"][name]["encoder"]
assert a["kind"] == "cnn-lstm" and a["linearWordLength"] == 1, "expected a cnn-lstm with linearWordLength 1"


class Member(torch.nn.Module):
    def __init__(self, prefix):
        super().__init__()
        w = {k[len(prefix):].removeprefix(f"inputs.{name}.").removeprefix("encoder."): v
             for k, v in weights.items() if k.startswith(prefix)}
        o, c, k = w["convolution.weight"].shape
        self.conv = torch.nn.Conv1d(c, o, k, padding="same")
        self.pool = torch.nn.MaxPool1d(a["poolSize"], padding=a["poolSize"] // 2)
        self.lstm = torch.nn.LSTM(o, a["hiddenSize"], batch_first=True, bidirectional=True)
        h = 2 * a["hiddenSize"]
        self.projection = torch.nn.Linear(h, w["pooling.attention.projection.weight"].shape[0])
        self.query = torch.nn.Linear(self.projection.out_features, 1, bias=False)
        sizes = [h] + options["head"]["hidden"] + [w["linear.weight"].shape[0]]
        self.head = torch.nn.Sequential(*[m for i in range(len(sizes) - 1) for m in (
            [torch.nn.ReLU()] if i else []) + [torch.nn.Linear(sizes[i], sizes[i + 1])]])
        self.linear = torch.nn.Linear(w["linear.weight"].shape[1], sizes[-1])
        with torch.no_grad():
            self.conv.weight.copy_(w["convolution.weight"]); self.conv.bias.copy_(w["convolution.bias"])
            for n, p in self.lstm.named_parameters(): p.copy_(w["recurrent." + n])
            self.projection.weight.copy_(w["pooling.attention.projection.weight"])
            self.projection.bias.copy_(w["pooling.attention.projection.bias"])
            self.query.weight.copy_(w["pooling.attention.query.weight"])
            layers = [m for m in self.head if isinstance(m, torch.nn.Linear)]
            for i, m in enumerate(layers):
                m.weight.copy_(w[f"head.layers.{i}.weight"]); m.bias.copy_(w[f"head.layers.{i}.bias"])
            self.linear.weight.copy_(w["linear.weight"]); self.linear.bias.copy_(w["linear.bias"])

    def forward(self, x):  # [N, L, C]
        y = self.pool(torch.relu(self.conv(x.transpose(1, 2))))
        y, _ = self.lstm(y.transpose(1, 2))
        s = torch.softmax(self.query(torch.tanh(self.projection(y))), 1)
        return self.head((y * s).sum(1)) + self.linear(x.flatten(1))


members = [Member(f"members.{i}.").eval() for i in range(options["ensemble"])]
text = "".join(l.strip() for l in open(reference) if l[0] != ">").upper()
width = preparation["encoding"]["length"]
code = np.full(256, -1)
for i, b in enumerate(b"ACGT"): code[b] = i
eye = np.vstack([np.eye(4), np.full((1, 4), .25)]).astype(np.float32)


def encode(windows):
    x = code[np.frombuffer("".join(windows).encode(), np.uint8)].reshape(len(windows), width)
    return torch.from_numpy(eye[x])


def predict(windows):
    x = encode(windows)
    out = 0
    for m in members:
        out = out + torch.softmax(m(x), 1)
        if preparation["usesBothStrands"]:
            out = out + torch.softmax(m(x.flip(1, 2)), 1)
    return out


def windows():
    n = 0
    with gzip.open(vcf, "rt") as f:
        for line in f:
            if line[0] == "#": continue
            if n >= limit: return
            n += 1
            _, pos, _, ref, alts = line.split("\t", 5)[:5]
            start = int(pos) - 1
            first = start + len(ref) // 2 - width // 2
            pad = lambda s: s.ljust(width, "N")[:width]
            yield pad(text[max(first, 0):first + width])
            for alt in alts.split(","):
                if alt.strip("ACGT"): continue
                left, after = text[max(first, 0):start], start + len(ref)
                yield pad((left + alt + text[after:after + width])[:width])
                if len(alt) != len(ref):
                    yield pad((text[max(0, start - width):start] + alt + text[after:first + width])[-width:])


began, count, batch = time.time(), 0, []
with torch.no_grad():
    for w in windows():
        batch.append(w)
        if len(batch) == 256:
            predict(batch); count += len(batch); batch = []
    if batch: predict(batch); count += len(batch)
print(f"{count} windows in {time.time() - began:.1f} s, {count / (time.time() - began):.0f} per second")
