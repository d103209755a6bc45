#!/usr/bin/env python3
"""Writes the reference values that the tests of LigaseNetworks are held against: PyTorch in float64.

    python3 make_reference.py        # writes recurrent.json, layers.json, grids.json, losses.json, optimizers.json beside itself

Made with torch 2.13. Inputs and parameters are rounded to float32 first, so that both sides start from the same
numbers. Each case holds the input, the parameters under PyTorch's names, outputs, the loss, every gradient, and all
parameters and buffers after three steps of SGD (rate 0.05, momentum 0.9).
"""
import json
import os

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
FOLDER = os.path.dirname(os.path.abspath(__file__))


def draw(*shape, scale=1.0):
    return (torch.randn(*shape) * scale).float().double()


def spaced(*shape):
    """Distinct numbers, so that a maximum has one place."""
    count = torch.Size(shape).numel()
    return ((torch.randperm(count) - count / 2 + 0.25) * 0.1).reshape(shape).float().double()


def tensor(t):
    t = t.detach().double()
    return {"shape": list(t.shape), "values": [float("%.10g" % v) for v in t.flatten().tolist()]}


def rounded(module):
    for p in list(module.parameters()) + list(module.buffers()):
        p.data = p.data.float().double() if p.is_floating_point() else p.data
    return module


def write(name, cases):
    path = os.path.join(FOLDER, name)
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
    print(name, len(cases), "cases", os.path.getsize(path), "bytes")


def record(case, module, x, run):
    """`run` returns the loss and a dictionary of outputs; fills in all that follows from them."""
    case["parameters"] = {n: tensor(t) for n, t in module.state_dict().items()}
    if x.is_floating_point():
        case["input"] = tensor(x)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9) if list(module.parameters()) else None
    for step in range(3):
        leaf = x.clone().requires_grad_(x.is_floating_point())
        module.zero_grad()
        loss, outputs = run(leaf)
        loss.backward()
        if step == 0:
            case["loss"] = loss.item()
            case["outputs"] = {n: tensor(t) for n, t in outputs.items()}
            case["gradients"] = {n: tensor(p.grad) for n, p in module.named_parameters()}
            if leaf.grad is not None:
                case["inputGradient"] = tensor(leaf.grad)
        if optimizer:
            optimizer.step()
    case["after"] = {n: tensor(t) for n, t in module.state_dict().items()}
    return case


def packed_rows(padded, lengths):
    return torch.cat([padded[n, :l] for n, l in enumerate(lengths)])


def padded_rows(rows, lengths):
    return nn.utils.rnn.pad_sequence(torch.split(rows, lengths), batch_first=True)


# Recurrent layers ---------------------------------------------------------------------------------------------------


def recurrent_case(cell, layers, bidirectional, lengths, bias=True):
    torch.manual_seed(len(lengths) * 100 + layers * 10 + bidirectional)
    c, h, n, d = 3, 4, len(lengths), 2 if bidirectional else 1
    options = dict(num_layers=layers, bidirectional=bidirectional, batch_first=True, bias=bias)
    module = {
        "tanh": lambda: nn.RNN(c, h, nonlinearity="tanh", **options),
        "relu": lambda: nn.RNN(c, h, nonlinearity="relu", **options),
        "gru": lambda: nn.GRU(c, h, **options),
        "lstm": lambda: nn.LSTM(c, h, **options),
    }[cell]()
    rounded(module)
    rows = sum(lengths)
    x, target = draw(rows, c), draw(rows, d * h)
    hidden_weights, cell_weights = draw(layers * d, n, h), draw(layers * d, n, h)
    case = dict(
        name=f"{cell}, {layers} layers, {d} directions, lengths {lengths}" + ("" if bias else ", no bias"),
        kind=cell, layers=layers, bidirectional=bidirectional, lengths=lengths, inputSize=c, hiddenSize=h, bias=bias,
        target=tensor(target), hiddenWeights=tensor(hidden_weights), cellWeights=tensor(cell_weights))

    def run(rows):
        batch = pack_padded_sequence(padded_rows(rows, lengths), lengths, batch_first=True, enforce_sorted=False)
        output, final = module(batch)
        output = packed_rows(pad_packed_sequence(output, batch_first=True)[0], lengths)
        hidden = final[0] if cell == "lstm" else final
        loss = F.mse_loss(output, target) + (hidden * hidden_weights).sum()
        outputs = {"output": output, "hidden": hidden}
        if cell == "lstm":
            loss = loss + (final[1] * cell_weights).sum()
            outputs["cell"] = final[1]
        return loss, outputs

    return record(case, module, x, run)


def recurrent_cases():
    for cell in ["tanh", "relu", "gru", "lstm"]:
        for layers in [1, 2]:
            for bidirectional in [False, True]:
                for lengths in [[4, 4], [2, 5, 1]]:
                    yield recurrent_case(cell, layers, bidirectional, lengths)
        yield recurrent_case(cell, 1, False, [3, 2], bias=False)


# Grids of two and three axes ---------------------------------------------------------------------------------------


def grid_cases():
    torch.manual_seed(9)
    for kernel, stride, dilation, padding in [
            [(3, 3), (1, 1), (1, 1), (1, 1)], [(2, 3), (2, 1), (1, 2), (0, 1)], [(1, 1), (1, 1), (1, 1), (0, 0)],
            [(3, 2, 2), (1, 2, 1), (1, 1, 1), (1, 0, 1)], [(2, 3, 3), (1, 1, 2), (2, 1, 2), (0, 2, 1)]]:
        geometry = dict(kernels=list(kernel), strides=list(stride), dilations=list(dilation), paddings=list(padding))
        rank = len(kernel)
        extents = (5, 6) if rank == 2 else (4, 5, 6)
        for bias in [True, False]:
            conv = (nn.Conv2d if rank == 2 else nn.Conv3d)(
                2, 3, kernel, stride=stride, dilation=dilation, padding=padding, bias=bias)
            yield layer_case(
                f"convolution of {rank} axes {kernel}, stride {stride}, dilation {dilation}, padding {padding}, bias {bias}",
                "convolution", conv, draw(2, 2, *extents), sizes=[2, 3], bias=bias, **geometry)
    for rank, extents in [(2, (5, 6)), (3, (4, 5, 4))]:
        for kernel, stride, padding in [(2, 2, 0), (3, 2, 1)]:
            options = dict(kernel=kernel, stride=stride, padding=padding, dilation=1, rank=rank)
            yield layer_case(
                f"max pooling of {rank} axes {kernel}, {stride}, {padding}", "max_pool",
                (nn.MaxPool2d if rank == 2 else nn.MaxPool3d)(kernel, stride, padding), spaced(2, 3, *extents), **options)
            for counts in [True, False]:
                yield layer_case(
                    f"average pooling of {rank} axes {kernel}, {stride}, {padding}, padding counts {counts}", "avg_pool",
                    (nn.AvgPool2d if rank == 2 else nn.AvgPool3d)(kernel, stride, padding, count_include_pad=counts),
                    draw(2, 3, *extents), countsPadding=counts, **options)

        def norm():
            torch.manual_seed(rank)
            module = (nn.BatchNorm2d if rank == 2 else nn.BatchNorm3d)(3)
            module.weight.data, module.bias.data = draw(3), draw(3)
            return module

        yield fresh_layer_case(
            f"batch normalisation of {rank} axes", "batch_norm", norm, draw(2, 3, *extents, scale=2), sizes=[3], training=True)


# Other layers -------------------------------------------------------------------------------------------------------


def layer_case(name, kind, module, x, **options):
    module = rounded(module)
    shape = module(x).shape
    target = draw(*shape)
    case = dict(name=name, kind=kind, target=tensor(target), **options)

    def run(leaf):
        y = module(leaf)
        return F.mse_loss(y, target), {"output": y}

    return record(case, module, x, run)


class Ragged(nn.Module):
    """Applies a module to each sequence by itself, or pools each over its own length; input and output are rows."""

    def __init__(self, lengths, kind, module=None, bidirectional=False):
        super().__init__()
        self.lengths, self.kind, self.bidirectional = lengths, kind, bidirectional
        if kind == "attention":
            self.attention = nn.ModuleDict(dict(projection=module, query=nn.Linear(module.out_features, 1, bias=False)))
        elif module is not None:
            for name, parameter in module.named_parameters():
                self.register_parameter(name, parameter)
            self.call = [module]

    def one(self, rows):
        if self.kind == "last":
            half = rows.shape[1] // 2
            return torch.cat([rows[-1, :half], rows[0, half:]]) if self.bidirectional else rows[-1]
        if self.kind == "mean":
            return rows.mean(0)
        if self.kind == "max":
            return rows.max(0).values
        scores = self.attention["query"](torch.tanh(self.attention["projection"](rows)))
        return (torch.softmax(scores, 0) * rows).sum(0)

    def forward(self, rows):
        parts = torch.split(rows, self.lengths)
        if self.kind in ("conv1d", "max_pool", "avg_pool"):
            return torch.cat([self.call[0](p.T[None])[0].T for p in parts])
        return torch.stack([self.one(p) for p in parts])


def batch_norm(size):
    module = nn.BatchNorm1d(size)
    module.weight.data, module.bias.data = draw(size), draw(size)
    module.running_mean.data, module.running_var.data = draw(size), draw(size).abs() + 0.5
    return module


class Frozen(nn.Module):
    """A batch normalisation with its running statistics, still learning weight and bias."""

    def __init__(self, module):
        super().__init__()
        module.eval()
        for name, t in module.named_parameters():
            self.register_parameter(name, t)
        for name, t in module.named_buffers():
            self.register_buffer(name, t)
        self.call = [module]

    def forward(self, x):
        return self.call[0](x)


def fresh_layer_case(name, kind, make, x, **options):
    """For layers whose buffers move with every call: the shape comes from a twin."""
    state = torch.get_rng_state()
    shape = make()(x).shape
    torch.set_rng_state(state)
    module = rounded(make())
    target = draw(*shape)
    case = dict(name=name, kind=kind, target=tensor(target), **options)

    def run(leaf):
        y = module(leaf)
        return F.mse_loss(y, target), {"output": y}

    return record(case, module, x, run)


def embedding_case():
    module, indices, target = rounded(nn.Embedding(6, 3)), [2, 0, 5, 2, 2, 1], draw(6, 3)
    case = dict(name="embedding", kind="embedding", indices=indices, target=tensor(target), sizes=[6, 3])

    def run(leaf):
        y = module(leaf)
        return F.mse_loss(y, target), {"output": y}

    return record(case, module, torch.tensor(indices), run)


def layer_cases():
    torch.manual_seed(7)
    yield layer_case("linear", "linear", nn.Linear(4, 3), draw(5, 4), sizes=[4, 3], bias=True)
    yield layer_case("linear on three axes", "linear", nn.Linear(4, 3), draw(2, 3, 4), sizes=[4, 3], bias=True)
    yield layer_case("linear without bias", "linear", nn.Linear(4, 3, bias=False), draw(5, 4), sizes=[4, 3], bias=False)
    yield embedding_case()
    for name in ["ReLU", "GELU", "Tanh", "Sigmoid"]:
        yield layer_case(name.lower(), name.lower(), getattr(nn, name)(), draw(4, 5, scale=2))
    norm = nn.LayerNorm(6)
    norm.weight.data, norm.bias.data = draw(6), draw(6)
    yield layer_case("layer norm", "layer_norm", norm, draw(4, 6, scale=3) + 2, sizes=[6])
    training = dict(sizes=[4], training=True)
    yield fresh_layer_case("batch norm in training", "batch_norm", lambda: batch_norm(4), draw(7, 4) + 1, **training)
    yield fresh_layer_case("batch norm over length", "batch_norm", lambda: batch_norm(4), draw(3, 4, 5), **training)
    frozen = dict(sizes=[4], training=False)
    yield fresh_layer_case("batch norm in use", "batch_norm", lambda: Frozen(batch_norm(4)), draw(7, 4), **frozen)
    yield fresh_layer_case("the same over length", "batch_norm", lambda: Frozen(batch_norm(4)), draw(3, 4, 5), **frozen)
    for kernel, stride, dilation, padding in [
        (3, 1, 1, 0), (3, 1, 1, 1), (2, 2, 1, 1), (3, 1, 2, 2), (3, 2, 2, 3), (1, 1, 1, 0), (4, 1, 1, "same"),
        (3, 1, 2, "same"), (3, 1, 1, "same"),
    ]:
        options = dict(kernel=kernel, stride=stride, dilation=dilation, padding=0 if padding == "same" else padding,
                       same=padding == "same", sizes=[3, 4], bias=True)
        name = f"conv1d K {kernel}, stride {stride}, dilation {dilation}, padding {padding}"
        make = lambda: nn.Conv1d(3, 4, kernel, stride=stride, dilation=dilation, padding=padding)
        yield layer_case(name, "conv1d", make(), draw(2, 3, 7), **options)
        lengths = [7, 5, 6]
        yield layer_case(name + ", ragged", "conv1d", Ragged(lengths, "conv1d", make()), draw(18, 3), lengths=lengths,
                         **options)
    yield layer_case("conv1d without bias", "conv1d", nn.Conv1d(3, 4, 3, bias=False), draw(2, 3, 5), kernel=3,
                     stride=1, dilation=1, padding=0, same=False, sizes=[3, 4], bias=False)
    for kernel, stride, padding, dilation in [(2, 2, 0, 1), (3, 1, 1, 1), (3, 2, 1, 2)]:
        options = dict(kernel=kernel, stride=stride, padding=padding, dilation=dilation)
        pool = nn.MaxPool1d(kernel, stride=stride, padding=padding, dilation=dilation)
        yield layer_case(f"max pool {options}", "max_pool", pool, spaced(2, 3, 8), **options)
        yield layer_case(f"max pool {options}, ragged", "max_pool", Ragged([8, 5], "max_pool", pool), spaced(13, 2),
                         lengths=[8, 5], **options)
    for counts in [True, False]:
        options = dict(kernel=3, stride=2, padding=1, dilation=1, countsPadding=counts)
        pool = nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=counts)
        yield layer_case(f"average pool {options}", "avg_pool", pool, draw(2, 3, 8), **options)
        yield layer_case(f"average pool {options}, ragged", "avg_pool", Ragged([7, 4], "avg_pool", pool), draw(11, 2),
                         lengths=[7, 4], **options)
    for kind in ["last", "mean", "max", "attention"]:
        for bidirectional in [False, True]:
            lengths = [3, 1, 5]
            module = Ragged(lengths, kind, nn.Linear(4, 3) if kind == "attention" else None, bidirectional)
            yield layer_case(f"{kind} over length" + (", two directions" if bidirectional else ""), kind, module,
                             spaced(9, 4), lengths=lengths, bidirectional=bidirectional, sizes=[4, 3])


# Losses -------------------------------------------------------------------------------------------------------------


def loss_case(name, kind, x, target, weight=None, mask=None, **options):
    leaf = x.clone().requires_grad_()
    if kind == "squared_error":
        each = F.mse_loss(leaf, target, reduction="none")
    elif kind == "huber":
        each = F.huber_loss(leaf, target, reduction="none", delta=options["delta"])
    elif kind == "binary":
        positive = options.get("positiveWeights")
        each = F.binary_cross_entropy_with_logits(
            leaf, target, reduction="none", pos_weight=None if positive is None else torch.tensor(positive))
    w = torch.ones_like(each) if weight is None else weight.reshape(-1, *[1] * (each.dim() - weight.dim())).expand_as(
        each) if weight.dim() < each.dim() else weight
    if mask is not None:
        m = torch.tensor(mask)
        w = w * (m.reshape(-1, *[1] * (each.dim() - 1)) if len(mask) != each.numel() else m.reshape(each.shape))
    loss = (w * each).sum() / w.sum()
    loss.backward()
    case = dict(name=name, kind=kind, input=tensor(x), target=tensor(target), loss=loss.item(),
                inputGradient=tensor(leaf.grad), **options)
    if weight is not None:
        case["weights"] = tensor(weight)
    if mask is not None:
        case["mask"] = mask
    return case


def softmax_case(name, x, labels, class_weights=None, weight=None, mask=None):
    leaf = x.clone().requires_grad_()
    y = torch.tensor(labels)
    if weight is None and mask is None:
        loss = F.cross_entropy(leaf, y, weight=class_weights)
    else:
        each = F.cross_entropy(leaf, y, reduction="none")
        w = (class_weights if class_weights is not None else torch.ones(x.shape[1]))[y]
        w = w * (weight if weight is not None else 1.0)
        if mask is not None:
            w = w * torch.tensor(mask)
        loss = (w * each).sum() / w.sum()
    loss.backward()
    case = dict(name=name, kind="softmax", input=tensor(x), labels=labels, loss=loss.item(),
                inputGradient=tensor(leaf.grad))
    if class_weights is not None:
        case["classWeights"] = tensor(class_weights)
    if weight is not None:
        case["weights"] = tensor(weight)
    if mask is not None:
        case["mask"] = mask
    return case


def loss_cases():
    torch.manual_seed(8)
    weights, mask = draw(6).abs(), [True, False, True, True, False, True]
    for kind, options, binary in [
        ("squared_error", {}, False), ("huber", {"delta": 1.0}, False), ("huber", {"delta": 0.5}, False),
        ("binary", {}, True), ("binary", {"positiveWeights": [2.5, 0.5, 3.0]}, True),
        ("binary", {"positiveWeights": [4.0]}, True),
    ]:
        def data():
            target = (draw(6, 3) > 0).double() if binary else draw(6, 3)
            return draw(6, 3, scale=2), target
        yield loss_case(kind, kind, *data(), **options)
        yield loss_case(kind + ", a weight a number", kind, *data(), weight=draw(6, 3).abs(), **options)
        yield loss_case(kind + ", a weight a sample", kind, *data(), weight=weights, **options)
        yield loss_case(kind + ", masked", kind, *data(), mask=mask, **options)
        yield loss_case(kind + ", weighted and masked", kind, *data(), weight=weights, mask=mask, **options)
    yield loss_case("binary, soft targets and large logits", "binary", draw(4, 3, scale=30),
                    draw(4, 3).sigmoid().float().double())
    labels, classes = [0, 3, 1, 1, 2, 0], draw(4).abs()
    yield softmax_case("softmax", draw(6, 4), labels)
    yield softmax_case("softmax, class weights", draw(6, 4), labels, classes)
    yield softmax_case("softmax, class and sample weights", draw(6, 4), labels, classes, weights)
    yield softmax_case("softmax, masked", draw(6, 4), labels, None, None, mask)
    yield softmax_case("softmax, all of them", draw(6, 4, scale=10), labels, classes, weights, mask)


# Optimisers ---------------------------------------------------------------------------------------------------------


def optimizer_case(kind, make, **options):
    torch.manual_seed(9)
    module = rounded(nn.ModuleDict(dict(layers=nn.ModuleList([nn.Linear(3, 4), nn.Linear(4, 2)]))))
    x, target = draw(5, 3), draw(5, 2)
    case = dict(name=f"{kind} {options}", kind=kind, input=tensor(x), target=tensor(target),
                parameters={n: tensor(t) for n, t in module.state_dict().items()}, options=options, steps=[])
    optimizer = make(module.parameters())
    for _ in range(3):
        optimizer.zero_grad()
        hidden = torch.tanh(module["layers"][0](x))
        F.mse_loss(module["layers"][1](hidden), target).backward()
        optimizer.step()
        case["steps"].append({n: tensor(t) for n, t in module.state_dict().items()})
    return case


def optimizer_cases():
    optim = torch.optim
    for o in [dict(), dict(weightDecay=0.1), dict(momentum=0.9), dict(momentum=0.9, dampening=0.3, weightDecay=0.01),
              dict(momentum=0.9, nesterov=1.0, weightDecay=0.01)]:
        yield optimizer_case("sgd", lambda p: optim.SGD(
            p, lr=0.1, momentum=o.get("momentum", 0), dampening=o.get("dampening", 0),
            weight_decay=o.get("weightDecay", 0), nesterov="nesterov" in o), learningRate=0.1, **o)
    for o in [dict(), dict(weightDecay=0.1), dict(beta1=0.8, beta2=0.95, epsilon=1e-3)]:
        for kind, make in [("adam", optim.Adam), ("adamw", optim.AdamW)]:
            yield optimizer_case(kind, lambda p: make(
                p, lr=0.01, betas=(o.get("beta1", 0.9), o.get("beta2", 0.999)), eps=o.get("epsilon", 1e-8),
                weight_decay=o.get("weightDecay", 0)), learningRate=0.01, **o)
    for o in [dict(), dict(weightDecay=0.1), dict(momentum=0.9, alpha=0.9)]:
        yield optimizer_case("rmsprop", lambda p: optim.RMSprop(
            p, lr=0.01, alpha=o.get("alpha", 0.99), momentum=o.get("momentum", 0),
            weight_decay=o.get("weightDecay", 0)), learningRate=0.01, **o)


if __name__ == "__main__":
    write("recurrent.json", list(recurrent_cases()))
    write("layers.json", list(layer_cases()))
    write("grids.json", list(grid_cases()))
    write("losses.json", list(loss_cases()))
    write("optimizers.json", list(optimizer_cases()))
