#!/usr/bin/env python3
"""Writes reference values of layers on grids of one to three axes, and of the focal losses: PyTorch in float64.

    python3 make_grid_layers.py      # writes grid_layers.json and focal.json beside itself

Made with torch 2.13. The cases have the form of those of make_reference.py: input, parameters, outputs, loss, every
gradient, and the parameters after three steps of SGD.
"""
import torch
from make_reference import draw, fresh_layer_case, layer_case, spaced, tensor, write
from torch import nn
from torch.nn import functional as F

EXTENTS = {1: (6,), 2: (3, 4), 3: (3, 2, 3)}


def of_rank(name, rank):
    return getattr(nn, f"{name}{rank}d")


class Block(nn.Module):
    """A residual block whose input goes through a convolution of one tap."""

    def __init__(self, rank):
        super().__init__()
        conv = of_rank("Conv", rank)
        self.add_module("0", conv(2, 3, 3, stride=2, padding=1))
        self.downsample = nn.Sequential(conv(2, 3, 1, stride=2, bias=False))

    def forward(self, x):
        return getattr(self, "0")(x) + self.downsample(x)


class Joined(nn.Module):
    """The input and the outputs of two branches, side by side."""

    def __init__(self, rank):
        super().__init__()
        conv = of_rank("Conv", rank)
        self.add_module("1", nn.Sequential(conv(2, 3, 3, padding=1), nn.ReLU()))
        self.add_module("2", nn.Sequential(conv(2, 1, 1)))

    def forward(self, x):
        return torch.cat([x, getattr(self, "1")(x), getattr(self, "2")(x)], 1)


def layers():
    torch.manual_seed(16)
    for rank, extents in EXTENTS.items():
        conv = of_rank("Conv", rank)
        for c, o, groups, kernel, stride, dilation, padding in [
                (4, 2, 2, 3, 1, 1, 1), (2, 4, 2, 2, 2, 1, 1), (3, 3, 3, 3, 1, 1, 1), (2, 2, 2, 2, 2, 2, 2),
                (2, 3, 1, 2, 3, 2, 2), (2, 1, 1, 1, 1, 1, 1)]:
            yield layer_case(
                f"convolution of {rank} axes {c} to {o}, groups {groups}, {kernel}, {stride}, {dilation}, {padding}",
                "convolution", conv(c, o, kernel, stride, padding, dilation, groups), draw(2, c, *extents),
                sizes=[c, o], groups=groups, bias=True, kernels=[kernel] * rank, strides=[stride] * rank,
                dilations=[dilation] * rank, paddings=[padding] * rank)
        places = [{1: [4], 2: [2, 3], 3: [2, 1, 2]}[rank], [1] * rank] + ([[8]] if rank == 1 else [])
        for place in places:
            of = place[0] if rank == 1 else tuple(place)
            yield layer_case(f"adaptive average pooling of {rank} axes to {place}", "adaptive_average",
                             of_rank("AdaptiveAvgPool", rank)(of), draw(2, 2, *extents), places=place)
            yield layer_case(f"adaptive max pooling of {rank} axes to {place}", "adaptive_max",
                             of_rank("AdaptiveMaxPool", rank)(of), spaced(2, 2, *extents), places=place)
        for affine in [False, True]:
            norm = of_rank("InstanceNorm", rank)(2, affine=affine)
            if affine:
                norm.weight.data, norm.bias.data = draw(2), draw(2)
            yield layer_case(f"instance norm of {rank} axes, affine {affine}", "instance_norm", norm,
                             draw(2, 2, *extents, scale=2) + 1, sizes=[2], affine=affine)
        for groups in [1, 2]:
            norm = nn.GroupNorm(groups, 4)
            norm.weight.data, norm.bias.data = draw(4), draw(4)
            yield layer_case(f"group norm of {rank} axes, {groups} groups", "group_norm", norm,
                             draw(2, 4, *extents, scale=2) + 1, sizes=[4], groups=groups)
        yield fresh_layer_case(f"batch norm of {rank} axes", "batch_norm", lambda: of_rank("BatchNorm", rank)(3),
                               draw(2, 3, *extents, scale=2), sizes=[3], training=True)
        for slopes in [1, 3]:
            yield layer_case(f"prelu of {rank} axes, {slopes} slopes", "prelu", nn.PReLU(slopes),
                             draw(2, 3, *extents), sizes=[slopes])
        yield layer_case(f"residual of {rank} axes", "residual", Block(rank), draw(2, 2, *extents), rank=rank)
        yield layer_case(f"concatenation of {rank} axes", "concatenating", Joined(rank), draw(2, 2, *extents), rank=rank)


def focal():
    torch.manual_seed(17)
    for gamma in [0.0, 0.5, 2.0]:
        for alpha in [None, 0.25]:
            x, y = draw(4, 3, scale=2), (draw(4, 3) > 0).double()
            leaf = x.clone().requires_grad_()
            cross = F.binary_cross_entropy_with_logits(leaf, y, reduction="none")
            p = torch.sigmoid(leaf)
            each = cross * (1 - (p * y + (1 - p) * (1 - y))) ** gamma
            if alpha is not None:
                each = each * (alpha * y + (1 - alpha) * (1 - y))
            loss = each.mean()
            loss.backward()
            yield dict(name=f"binary focal loss, gamma {gamma}, alpha {alpha}", kind="binary", gamma=gamma, alpha=alpha,
                       input=tensor(x), target=tensor(y), loss=loss.item(), inputGradient=tensor(leaf.grad))
        for weights in [None, draw(4).abs()]:
            x, labels = draw(5, 4, scale=2), [0, 3, 1, 1, 2]
            leaf = x.clone().requires_grad_()
            logs = F.log_softmax(leaf, 1)[range(5), labels]
            mass = torch.ones(5) if weights is None else weights[labels]
            loss = -(mass * (1 - logs.exp()) ** gamma * logs).sum() / mass.sum()
            loss.backward()
            case = dict(name=f"softmax focal loss, gamma {gamma}, class weights {weights is not None}", kind="softmax",
                        gamma=gamma, labels=labels, input=tensor(x), loss=loss.item(), inputGradient=tensor(leaf.grad))
            if weights is not None:
                case["classWeights"] = tensor(weights)
            yield case


if __name__ == "__main__":
    write("grid_layers.json", list(layers()))
    write("focal.json", list(focal()))
