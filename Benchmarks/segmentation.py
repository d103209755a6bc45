#!/usr/bin/env python3
"""Times a training step of `ligase train segmentation` beside the same network in PyTorch, in turns, on the same cores.

    python3 Benchmarks/segmentation.py [--ligase PATH] [--threads N] [--runs N] [deepmedic] [unet-128]

The command is timed as a whole with few and with more steps; the difference, divided by the steps, has its reading of segments,
too. PyTorch draws its batch once. `deepmedic`: a batch of 10 segments of 21^3 outputs, 2 channels, 5 labels, cross-entropy, RMSProp.
`unet-128`: 8 images of 128^2, 1 channel, 2 labels, Dice and cross-entropy, AdamW. Needs torch.
"""
import argparse
import json
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Fixtures", "reference"))

parser = argparse.ArgumentParser()
parser.add_argument("--ligase", default="ligase")
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("names", nargs="*", default=["deepmedic", "unet-128"])
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(1)


def nifti(path, values, extents):
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, len(extents), *(list(extents[::-1]) + [1] * (7 - len(extents))))
    struct.pack_into("<2h", header, 70, 2, 8)
    struct.pack_into("<8f", header, 76, *[1.0] * 8)
    struct.pack_into("<f", header, 108, 352)
    header[344:348] = b"n+1\0"
    with open(path, "wb") as file:
        file.write(bytes(header) + bytes(values))


def cases(folder, extents, channels, labels, count):
    draw, lines = random.Random(1), ["id\t" + "\t".join(f"c{c}" for c in range(channels)) + "\tlabels"]
    size = 1
    for extent in extents:
        size *= extent
    for i in range(count):
        names = [f"{i}_{c}.nii" for c in range(channels)] + [f"{i}_labels.nii"]
        for name in names:
            top = labels if name.endswith("labels.nii") else 256
            nifti(os.path.join(folder, name), [draw.randrange(top) for _ in range(size)], extents)
        lines.append("\t".join([str(i)] + names))
    path = os.path.join(folder, "cases.tsv")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    return path


def command(table, architecture, settings, batch, count, steps, folder):
    settings = dict(settings, segmentsPerVolume=steps * batch // count)
    config = os.path.join(folder, "config.json")
    with open(config, "w") as file:
        json.dump({"training": {"epochs": 1, "batchSize": batch},
                   "inputs": {"volume": {"preparation": {"settings": settings}}}}, file)
    start = time.perf_counter()
    subprocess.run([options.ligase, "train", "segmentation", table, "--architecture", architecture, "--config", config,
                    "--threads", str(options.threads), "--seed", "1", "--overwrite", "--quiet",
                    "-o", os.path.join(folder, "m.safetensors")], check=True)
    return time.perf_counter() - start


class UNet(nn.Module):
    def __init__(self, channels, maps, levels):
        super().__init__()

        def level(a, b):
            return nn.Sequential(*[m for i in range(2) for m in (
                nn.Conv2d(a if i == 0 else b, b, 3, padding=1, bias=False), nn.InstanceNorm2d(b, affine=True), nn.LeakyReLU(0.01))])

        self.down = nn.ModuleList(level(channels if i == 0 else maps << (i - 1), maps << i) for i in range(levels))
        self.up = nn.ModuleList(level(maps << (i + 1), maps << i) for i in range(levels - 1))
        self.rises = nn.ModuleList(nn.ConvTranspose2d(maps << (i + 1), maps << i, 2, 2) for i in range(levels - 1))
        self.last = nn.Conv2d(maps, 2, 1)

    def forward(self, x):
        kept = []
        for i, level in enumerate(self.down):
            x = level(F.max_pool2d(x, 2) if i else x)
            kept.append(x)
        for i in reversed(range(len(self.up))):
            x = self.up[i](torch.cat([kept[i], self.rises[i](x)], 1))
        return self.last(x)


def dice_ce(logits, target):
    p, g = logits.softmax(1), F.one_hot(target, logits.shape[1]).movedim(-1, 1).float()
    axes = tuple(range(2, logits.dim()))
    dice = 1 - (2 * (p * g).sum(axes) + 1e-5) / (p.sum(axes) + g.sum(axes) + 1e-5)
    return dice.mean() + F.cross_entropy(logits, target)


def peer(network, optimizer, x, target, loss, repeats):
    times = []
    for run in range(repeats + 1):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss(network(x), target).backward()
        optimizer.step()
        if run:
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def deepmedic():
    from make_volume_layers import DeepMedic

    torch.set_default_dtype(torch.float32)  # the references are in float64
    network = nn.Sequential(DeepMedic(3, 2, [30, 30, 40, 40, 40, 40, 50, 50], [1, 3, 5], [4, 6, 8], [250, 250], 3, [2]),
                            nn.Conv3d(250, 5, 1)).float()
    margin = 40
    x, target = torch.randn(10, 2, *[21 + 2 * margin] * 3), torch.randint(0, 5, [10] + [21] * 3)
    optimizer = torch.optim.RMSprop(network.parameters(), 1e-3, 0.9, momentum=0.6, weight_decay=1e-4)
    return (network, optimizer, x, target, F.cross_entropy, 3), dict(
        extents=(48, 48, 48), channels=2, labels=5, batch=10, architecture="deepmedic", steps=(1, 4), settings=dict(roiSize=[29]))


def unet():
    network = UNet(1, 16, 4)
    x, target = torch.randn(8, 1, 128, 128), torch.randint(0, 2, [8, 128, 128])
    return (network, torch.optim.AdamW(network.parameters(), 1e-3), x, target, dice_ce, 15), dict(
        extents=(160, 160), channels=1, labels=2, batch=8, architecture="unet", steps=(10, 60), settings=dict(segment=[128]))


print("step\tligase_ms\tpytorch_ms\tratio")
for name in options.names:
    theirs, ours = {"deepmedic": deepmedic, "unet-128": unet}[name]()
    with tempfile.TemporaryDirectory() as folder:
        few, more = ours["steps"]
        table = cases(folder, ours["extents"], ours["channels"], ours["labels"], 2)
        rows = []
        for _ in range(options.runs):
            a, b = (command(table, ours["architecture"], ours["settings"], ours["batch"], 2, n, folder) for n in (few, more))
            rows.append(((b - a) / (more - few) * 1e3, peer(*theirs) * 1e3))
        mine, other = (statistics.median(column) for column in zip(*rows))
        print(f"{name}\t{mine:.1f}\t{other:.1f}\t{other / mine:.2f}", flush=True)
