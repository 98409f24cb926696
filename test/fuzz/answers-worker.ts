import { parentPort, workerData } from "node:worker_threads";
import { AnswerSyntaxError, deepestAnswer, longestAnswer, parseAnswer } from "../../src/checkpoints/parse.ts";
import { CheckpointSession } from "../../src/checkpoints/session.ts";
import { add, bindName, mul, sigmoid, variable } from "../../src/index.ts";

const { seed, until } = workerData as { readonly seed: number; readonly until: number };

/** Numbers from 0 up to `end`, the same for the same seed. */
function numbersFrom(start: number): (end: number) => number {
  let state = start >>> 0;
  return (end) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad) >>> 0;
    mixed = (mixed ^ (mixed >>> 15)) >>> 0;
    return mixed % end;
  };
}

const pick = numbersFrom(seed);
const one = <Item>(items: readonly Item[]): Item => items[pick(items.length)]!;

const pieces = (
  "x y w a z s u σ ∂z/∂x dz/da e π x₁ xw 0 1 2 3.5 .5 1e5 1e400 9^9^9^9 0.1 + - − * · × / ÷ ^ ** ² ⁻¹ ³ ( ) [ ] , > < = >= ≤ == " +
  "sin cos exp log sqrt √ sigmoid tanh relu max min softmax transpose sum outer diag @ ⊙ ᵀ ^T ' \" ` ; { } | ? : && => \\ $ # % ~ ! _ " +
  "constructor __proto__ prototype toString valueOf eval Function globalThis process this import require hasOwnProperty " +
  "\u200b \u202e \u0430 \ud800 \u0000 \n \t 𝑥 ﬁ e\u0301 ½ ∞ NaN Infinity"
).split(" ");
const attacks = [
  "constructor.constructor('globalThis.executed = 1')()",
  `\${globalThis.executed = 1}`,
  "x => (globalThis.executed = 1)",
  "__proto__.executed = 1",
  "(()=>{globalThis.executed=1})()",
  "eval('globalThis.executed = 1')",
];
const wellFormed = [
  "w",
  "s(1-s)x",
  "2(y - t) x",
  "x/(x+y)^2",
  "[u > 0] w",
  "exp(-u)/(1 + exp(-u))^2",
  "(a+b)(b+1)",
  "-x^2",
  "sqrt(x^2 + y^2)",
];

function text(): string {
  switch (pick(8)) {
    case 0:
      return Array.from({ length: pick(40) }, () => String.fromCodePoint(pick(0x11_0000 - 1))).join("");
    case 1:
      return Array.from({ length: pick(60) }, () => String.fromCharCode(32 + pick(95))).join("");
    case 2:
      return mutated(one(wellFormed));
    case 3:
      return mutated(one(attacks));
    case 4: {
      const deep = pick(2 * deepestAnswer + 100_000 * Number(pick(50) === 0));
      return (
        one(["(", "-", "sin(", "[", "x^", "√", "((x)"]).repeat(deep) +
        one(["x", "", "1"]) +
        one([")", "]", ""]).repeat(deep)
      );
    }
    case 5:
      return one(pieces).repeat(1 + pick(300));
    default:
      return Array.from({ length: 1 + pick(40) }, () => one(pieces)).join(one(["", " ", ""]));
  }
}

function mutated(source: string): string {
  const characters = [...source];
  for (let change = 0; change <= pick(4); change++) {
    const at = pick(characters.length + 1);
    if (pick(2) === 0) characters.splice(at, 1);
    else characters.splice(at, pick(2), one(pieces));
  }
  return characters.join("");
}

const [x, y, w] = [variable(2, "x"), variable(3, "y"), variable(4, "w")];
const named = <Made extends Parameters<typeof bindName>[0]>(made: Made, name: string): Made => {
  bindName(made, name);
  return made;
};
const z = named(mul(named(sigmoid(named(add(x, y), "a")), "s"), w), "z");
const session = new CheckpointSession();
session.checkpoint("fuzz", z, { at: "anywhere" });
const names = ["x", "y", "w", "a", "s", "z"];

let tried = 0;
let read = 0;
let slowest = 0;
const globals = Object.getOwnPropertyNames(globalThis).length;

function tryOne(given: string): void {
  const start = performance.now();
  try {
    parseAnswer(given, names);
    if (given.length > longestAnswer) throw new Error(`read, though it is ${given.length} characters long`);
    read++;
  } catch (error) {
    if (!(error instanceof AnswerSyntaxError))
      throw new Error(`${JSON.stringify(given)}: ${String(error)}`, { cause: error });
    if (!(error.position >= 0 && error.position <= given.length))
      throw new Error(`${JSON.stringify(given)}: points at ${error.position}`);
  }
  // The whole way once in a while, as it takes a hundred times longer.
  if (tried % 50 === 0) session.answer("fuzz", { "dz/dx": given, [given.slice(0, 40)]: "1" });
  slowest = Math.max(slowest, performance.now() - start);
  tried++;
  if ("executed" in globalThis || "executed" in {}) throw new Error(`${JSON.stringify(given)} was executed`);
  if (Object.getOwnPropertyNames(globalThis).length !== globals)
    throw new Error(`${JSON.stringify(given)} left a global behind`);
}

while (Date.now() < until) {
  const batch = Array.from({ length: 200 }, text);
  parentPort?.postMessage({ batch: batch.map((given) => JSON.stringify(given.slice(0, 600))).join("\n") });
  for (const given of batch) tryOne(given);
}
if (tried === 0 || read === 0) throw new Error("nothing was read");
parentPort?.postMessage({
  report: `${tried} texts (seed ${seed}): ${read} read, ${tried - read} refused with a place in them, none executed; the slowest took ${slowest.toFixed(0)} ms`,
});
