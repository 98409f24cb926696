import assert from "node:assert/strict";
import fc from "fast-check";
import { keyOf, stepwiseAsks } from "../../../src/checkpoints/asks.ts";
import { CheckpointError } from "../../../src/checkpoints/errors.ts";
import { exerciseOf } from "../../../src/checkpoints/exercise.ts";
import { CheckpointSession } from "../../../src/checkpoints/session.ts";
import { workedAnswer } from "../../../src/checkpoints/solution.ts";
import { graphOf } from "../../../src/graph/graph.ts";
import {
  add,
  bindName,
  constant,
  div,
  exp,
  log,
  maximum,
  mul,
  pow,
  relu,
  sigmoid,
  sqrt,
  sub,
  tanh,
  type Value,
  variable,
} from "../../../src/index.ts";
import { randomGraphs } from "./random-graph.ts";

function named(name: string, value: Value): Value {
  bindName(value, name);
  return value;
}

const x = (): Value => variable(2, "x");
const y = (): Value => variable(3, "y");
const w = (): Value => variable(4, "w");

/** Graphs with right and wrong answers, in many forms. */
const corpus: readonly {
  readonly of: string;
  readonly make: () => Value;
  readonly right: Readonly<Record<string, readonly string[]>>;
  readonly wrong: Readonly<Record<string, readonly string[]>>;
}[] = [
  {
    of: "z = (x + y) · w",
    make: () => named("z", mul(named("a", add(x(), y())), w())),
    right: {
      a: ["x + y", "y+x", "5", "2 + 3", "x - (-y)"],
      z: ["a w", "(x+y)w", "xw + yw", "20"],
      "da/dx": ["1", "w/w", "x/x", "(a-y)/x"],
      "dz/da": ["w", "4", "z/a", "w^1", "2w - w"],
      "dz/dw": ["a", "x + y", "5", "z/w", "(x^2 - y^2)/(x - y)"],
      "dz/dx": ["w", "1·w", "w * 1", "4", "w + x - x", "-(-w)", "w + 0w"],
    },
    wrong: {
      a: ["x y", "x", "6", "x + y + 0.001"],
      "da/dx": ["x", "0", "y", "2", "w"],
      "dz/da": ["a", "1", "-w", "sqrt(w^2)", "max(w, -w)"],
      "dz/dw": ["w", "1", "x", "x·y", "6"],
      "dz/dx": ["1", "a", "x", "w + 0.000000001", "y w", "w^2/4", "4.0001", "0w", "sqrt(-1)", "1/0", "0/0", "9^9^9^9"],
    },
  },
  {
    of: "e = (a + b)(b + 1)",
    make: () => {
      const b = variable(1, "b");
      return named("e", mul(named("c", add(variable(2, "a"), b)), named("d", add(b, 1))));
    },
    right: {
      "de/db": ["a + 2b + 1", "c + d", "d + (a + b)", "1 + a + b·2", "5", "((b+1)^2 - (a+b)^2)/(1 - a)"],
      "de/da": ["b + 1", "d", "e/c", "(b^2 - 1)/(b - 1)"],
    },
    wrong: { "de/db": ["c", "d", "c d", "a + b + 1", "c - d", "6"], "de/da": ["b", "c", "1", "d^2"] },
  },
  {
    of: "a sigmoid neuron",
    make: () =>
      named("s", sigmoid(named("u", add(named("p", mul(variable(2, "w"), variable(1, "x"))), variable(-1, "b"))))),
    right: {
      "ds/du": [
        "s(1-s)",
        "s - s²",
        "σ(u)(1-σ(u))",
        "σ(u)·σ(-u)",
        "exp(-u)/(1+exp(-u))^2",
        "1/(2 + exp(u) + exp(-u))",
        "(1 - tanh(u/2)^2)/4",
        "0.197",
      ],
      "ds/dw": ["s(1-s)x", "x·s - x·s^2", "σ(w x + b)(1 - σ(w x + b))x"],
      "ds/db": ["s(1-s)"],
    },
    wrong: {
      "ds/du": ["s", "1-s", "u(1-u)", "s(1+s)", "1 - s^2", "σ(s)(1-σ(s))", "0.19", "0.2", "exp(-u)/(1+exp(-u))"],
      "ds/dw": ["s(1-s)", "s x", "s(1-s)w", "(1-s)x"],
      "ds/db": ["1", "s(1-s)b"],
    },
  },
  {
    of: "y = (x² + 1)³ / x",
    make: () => {
      const first = x();
      return named("y", div(named("a", pow(add(pow(first, 2), 1), 3)), first));
    },
    right: {
      "dy/dx": ["(6x^2(x^2+1)^2 - (x^2+1)^3)/x^2", "6(x^2+1)^2 - a/x^2", "(x^2+1)^2 (5 - 1/x^2)", "6(x^2+1)^2 - y/x"],
    },
    wrong: { "dy/dx": ["6x(x^2+1)^2", "6(x^2+1)^2", "3(x^2+1)^2/x", "(6x^2(x^2+1)^2 + a)/x^2"] },
  },
  {
    of: "y = ln(x) √w",
    make: () => named("y", mul(log(x()), sqrt(w()))),
    right: {
      "dy/dx": ["√w/x", "sqrt(w)/x", "w/(x·√w)", "1/(x/√w)"],
      "dy/dw": ["ln(x)/(2√w)", "log(x)·w^(-1/2)/2", "y/(2w)", "log(x^2)/(4√w)"],
    },
    wrong: { "dy/dx": ["1/x", "√w·log(x)", "√w"], "dy/dw": ["ln(x)/√w", "ln(x)·√w/2", "ln(x)/(2w)"] },
  },
  {
    of: "ReLU and max",
    make: () => named("z", add(relu(named("a", mul(x(), y()))), maximum(x(), variable(1.25, "v")))),
    right: { "dz/dy": ["[a > 0] x", "x (a > 0)", "[x y > 0]·x", "relu(a)/y"] },
    wrong: { "dz/dy": ["x", "relu(a)", "[a < 0] x", "relu(x)", "1"] },
  },
  {
    of: "tanh(x)/3 and a constant that is no whole number",
    make: () => named("z", mul(tanh(x()), constant(1 / 3))),
    right: {
      "dz/dx": [
        "(1 - tanh(x)^2)/3",
        "1/3 - 3z^2",
        "0.333333(1 - tanh(x)²)",
        "0.33(1-tanh(x)^2)",
        "4/(3(exp(x)+exp(-x))^2)",
      ],
    },
    wrong: {
      "dz/dx": ["0.3(1 - tanh(x)^2)", "0.34(1 - tanh(x)^2)", "1 - tanh(x)^2", "(1-x^2)/3", "0.333334(1 - tanh(x)²)"],
    },
  },
  {
    of: "exp(x − y)",
    make: () => named("z", exp(sub(x(), y()))),
    right: { "dz/dy": ["-z", "-exp(x-y)", "-exp(x)/exp(y)", "-1/exp(y - x)"], "dz/dx": ["z"] },
    wrong: { "dz/dy": ["z", "exp(x-y)", "-exp(x+y)", "-(x-y)exp(x-y-1)"], "dz/dx": ["1", "exp(x)"] },
  },
];

describe("the verdict", () => {
  let right = 0;
  let wrong = 0;
  for (const { of, make, right: accepted, wrong: rejected } of corpus) {
    it(`accepts every right form and no wrong one: ${of}`, () => {
      const outcomeOf = (key: string, answer: string): string => {
        const session = new CheckpointSession();
        session.checkpoint("one", make(), {
          ask: [key],
          domain: of.includes("ln") ? { x: [0.5, 3], w: [0.5, 3] } : {},
        });
        const outcome = session.answer("one", { [key]: answer });
        assert.notEqual(
          outcome.entries[0]!.kind,
          "unreadable",
          `${key} = ${answer}: ${JSON.stringify(outcome.entries)}`,
        );
        return outcome.kind;
      };
      for (const [key, answers] of Object.entries(accepted)) {
        for (const answer of answers) {
          right++;
          assert.equal(outcomeOf(key, answer), "correct", `${key} = ${answer}`);
        }
      }
      for (const [key, answers] of Object.entries(rejected)) {
        for (const answer of answers) {
          wrong++;
          assert.equal(outcomeOf(key, answer), "incorrect", `${key} = ${answer}`);
        }
      }
    });
  }

  it("was asked about enough of both", () => assert.ok(right > 60 && wrong > 60, `${right} right, ${wrong} wrong`));

  it("accepts every worked answer, on random graphs", () => {
    let asked = 0;
    fc.assert(
      fc.property(randomGraphs(7), (z) => {
        const session = new CheckpointSession();
        const graph = graphOf(z);
        const prompt = tolerant(() => session.checkpoint("one", z));
        fc.pre(prompt !== undefined);
        const exercise = exerciseOf("one", z, {}, "");
        const answers = Object.fromEntries(
          stepwiseAsks(graph)
            .map((ask) => [keyOf(graph, ask), workedAnswer(exercise, ask).formula] as const)
            .filter(([, formula]) => formula.length <= 500),
        );
        const { entries } = session.answer("one", answers);
        for (const entry of entries) {
          if (entry.kind === "missing") continue;
          asked++;
          assert.equal(entry.kind, "correct", `${entry.key} = ${answers[entry.key]}`);
        }
      }),
      { numRuns: 40 },
    );
    assert.ok(asked > 200, `${asked} asked`);
  });

  it("takes what rounding leaves of a gradient that cancels for nothing", () => {
    const c = variable(1.5, "c");
    const session = new CheckpointSession();
    session.checkpoint("one", named("g", div(named("d", relu(c)), c)), { ask: ["dg/dc"] });
    assert.equal(session.answer("one", { "dg/dc": "[c > 0]/c - d/c^2" }).kind, "correct");
    assert.equal(session.answer("one", { "dg/dc": "0" }).kind, "correct");
    assert.equal(session.answer("one", { "dg/dc": "[c > 0]/c" }).kind, "incorrect");
  });

  it("counts a number only where the point is fixed", () => {
    const session = new CheckpointSession();
    const z = mul(x(), y());
    session.checkpoint("here", z, { ask: ["da/dx"] });
    session.checkpoint("there", z, { ask: ["da/dx"], at: { y: 7 } });
    session.checkpoint("anywhere", z, { ask: ["da/dx"], at: "anywhere" });
    assert.equal(session.answer("here", { "da/dx": 3 }).kind, "correct");
    assert.equal(session.answer("here", { "da/dx": 7 }).kind, "incorrect");
    assert.equal(session.answer("there", { "da/dx": "7" }).kind, "correct");
    assert.equal(session.answer("anywhere", { "da/dx": "3" }).kind, "incorrect");
    assert.equal(session.answer("anywhere", { "da/dx": "y" }).kind, "correct");
  });

  it("shows no computed number to an answer that is one", () => {
    const session = new CheckpointSession();
    session.checkpoint("one", mul(x(), y()), { ask: ["da/dx"] });
    const [entry] = session.answer("one", { "da/dx": "2" }).entries;
    assert.ok(entry?.kind === "incorrect" && entry.example === undefined);
  });

  it("says of an answer that holds on one side of a kink that it holds there", () => {
    const session = new CheckpointSession();
    session.checkpoint("one", named("z", relu(mul(x(), y()))), { ask: ["dz/dx"] });
    const [entry] = session.answer("one", { "dz/dx": "y" }).entries;
    assert.ok(entry?.kind === "incorrect" && entry.partly);
    assert.equal(entry.because[0]?.rule, "relu-gate-lost");
  });

  it("tells the author, not the learner, where too few points are usable", () => {
    const never = log(sub(sub(0, pow(x(), 2)), 1));
    assert.throws(() => new CheckpointSession().checkpoint("one", never), CheckpointError);
    assert.throws(() => new CheckpointSession().checkpoint("one", never), /only 0 are usable.*domain/s);
  });
});

/** A graph that has no usable points is none to ask about. */
function tolerant<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof CheckpointError) return undefined;
    throw error;
  }
}
