import { createRequire } from "node:module";
import path from "node:path";
import { packagesFolder } from "../peers.ts";
import type { Works } from "../work.ts";
import { moons, nodes } from "./moons.ts";
import { network, type Scalar } from "./network.ts";
import { ten } from "./numbers.ts";

interface Tensor extends Scalar<Tensor> {
  dataSync(): Float32Array;
  dispose(): void;
}

/** As much of TF.js as is used here. */
interface TensorFlow {
  scalar(x: number): Tensor;
  tensor1d(numbers: readonly number[]): Tensor;
  ones(shape: readonly number[]): Tensor;
  setBackend(name: string): Promise<boolean>;
  tidy<Result>(run: () => Result): Result;
  grads(f: (...inputs: Tensor[]) => Tensor): (inputs: readonly Tensor[]) => Tensor[];
  valueAndGrads(
    f: (...inputs: Tensor[]) => Tensor,
  ): (inputs: readonly Tensor[], cotangent: Tensor) => { readonly value: Tensor; readonly grads: readonly Tensor[] };
  env(): { set(flag: string, value: boolean): void };
}

const require = createRequire(path.join(packagesFolder, "package.json"));
const silent = console.warn;
// Its advice to install its native package is no news in a benchmark.
console.warn = () => {};
const tf = require("@tensorflow/tfjs") as TensorFlow;
console.warn = silent;

/** What TF.js does with one of its backends. */
export async function tensorflow(backend: "cpu" | "wasm"): Promise<Works> {
  tf.env().set("PROD", true);
  if (backend === "wasm") {
    const wasm = require("@tensorflow/tfjs-backend-wasm") as { setWasmPaths(folder: string): void };
    wasm.setWasmPaths(`${path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json"))}/dist/`);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} does not start`);

  const x = tf.tensor1d(ten);
  const y = tf.tensor1d(ten);
  const ones = tf.ones([ten.length]);
  const both = tf.valueAndGrads((a, b) => a!.add(b!));
  const data = moons();
  const constant = (number: number): Tensor => tf.scalar(number);
  const parameters = data.weights.flat(2).map(constant);

  return {
    add: {
      units: 1,
      run(times) {
        let result = 0;
        for (let turn = 1; turn <= times; turn++) {
          const sum = x.add(y);
          if (turn === times) result = sum.dataSync()[3]!;
          sum.dispose();
        }
        return result;
      },
    },

    "add and backward": {
      units: 1,
      run(times) {
        let total = 0;
        for (let turn = 1; turn <= times; turn++) {
          const { value, grads } = both([x, y], ones);
          for (const result of [value, ...grads]) {
            if (turn === times) total += result.dataSync()[3]!;
            result.dispose();
          }
        }
        return total;
      },
    },

    scalar: {
      units: nodes,
      run(times) {
        let total = 0;
        for (let turn = 0; turn < times; turn++) {
          const of = tf.grads((...inputs) => {
            let next = 0;
            return network<Tensor>(data, () => inputs[next++]!, constant).loss;
          });
          total = tf.tidy(() => of(parameters).reduce((sum, gradient) => sum + gradient.dataSync()[0]!, 0));
        }
        return total;
      },
    },
  };
}
