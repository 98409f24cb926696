import { backward, constant, type Value, variable } from "../../src/index.ts";
import { type Measurement, median } from "./report.ts";

/** The plain way to write it: an object a node, a closure for its derivative, a sorted list to walk back. */
class Linked {
  readonly data: number;
  grad = 0;
  readonly inputs: readonly Linked[];
  push: () => void = () => {};

  constructor(data: number, inputs: readonly Linked[] = []) {
    this.data = data;
    this.inputs = inputs;
  }

  add(other: Linked): Linked {
    const out = new Linked(this.data + other.data, [this, other]);
    out.push = () => {
      this.grad += out.grad;
      other.grad += out.grad;
    };
    return out;
  }

  mul(other: Linked): Linked {
    const out = new Linked(this.data * other.data, [this, other]);
    out.push = () => {
      this.grad += other.data * out.grad;
      other.grad += this.data * out.grad;
    };
    return out;
  }

  tanh(): Linked {
    const t = Math.tanh(this.data);
    const out = new Linked(t, [this]);
    out.push = () => {
      this.grad += (1 - t * t) * out.grad;
    };
    return out;
  }

  backward(): void {
    const order: Linked[] = [];
    const seen = new Set<Linked>();
    const stack: [node: Linked, next: number][] = [[this, 0]];
    seen.add(this);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = top[0].inputs[top[1]++];
      if (input === undefined) {
        order.push(top[0]);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push([input, 0]);
      }
    }
    this.grad = 1;
    for (let i = order.length - 1; i >= 0; i--) order[i]!.push();
  }
}

interface Scalar<Self> {
  add(other: Self): Self;
  mul(other: Self): Self;
  tanh(): Self;
}

const layers = [2, 16, 16, 1];
const points = 30;

/** A network over some points, scalar by scalar; returns the loss and how many nodes it took. */
function network<Self extends Scalar<Self>>(leaf: (x: number) => Self, fixed: (x: number) => Self): [Self, number] {
  let nodes = 0;
  let seed = 1;
  const next = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 1_073_741_823.5 - 1;
  };
  const weights = layers
    .slice(1)
    .map((size, layer) =>
      Array.from({ length: size }, () => Array.from({ length: layers[layer]! + 1 }, () => leaf(next()))),
    );
  let loss = fixed(0);
  for (let point = 0; point < points; point++) {
    let signals = [fixed(next()), fixed(next())];
    for (const layer of weights) {
      signals = layer.map((row) => {
        let sum = row[0]!;
        signals.forEach((signal, i) => {
          sum = sum.add(row[i + 1]!.mul(signal));
          nodes += 2;
        });
        nodes++;
        return sum.tanh();
      });
    }
    loss = loss.add(signals[0]!.mul(signals[0]!));
    nodes += 2;
  }
  return [loss, nodes];
}

/** Build, forward and backward of a scalar network, in nanoseconds a node, on the tape and on linked objects. */
export function benchTape(): Measurement[] {
  const tape: number[] = [];
  const linked: number[] = [];
  const time = (into: number[], run: () => number): void => {
    const started = performance.now();
    const nodes = run();
    into.push(((performance.now() - started) * 1e6) / nodes);
  };
  for (let round = 0; round < 25; round++) {
    time(tape, () => {
      const [loss, nodes] = network<Value>(variable, constant);
      backward(loss);
      return nodes;
    });
    time(linked, () => {
      const [loss, nodes] = network<Linked>(
        (x) => new Linked(x),
        (x) => new Linked(x),
      );
      loss.backward();
      return nodes;
    });
  }
  const medians = { tape: median(tape.slice(5)), "linked objects": median(linked.slice(5)) };
  const rates = Object.entries(medians).map(
    ([name, nanoseconds]) => `${name} ${(1e3 / nanoseconds).toFixed(1)} million nodes/s`,
  );
  console.log(`scalar network ${layers.join("-")}, ${points} points: ${rates.join(", ")}`);
  return [{ what: "node, forward and backward", unit: "ns", medians }];
}
