#!/usr/bin/env python3
"""The benchmarks of ligase-bench in PyTorch: prints `name <tab> median milliseconds`, one line per benchmark.

    python3 peers.py [--threads N] [--repeats N] [--channels-last] [NAME ...]
"""
import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=0)
parser.add_argument("--repeats", type=int, default=15)
parser.add_argument("--channels-last", action="store_true", help="images and volumes in PyTorch's channels-last memory format")
parser.add_argument("names", nargs="*")
options = parser.parse_args()
if options.threads:
    torch.set_num_threads(options.threads)
torch.manual_seed(1)


def report(name, prepare):
    if options.names and name not in options.names:
        return
    body, times = prepare(), []
    for run in range(options.repeats + 2):
        start = time.perf_counter()
        body()
        if run >= 2:
            times.append((time.perf_counter() - start) * 1e3)
    print(f"{name}\t{statistics.median(times):.2f}", flush=True)


def recurrent(module):
    def prepare():
        x, target = torch.randn(64, 200, 4), torch.randn(64, 200, 128)

        def body():
            module.zero_grad()
            F.mse_loss(module(x)[0], target).backward()

        return body

    return prepare


def drug_encoder():
    lengths = [20 + int(165 * (i / 169) ** 4 + 0.5) for i in range(170)]
    module = nn.LSTM(32, 64, batch_first=True, bidirectional=True)
    x = torch.randn(170, max(lengths), 32)
    mask = (torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]).float()[..., None]
    target = torch.randn(170, max(lengths), 128)

    def body():
        module.zero_grad()
        packed = pack_padded_sequence(x.clone().requires_grad_(), lengths, batch_first=True, enforce_sorted=False)
        output = pad_packed_sequence(module(packed)[0], batch_first=True)[0]
        (((output - target) ** 2 * mask).sum() / (mask.sum() * 128)).backward()

    return body


def head():
    module = nn.Sequential(nn.Linear(256, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 1))
    optimizer = torch.optim.Adam(module.parameters())
    x, target = torch.randn(1024, 256), torch.randn(1024, 1)

    def body():
        optimizer.zero_grad()
        F.mse_loss(module(x), target).backward()
        optimizer.step()

    return body


def convolution():
    module, x, target = nn.Conv1d(4, 64, 15, padding="same"), torch.randn(32, 4, 1000), torch.randn(32, 64, 1000)

    def body():
        module.zero_grad()
        F.mse_loss(module(x), target).backward()

    return body


def drug_response_step():
    lengths = torch.tensor([20 + int(165 * (i / 169) ** 4 + 0.5) for i in range(170)])
    tokens, longest = torch.randint(0, 40, (170, int(lengths.max()))), int(lengths.max())
    mask = (torch.arange(longest)[None] < lengths[:, None]).float()[..., None]
    embedding, recurrent = nn.Embedding(40, 32), nn.LSTM(32, 64, batch_first=True, bidirectional=True)
    expression = nn.Sequential(nn.Linear(706, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU())
    top = nn.Sequential(nn.Linear(256, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 1))
    modules = nn.ModuleList([embedding, recurrent, expression, top])
    optimizer = torch.optim.Adam(modules.parameters())
    profiles, target = torch.randn(480, 706), torch.randn(1024, 1)
    lines, drugs = torch.randint(0, 480, (1024,)), torch.randint(0, 170, (1024,))

    def body():
        optimizer.zero_grad()
        # Padded and masked: PyTorch's packed sequences are slower on a CPU.
        outputs = recurrent(embedding(tokens))[0]
        structures = (outputs * mask).sum(1) / lengths[:, None]
        F.mse_loss(top(torch.cat([expression(profiles)[lines], structures[drugs]], 1)), target).backward()
        optimizer.step()

    return body


def product():
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    return lambda: a @ b


def grid(batch, channels, outputs):
    """Convolution of three taps along each axis: forward pass, input gradient and weight gradient."""
    def prepare():
        module = (nn.Conv2d if len(batch) == 3 else nn.Conv3d)(channels, outputs, 3, padding=1)
        x, direction = torch.randn(batch[0], channels, *batch[1:]), torch.randn(batch[0], outputs, *batch[1:])
        if options.channels_last:
            form = torch.channels_last if len(batch) == 3 else torch.channels_last_3d
            module, x, direction = (t.to(memory_format=form) for t in (module, x, direction))
        x.requires_grad_()

        def body():
            module.zero_grad()
            x.grad = None
            module(x).backward(direction)

        return body

    return prepare


def lesion(side):
    def prepare():
        module = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Dropout2d(0.25), nn.Flatten(), nn.Linear(32 * (side // 2) ** 2, 128), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(128, 1))
        x, target = torch.randn(32, 1, side, side), (torch.arange(32) % 2).float()[:, None]
        if options.channels_last:
            module, x = module.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
        optimizer = torch.optim.Adam(module.parameters())

        def body():
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(module(x), target).backward()
            optimizer.step()

        return body

    return prepare


report("lstm-step", recurrent(nn.LSTM(4, 128, batch_first=True)))
report("gru-step", recurrent(nn.GRU(4, 128, batch_first=True)))
report("rnn-step", recurrent(nn.RNN(4, 128, batch_first=True)))
report("drug-encoder", drug_encoder)
report("head", head)
report("conv1d", convolution)
report("drug-response-step", drug_response_step)
report("sgemm-1024", product)
report("conv2d-32-64", grid((16, 64, 64), 32, 64))
report("conv2d-64-64", grid((16, 64, 64), 64, 64))
report("conv3d-30-40", grid((10, 21, 21, 21), 30, 40))
for side in [28, 64, 128]:
    report(f"lesion-cnn-{side}", lesion(side))
