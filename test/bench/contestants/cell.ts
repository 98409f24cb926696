import { Cells } from "../../support/cells.ts";
import type { Works } from "../work.ts";
import { moons, nodes, penalty } from "./moons.ts";

const numbers = `
const { points, labels, weights } = ${JSON.stringify(moons())};
const penalty = ${penalty};`;

/** The network as a learner writes it: operators, loops, a function. */
const network = `
import { backward, constant, relu, type Value, variable } from "gradbook";

const layers = weights.map((layer) => layer.map((neuron) => neuron.map((number) => variable(number))));
const parameters = layers.flat(2);

function score(point: number[]): Value {
  let signals = point.map((number) => constant(number));
  for (const layer of layers) {
    signals = layer.map((neuron) => {
      let sum = neuron[0];
      for (let i = 0; i < signals.length; i++) sum = sum + neuron[i + 1] * signals[i];
      return layer === layers[2] ? sum : relu(sum);
    });
  }
  return signals[0];
}

const losses = points.map((point, i) => relu(1 - labels[i] * score(point)));
const mean = losses.reduce((sum, loss) => sum + loss) * (1 / points.length);
const squares = parameters.map((parameter) => parameter * parameter).reduce((sum, square) => sum + square);
const loss = mean + penalty * squares;

const gradients = backward(loss);
parameters.reduce((sum, parameter) => sum + gradients.of(parameter).item(), 0)`;

const cells = new Cells();
await cells.run(numbers);
const run = cells.compile(network);

export const works: Works = {
  scalar: {
    units: nodes,
    async run(times) {
      let total: unknown;
      for (let turn = 0; turn < times; turn++) total = (await run())?.[0];
      return total as number;
    },
  },
};
