import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { packagesFolder } from "../peers.ts";
import type { Works } from "../work.ts";
import { moons, nodes } from "./moons.ts";
import { network, type Scalar } from "./network.ts";
import { ten } from "./numbers.ts";

/** Using an array up is the rule there; `ref` asks for one more use. */
interface JaxArray {
  readonly ref: JaxArray;
  dataSync(): Float32Array;
}

/** As much of jax-js as is used here. */
interface Jax {
  init(): Promise<readonly string[]>;
  defaultDevice(name: string): void;
  readonly numpy: {
    array(numbers: number | readonly number[]): JaxArray;
    add(x: JaxArray, y: JaxArray): JaxArray;
    multiply(x: JaxArray, y: JaxArray): JaxArray;
  };
  readonly nn: { relu(x: JaxArray): JaxArray };
  vjp(
    f: (...inputs: JaxArray[]) => JaxArray,
    inputs: readonly JaxArray[],
  ): [JaxArray, ((cotangent: JaxArray) => JaxArray[]) & { dispose(): void }];
  grad(f: (inputs: JaxArray[]) => JaxArray): (inputs: readonly JaxArray[]) => JaxArray[];
}

// It asks for this when it looks for a GPU; Node 20 has none.
if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: {} });
const require = createRequire(path.join(packagesFolder, "package.json"));
const jax = (await import(pathToFileURL(require.resolve("@jax-js/jax")).href)) as Jax;
await jax.init();
// Its backends on Node are cpu and wasm; for ten elements the first is the faster.
jax.defaultDevice("cpu");
const { numpy, nn } = jax;

class Jaxed implements Scalar<Jaxed> {
  private readonly array: JaxArray;

  constructor(array: JaxArray) {
    this.array = array;
  }
  get use(): JaxArray {
    return this.array.ref;
  }
  add(other: Jaxed): Jaxed {
    return new Jaxed(numpy.add(this.use, other.use));
  }
  mul(other: Jaxed): Jaxed {
    return new Jaxed(numpy.multiply(this.use, other.use));
  }
  relu(): Jaxed {
    return new Jaxed(nn.relu(this.use));
  }
}

const x = numpy.array(ten);
const y = numpy.array(ten);
const ones = numpy.array(ten.map(() => 1));
const data = moons();
const parameters = data.weights.flat(2).map((number) => numpy.array(number));

export const works: Works = {
  add: {
    units: 1,
    run(times) {
      let total = 0;
      // Reading consumes the array, and makes it: until then the sum has only been noted down.
      for (let turn = 0; turn < times; turn++) total += numpy.add(x.ref, y.ref).dataSync()[3]!;
      return total / times;
    },
  },

  "add and backward": {
    units: 1,
    run(times) {
      let total = 0;
      for (let turn = 0; turn < times; turn++) {
        const [sum, pullback] = jax.vjp(numpy.add, [x.ref, y.ref]);
        for (const result of [sum, ...pullback(ones.ref)]) total += result.dataSync()[3]!;
        pullback.dispose();
      }
      return total / times;
    },
  },

  scalar: {
    units: nodes,
    run(times) {
      let total = 0;
      for (let turn = 0; turn < times; turn++) {
        const of = jax.grad((inputs) => {
          let next = 0;
          const constant = (number: number): Jaxed => new Jaxed(numpy.array(number));
          return network<Jaxed>(data, () => new Jaxed(inputs[next++]!), constant).loss.use;
        });
        const gradients = of(parameters.map((parameter) => parameter.ref));
        total = gradients.reduce((sum, gradient) => sum + gradient.dataSync()[0]!, 0);
      }
      return total;
    },
  },
};
