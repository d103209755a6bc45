#!/usr/bin/env python3
"""Writes reference values of the layers and losses of segmentation: PyTorch and MONAI in float64.

    python3 make_volume_layers.py    # writes volume_layers.json, dice.json and deepmedic.json beside itself

Made with torch 2.13 and monai 1.5. The cases have the form of those of make_reference.py.
"""
import torch
from make_grid_layers import EXTENTS, of_rank
from make_reference import draw, fresh_layer_case, layer_case, tensor, write
from monai.losses import DiceCELoss, DiceLoss
from torch import nn

MODES = {1: "linear", 2: "bilinear", 3: "trilinear"}


def layers():
    torch.manual_seed(18)
    for rank, extents in EXTENTS.items():
        for c, o, kernel, stride, padding, dilation, more, bias in [
                (2, 3, 2, 2, 0, 1, 0, True), (3, 2, 3, 2, 1, 1, 1, True), (2, 2, 3, 1, 1, 1, 0, False),
                (2, 1, 2, 3, 0, 2, 2, True)]:
            yield layer_case(
                f"transposed convolution of {rank} axes {c} to {o}, {kernel}, {stride}, {padding}, {dilation}, {more}",
                "transposed", of_rank("ConvTranspose", rank)(c, o, kernel, stride, padding, more, 1, bias, dilation),
                draw(2, c, *extents), sizes=[c, o], kernel=kernel, stride=stride, padding=padding, dilation=dilation,
                outputPadding=more, bias=bias, rank=rank)
        for factor in [2, 3]:
            yield layer_case(f"nearest up-sampling of {rank} axes by {factor}", "nearest",
                             nn.Upsample(scale_factor=factor, mode="nearest"), draw(2, 2, *extents), stride=factor)
            yield layer_case(f"linear up-sampling of {rank} axes by {factor}", "linear_up",
                             nn.Upsample(scale_factor=factor, mode=MODES[rank], align_corners=False),
                             draw(2, 2, *extents), stride=factor)
        yield layer_case(f"mirrored padding of {rank} axes", "mirrored", of_rank("ReflectionPad", rank)(1),
                         draw(2, 2, *extents), padding=1)
        yield layer_case(
            f"valid convolution of {rank} axes", "convolution", of_rank("Conv", rank)(2, 3, 2), draw(2, 2, *extents),
            sizes=[2, 3], groups=1, bias=True, kernels=[2] * rank, strides=[1] * rank, dilations=[1] * rank,
            paddings=[0] * rank)


class Block(nn.Module):
    """Normalisation, parametric ReLU and a convolution; a bias of the input in a first block."""

    def __init__(self, rank, c, o, kernel, first=False, mirrored=False):
        super().__init__()
        self.pad = (kernel - 1) // 2 if mirrored else 0
        if first:
            self.bias = nn.Parameter(draw(c))
        else:
            self.norm = of_rank("BatchNorm", rank)(c)
            self.norm.weight.data, self.norm.bias.data = draw(c) + 1, draw(c)
            self.activation = nn.PReLU(c, 0.01)
        if o:
            self.convolution = of_rank("Conv", rank)(c, o, kernel, bias=False)
        self.first, self.rank = first, rank

    def forward(self, x):
        x = x + self.bias.reshape(1, -1, *[1] * self.rank) if self.first else self.activation(self.norm(x))
        if self.pad:
            x = nn.functional.pad(x, [self.pad] * 2 * self.rank, mode="reflect")
        return self.convolution(x) if hasattr(self, "convolution") else x


class DeepMedic(nn.Module):
    """The network of Kamnitsas et al. (2017) from their description, of any sizes; inputs hold all that pathways read."""

    def __init__(self, rank, c, maps, factors, residuals, hidden, hidden_kernel, hidden_residuals):
        super().__init__()
        self.rank, self.factors, self.residuals, self.hidden_residuals = rank, factors, residuals, hidden_residuals
        self.field = 2 * len(maps) + 1
        self.pathways = nn.ModuleList(nn.ModuleList(
            Block(rank, ([c] + maps)[i], maps[i], 3, first=i == 0) for i in range(len(maps))) for _ in factors)
        joined = maps[-1] * len(factors)
        self.hidden = nn.ModuleList(Block(rank, ([joined] + hidden)[i], hidden[i], hidden_kernel if i == 0 else 1,
                                          mirrored=True) for i in range(len(hidden)))
        self.last = Block(rank, ([joined] + hidden)[-1], None, 1)

    def run(self, layers, x, residuals):
        before = x
        for i, layer in enumerate(layers):
            read, x = x, layer(x)
            if i + 1 in residuals:
                cut = [(a - b) // 2 for a, b in zip(before.shape[2:], x.shape[2:])]
                middle = before[(...,) + tuple(slice(k, k + n) for k, n in zip(cut, x.shape[2:]))]
                zeros = x.new_zeros(x.shape[0], x.shape[1] - before.shape[1], *x.shape[2:])
                x = x + torch.cat([middle, zeros], 1)
            before = read
        return x

    def forward(self, x):
        lead = [(f - 1) // 2 * self.field - f // 2 for f in self.factors]
        margin = self.field // 2 + max(lead)
        outputs = [n - 2 * margin for n in x.shape[2:]]
        scales = []
        for f, own, layers in zip(self.factors, lead, self.pathways):
            first = max(lead) - own
            places = [slice(first, first + f * (-(-n // f) + self.field - 2) + 1, f) for n in outputs]
            y = self.run(layers, x[(...,) + tuple(places)], self.residuals)
            for axis, n in enumerate(outputs):
                y = y.repeat_interleave(f, 2 + axis).narrow(2 + axis, 0, n)
            scales.append(y)
        return self.last(self.run(self.hidden, torch.cat(scales, 1), self.hidden_residuals))


def networks():
    torch.manual_seed(20)
    for rank, extents in [(1, (22,)), (2, (20, 23)), (3, (19, 20, 19))]:
        yield fresh_layer_case(
            f"DeepMedic of {rank} axes", "deepmedic",
            lambda: DeepMedic(rank, 1, [2, 3, 4], [1, 3], [3], [9, 10], 1 if rank == 3 else 3, [2]),
            draw(2, 1, *extents, scale=2), rank=rank, sizes=[1], kernel=1 if rank == 3 else 3, training=True)


def formula(count, k, modulus=2003):
    """Numbers from -1/2 to 1/2 that any language can compute."""
    i = torch.arange(count, dtype=torch.int64)
    return ((i * 7919 + k * 104729) % modulus).double() / modulus - 0.5


def full_size():
    """The network of the publication, for two channels and five classes, on a segment of 6 x 6 x 7 outputs."""
    extents, classes = (86, 86, 87), 5
    network = DeepMedic(3, 2, [30, 30, 40, 40, 40, 40, 50, 50], [1, 3, 5], [4, 6, 8], [250, 250], 3, [2])
    last = nn.Linear(250, classes)
    named = list(network.named_parameters()) + [("head." + n, p) for n, p in last.named_parameters()]
    for k, (name, p) in enumerate(sorted(named)):
        v = formula(p.numel(), k + 1).reshape(p.shape)
        if name.endswith("norm.weight"):
            v = 1 + 0.2 * v
        elif name.endswith("activation.weight"):
            v = 0.01 + 0.02 * v
        elif p.dim() > 1:
            v = v * 5 / p[0].numel() ** 0.5
        p.data = v.float().double()
    count = torch.Size(extents).numel()
    x = (4 * formula(2 * count, 1000)).float().double().reshape(1, 2, *extents).requires_grad_()
    y = last(network(x).movedim(1, -1))
    target = formula(y.numel(), 1001).float().double().reshape(y.shape)
    loss = ((y - target) ** 2).mean()
    loss.backward()

    def summary(gradient):
        flat = gradient.flatten()
        places = [(flat.numel() // 2 + 997 * j) % flat.numel() for j in range(8)]
        return {"norm": flat.norm().item(), "values": [float("%.10g" % flat[p].item()) for p in places]}

    yield dict(count=sum(p.numel() for _, p in named), loss=loss.item(), outputs=tensor(y[0].flatten(0, 2)),
               gradients={n: summary(p.grad) for n, p in named}, input=summary(x.grad))


def dice():
    torch.manual_seed(19)
    for cross in [0.0, 1.0]:
        for background in [True, False]:
            for smoothing, empty in [(1e-5, False), (1e-5, True), (1.0, False)]:
                x = draw(2, 3, 2, 3, 2, scale=2)
                labels = torch.randint(0, 2 if empty else 3, (2, 1, 2, 3, 2))
                leaf = x.clone().requires_grad_()
                options = dict(include_background=background, softmax=True, to_onehot_y=True, smooth_nr=smoothing,
                               smooth_dr=smoothing)
                loss = (DiceCELoss if cross else DiceLoss)(**options)(leaf, labels.double() if not cross else labels)
                loss.backward()
                yield dict(name=f"Dice loss, cross-entropy {cross}, background {background}, smoothing {smoothing}, "
                                f"empty class {empty}", kind="dice", alpha=cross, delta=smoothing, bias=background,
                           labels=labels.flatten().tolist(), input=tensor(x), loss=loss.item(),
                           inputGradient=tensor(leaf.grad))


if __name__ == "__main__":
    write("volume_layers.json", list(layers()) + list(networks()))
    write("dice.json", list(dice()))
    write("deepmedic.json", list(full_size()))
