"""micrograd in the contest: reads requests and writes replies as contestant.ts does, one JSON object a line."""

import json
import math
import sys
import time

try:
    from micrograd.engine import Value
    from micrograd.nn import MLP
except ImportError as error:
    print(json.dumps({"kind": "failed", "reason": str(error)}), flush=True)
    sys.exit(1)

NODES = 65_814
CHAIN = 1_000_000
PENALTY = 1e-4


def moons():
    """The numbers of moons.ts."""
    seed = 1

    def following():
        nonlocal seed
        seed = seed * 48_271 % 2_147_483_647
        return seed / 1_073_741_823.5 - 1

    sizes = [2, 16, 16, 1]
    weights = [
        [[0.5 * following() for _ in range(sizes[layer] + 1)] for _ in range(size)] for layer, size in enumerate(sizes[1:])
    ]
    points, labels = [], []
    for i in range(50):
        angle = math.pi * i / 49
        points.append([math.cos(angle) + 0.1 * following(), math.sin(angle) + 0.1 * following()])
        labels.append(1)
        points.append([1 - math.cos(angle) + 0.1 * following(), 0.5 - math.sin(angle) + 0.1 * following()])
        labels.append(-1)
    return points, labels, weights


POINTS, LABELS, WEIGHTS = moons()


def scalar():
    """The demonstration of its own repository: its MLP, its loss."""
    model = MLP(2, [16, 16, 1])
    for layer, rows in zip(model.layers, WEIGHTS):
        for neuron, row in zip(layer.neurons, rows):
            neuron.b = Value(row[0])
            neuron.w = [Value(number) for number in row[1:]]
    scores = [model([Value(number) for number in point]) for point in POINTS]
    losses = [(1 + -label * score).relu() for label, score in zip(LABELS, scores)]
    parameters = model.parameters()
    loss = sum(losses) * (1.0 / len(losses)) + PENALTY * sum(p * p for p in parameters)
    loss.backward()
    return sum(p.grad for p in parameters)


def chain():
    start = Value(1.5)
    end = start
    for i in range(CHAIN):
        end = end * (2, 0.5)[i & 1]
    end.backward()
    return start.grad


WORKS = {"scalar": (NODES, scalar), "chain": (CHAIN, chain)}


def measured(request):
    units, work = WORKS[request["work"]]
    turns = 0
    started = time.perf_counter()
    while True:
        result = work()
        turns += 1
        taken = time.perf_counter() - started
        if taken * 1000 >= request["milliseconds"]:
            return {"kind": "measured", "nanoseconds": taken * 1e9 / (turns * units), "result": result}


print(json.dumps({"kind": "ready"}), flush=True)
for line in sys.stdin:
    try:
        reply = measured(json.loads(line))
    except Exception as error:
        reply = {"kind": "failed", "reason": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
