/** What a learner writes for the three graphs, and how the figure is asked for. */
export const cells = {
  product: {
    code: `
      import { datasets, mseLoss, nn, Random, relu, reshape, show, variable } from "gradbook";
      const x = variable(2), y = variable(3), w = variable(4);
      const z = (x + y) * w;`,
    output: "z",
    figure: "show(z)",
  },
  "two-paths": {
    code: `
      const a = variable(2), b = variable(1);
      const e = (a + b) * (b + 1);`,
    output: "e",
    figure: "show(e, { step: 7 })",
  },
  network: {
    code: `
      const random = new Random(1986);
      const { inputs, targets } = datasets.moons({ count: 8, random });
      const net = new nn.Sequential(
        new nn.Linear(2, 16, { random }), relu, new nn.Linear(16, 16, { random }), relu, new nn.Linear(16, 1, { random }),
      );
      const loss = mseLoss(reshape(net.forward(inputs), [8]), targets);`,
    output: "loss",
    figure: "show(loss, { expand: [] })",
  },
} as const;

/** The numbers of the third graph, for the other tools. */
export const numbers = `
  ({
    inputs: inputs.toArray(),
    targets: targets.toArray(),
    parameters: Object.fromEntries(net.namedParameters().map(([name, value]) => [name, value.toArray()])),
  })`;
