#!/usr/bin/env python3
"""Times integrated gradients of `ligase explain` beside Captum's on the same LSTM, weights, sequences and cores, and compares the numbers.

    python3 Benchmarks/attribution.py [--ligase PATH] [--threads N] [--runs N] [--sequences N]

1,000 sequences of 200 residues, hidden size 128, mean over steps, one linear layer; 64 steps of the Gauss-Legendre rule, baseline zero.
The command is timed as a whole; Captum without imports, with the fastest of three sizes of internal batches. Needs torch, captum, numpy.
"""
import argparse
import csv
import json
import os
import random
import statistics
import struct
import subprocess
import tempfile
import time

import numpy as np
import torch
from captum.attr import IntegratedGradients
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--ligase", default="ligase")
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("--sequences", type=int, default=1000)
options = parser.parse_args()
torch.set_num_threads(options.threads)
LETTERS = "ACGT"


class Network(nn.Module):
    def __init__(self, tensors):
        super().__init__()
        prefix = "members.0.inputs.sequence.encoder.layers.0."
        self.lstm, self.last = nn.LSTM(4, 128, batch_first=True), nn.Linear(128, 2)
        self.lstm.load_state_dict({n + "_l0": tensors[prefix + n + "_l0"] for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")})
        self.last.load_state_dict({n: tensors["members.0.head.layers.0." + n] for n in ("weight", "bias")})

    def forward(self, x):
        z = self.last(self.lstm(x)[0].mean(1))
        return (z[:, 0] - z[:, 1]).unsqueeze(1)  # the logit of the first of two classes


def tensors(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    return {n: torch.tensor(np.frombuffer(data[8 + size + e["data_offsets"][0]:8 + size + e["data_offsets"][1]], np.float32)
                            .reshape(e["shape"]).copy()) for n, e in header.items() if n != "__metadata__" and e["dtype"] == "F32"}


with tempfile.TemporaryDirectory() as folder:
    def path(name):
        return os.path.join(folder, name)

    draw = random.Random(1)
    sequences = ["".join(draw.choice(LETTERS) for _ in range(200)) for _ in range(options.sequences)]
    with open(path("s.tsv"), "w") as file:
        file.write("id\tsequence\tclass\n" + "".join(f"s{i}\t{s}\t{'ab'[i % 2]}\n" for i, s in enumerate(sequences)))
    with open(path("s.fa"), "w") as file:
        file.write("".join(f">s{i}\n{s}\n" for i, s in enumerate(sequences)))
    encoder = {"kind": "layers", "hasLinearPath": False, "dropout": 0, "layers": [
        {"layer": "lstm", "hiddenSize": 128, "isBidirectional": False}, {"layer": "pooling", "kind": "mean"}]}
    with open(path("o.json"), "w") as file:
        json.dump({"inputs": {"sequence": {"encoder": encoder}}, "head": {"hidden": []}, "ensemble": 1,
                   "training": {"epochs": 1, "refits": False}}, file)
    subprocess.run([options.ligase, "train", "sequence", path("s.tsv"), "--label", "class", "--architecture", "layers", "--config",
                    path("o.json"), "--seed", "1", "-q", "-o", path("m.st")], check=True)
    network = Network(tensors(path("m.st"))).eval()
    x = torch.tensor(np.eye(4, dtype=np.float32)[[[LETTERS.index(c) for c in s] for s in sequences]])
    captum, command = IntegratedGradients(network), [
        options.ligase, "explain", path("m.st"), path("s.fa"), "--method", "integrated-gradients", "--class", "a", "--baseline",
        "zeros", "--threads", str(options.threads), "-q", "--overwrite", "-o", path("why.tsv")]

    def ours():
        start = time.perf_counter()
        subprocess.run(command, check=True)
        return time.perf_counter() - start

    def theirs(batch, count=None):
        start = time.perf_counter()
        found = captum.attribute(x[:count], torch.zeros_like(x[:count]), target=0, n_steps=64, method="gausslegendre",
                                 internal_batch_size=batch)
        return time.perf_counter() - start, found

    few = max(1, options.sequences // 20)
    batch = min((theirs(b, few)[0], b) for b in (64, 256, 1024))[1]
    times = []
    for _ in range(options.runs):
        mine, (other, reference) = ours(), theirs(batch)
        times.append((mine, other))
    with open(path("why.tsv")) as file:
        values = np.array([float(r["value"]) for r in csv.DictReader(file, delimiter="\t")]).reshape(options.sequences, 200)
    expected = reference.sum(-1).detach().numpy()
    mine, other = (statistics.median(column) for column in zip(*times))
    print("work\tligase_s\tcaptum_s\tratio\tlargest_difference\tlargest_value")
    print(f"integrated-gradients\t{mine:.2f}\t{other:.2f}\t{other / mine:.2f}\t{np.abs(values - expected).max():.2e}\t{np.abs(expected).max():.2e}")
