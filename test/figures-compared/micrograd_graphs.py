"""Draws the three graphs with micrograd's draw_dot: micrograd_graphs.py NOTEBOOK NUMBERS FOLDER WORK.

The notebook is trace_graph.ipynb of micrograd's repository, where draw_dot is defined. Prints what was computed as JSON.
"""

import json
import sys
from pathlib import Path

from micrograd.engine import Value
from micrograd.nn import MLP

# A page shows the network's picture this wide; dot draws it several times wider than that. In inches, 96 pixels each.
WHOLE = {"size": "15.6,100", "dpi": "96"}


def defined_in(notebook):
    """What the notebook's cell with draw_dot defines, and the cells that it needs."""
    names = {}
    for cell in json.loads(Path(notebook).read_text())["cells"]:
        code = "".join(cell["source"])
        if "import Digraph" in code or "def draw_dot" in code:
            exec(code, names)
    return names


def product():
    x, y, w = Value(2), Value(3), Value(4)
    return (x + y) * w


def two_paths():
    a, b = Value(2), Value(1)
    return (a + b) * (b + 1)


def network(numbers, count):
    """The mean squared error of the first points."""
    model = MLP(2, [16, 16, 1])
    for place, layer in enumerate(model.layers):
        # Every other layer over there is a ReLU; here it is a part of the neurons.
        weight = numbers["parameters"][f"layers.{2 * place}.weight"]
        bias = numbers["parameters"][f"layers.{2 * place}.bias"]
        for index, neuron in enumerate(layer.neurons):
            neuron.w = [Value(row[index]) for row in weight]
            neuron.b = Value(bias[index])
    errors = [
        (model([Value(number) for number in point]) - target) ** 2
        for point, target in zip(numbers["inputs"][:count], numbers["targets"])
    ]
    return sum(errors) * (1 / count)


def main(notebook, numbers, folder, work):
    notebook = defined_in(notebook)
    numbers = json.loads(Path(numbers).read_text())
    results = {}
    for name, output in [("product", product()), ("two-paths", two_paths()), ("network", network(numbers, 1))]:
        output.backward()
        picture = notebook["draw_dot"](output, format="png")
        if name == "network":
            # A part as large as dot draws it, before the whole is made smaller.
            picture.render(f"{work}/network-full", cleanup=True)
            picture.graph_attr.update(WHOLE)
        picture.render(f"{folder}/{name}-draw-dot", cleanup=True)
        results[name] = output.data
    whole = network(numbers, len(numbers["inputs"]))
    nodes, _ = notebook["trace"](whole)
    results["batch"] = whole.data
    results["boxes"] = {"one": boxes(notebook["trace"](output)[0]), "batch": boxes(nodes)}
    print(json.dumps(results))


def boxes(nodes):
    """draw_dot has one for each value and one for each operation."""
    return len(nodes) + sum(node._op != "" for node in nodes)


main(*sys.argv[1:])
