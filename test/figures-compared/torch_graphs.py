"""Draws the three graphs with torchviz and writes them for TensorBoard: torch_graphs.py NUMBERS FOLDER LOGS.

Prints what was computed as JSON.
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter
from torchviz import make_dot


class Product(nn.Module):
    def forward(self, x, y, w):
        return (x + y) * w


class TwoPaths(nn.Module):
    def forward(self, a, b):
        return (a + b) * (b + 1)


class Network(nn.Module):
    """A network 2-16-16-1 with its loss: TensorBoard draws what `forward` does."""

    def __init__(self, numbers):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
        self.loss = nn.MSELoss()
        # A weight here has a row for each output, over there a column.
        self.load_state_dict({name: torch.tensor(given).T for name, given in numbers["parameters"].items()})

    def forward(self, inputs, targets):
        return self.loss(self.layers(inputs).reshape(-1), targets)


def leaf(number):
    return torch.tensor(number, requires_grad=True)


def main(numbers, folder, logs):
    torch.set_default_dtype(torch.float64)
    numbers = json.loads(Path(numbers).read_text())
    x, y, w = leaf(2.0), leaf(3.0), leaf(4.0)
    a, b = leaf(2.0), leaf(1.0)
    network = Network(numbers)
    inputs, targets = torch.tensor(numbers["inputs"]), torch.tensor(numbers["targets"], dtype=torch.float64)
    graphs = [
        ("product", Product(), (x, y, w), {"x": x, "y": y, "w": w}),
        ("two-paths", TwoPaths(), (a, b), {"a": a, "b": b}),
        ("network", network, (inputs, targets), dict(network.named_parameters())),
    ]
    results = {}
    for name, module, given, names in graphs:
        output = module(*given)
        results[name] = output.item()
        # The small graphs with all that torchviz can show of them; the names are given by hand.
        everything = name != "network"
        picture = make_dot(output, params=names, show_attrs=everything, show_saved=everything)
        picture.format = "png"
        picture.render(f"{folder}/{name}-torchviz", cleanup=True)
        with SummaryWriter(f"{logs}/{name}") as writer:
            writer.add_graph(module, given)
    print(json.dumps(results))


main(*sys.argv[1:])
