import { backward, constant, graphOf, type Value, variable } from "../../../src/index.ts";
import type { Works } from "../work.ts";
import { moons, nodes } from "./moons.ts";
import { network } from "./network.ts";
import { chainLength, factors, ten } from "./numbers.ts";

const data = moons();
const build = () => network<Value>(data, variable, constant);
const counted = graphOf(build().loss).nodes.length;
if (counted !== nodes) throw new Error(`The network has ${counted} nodes, not ${nodes}.`);

const x = variable(ten);
const y = variable(ten);
const ones = constant(ten.map(() => 1));

export const works: Works = {
  scalar: {
    units: nodes,
    run(times) {
      let total = 0;
      for (let turn = 0; turn < times; turn++) {
        const { loss, parameters } = build();
        const gradients = backward(loss);
        total = 0;
        for (const parameter of parameters) total += gradients.of(parameter).item();
      }
      return total;
    },
  },

  "scalar forward": {
    units: nodes,
    run(times) {
      let total = 0;
      for (let turn = 0; turn < times; turn++) total = build().loss.item();
      return total;
    },
  },

  add: {
    units: 1,
    run(times) {
      let sum = x.add(y);
      for (let turn = 1; turn < times; turn++) sum = x.add(y);
      return sum.data[3]!;
    },
  },

  "add and backward": {
    units: 1,
    run(times) {
      let gradients = backward(x.add(y), { seed: ones });
      for (let turn = 1; turn < times; turn++) gradients = backward(x.add(y), { seed: ones });
      return gradients.output.data[3]! + gradients.of(x).data[3]! + gradients.of(y).data[3]!;
    },
  },

  chain: {
    units: chainLength,
    run(times) {
      let total = 0;
      for (let turn = 0; turn < times; turn++) {
        const start = variable(1.5);
        let end = start;
        for (let i = 0; i < chainLength; i++) end = end.mul(factors[i & 1]!);
        total += backward(end).of(start).item();
      }
      return total / times;
    },
  },
};
