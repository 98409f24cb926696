import type { Works } from "../work.ts";
import { moons, nodes } from "./moons.ts";
import { network } from "./network.ts";
import { chainLength, factors } from "./numbers.ts";

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

  relu(): Linked {
    const out = new Linked(Math.max(0, this.data), [this]);
    out.push = () => {
      if (out.data > 0) this.grad += out.grad;
    };
    return out;
  }

  backward(): void {
    const order: Linked[] = [];
    const seen = new Set<Linked>([this]);
    const stack: [node: Linked, next: number][] = [[this, 0]];
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

const data = moons();
const leaf = (x: number): Linked => new Linked(x);

export const works: Works = {
  scalar: {
    units: nodes,
    run(times) {
      let total = 0;
      for (let turn = 0; turn < times; turn++) {
        const { loss, parameters } = network<Linked>(data, leaf, leaf);
        loss.backward();
        total = parameters.reduce((sum, parameter) => sum + parameter.grad, 0);
      }
      return total;
    },
  },

  chain: {
    units: chainLength,
    run(times) {
      let total = 0;
      for (let turn = 0; turn < times; turn++) {
        const start = leaf(1.5);
        let end = start;
        for (let i = 0; i < chainLength; i++) end = end.mul(leaf(factors[i & 1]!));
        end.backward();
        total += start.grad;
      }
      return total / times;
    },
  },
};
