#!/usr/bin/env python3
"""Writes reference values of the layers and losses of segmentation: PyTorch and MONAI in float64.

    python3 make_volume_layers.py    # writes volume_layers.json and dice.json beside itself

Made with torch 2.13 and monai 1.5. The cases have the form of those of make_reference.py.
"""
import torch
from make_grid_layers import EXTENTS, of_rank
from make_reference import draw, layer_case, tensor, write
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
    write("volume_layers.json", list(layers()))
    write("dice.json", list(dice()))
