import assert from "node:assert/strict";
import fc from "fast-check";
import { type Ask, keyOf, stepwiseAsks } from "../../../src/checkpoints/asks.ts";
import { CheckpointError } from "../../../src/checkpoints/errors.ts";
import type { CheckpointOptions } from "../../../src/checkpoints/exercise.ts";
import { pointAt } from "../../../src/checkpoints/point.ts";
import { CheckpointSession } from "../../../src/checkpoints/session.ts";
import { twoSlips } from "../../../src/checkpoints/two-slips.ts";
import { toText } from "../../../src/graph/formula.ts";
import { type Graph, graphOf } from "../../../src/graph/graph.ts";
import { add, bindName, mul, pow, sigmoid, sub, type Value, variable } from "../../../src/index.ts";
import { gradient, modelled, sameEverywhere } from "./modelled.ts";
import { randomGraphs } from "./random-graph.ts";

function named(name: string, value: Value): Value {
  bindName(value, name);
  return value;
}

function seedGraph(): Value {
  const a = named("a", add(variable(2, "x"), variable(3, "y")));
  return named("z", mul(a, variable(4, "w")));
}

function twoPaths(): Value {
  const b = variable(1, "b");
  return named("e", mul(named("c", add(variable(2, "a"), b)), named("d", add(b, 1))));
}

function neuron(): Value {
  const p = named("p", mul(variable(2, "w"), variable(1, "x")));
  return named("s", sigmoid(named("u", add(p, variable(-1, "b")))));
}

function neuronPlace(): { graph: Graph; output: number; node: number } {
  const graph = graphOf(neuron());
  return { graph, output: graph.outputs[0]!, node: graph.nodes.find(({ name }) => name === "w")!.index };
}

function reasons(make: () => Value, key: string, answer: string): readonly (readonly [string, string])[] {
  const session = new CheckpointSession();
  session.checkpoint("one", make(), { ask: [key] });
  const [entry] = session.answer("one", { [key]: answer }).entries;
  assert.ok(entry?.kind === "incorrect", `${key} = ${answer}: ${entry?.kind}`);
  return entry.because.map(({ rule, sentence }) => [rule, sentence] as const);
}

describe("the diagnosis", () => {
  const said: readonly (readonly [() => Value, string, string, string, string])[] = [
    [
      twoPaths,
      "de/db",
      "d",
      "path-missing",
      "b reaches e by two paths: b → c → e and b → d → e; you counted one. Missing: b → d → e.",
    ],
    [
      twoPaths,
      "de/db",
      "a + b",
      "path-missing",
      "b reaches e by two paths: b → c → e and b → d → e; you counted one. Missing: b → c → e.",
    ],
    [
      twoPaths,
      "de/db",
      "c d",
      "paths-multiplied",
      "b reaches e in two ways. You multiplied what they bring; contributions of parallel paths add.",
    ],
    [
      twoPaths,
      "de/db",
      "(c + d)/2",
      "paths-averaged",
      "b reaches e in two ways. You took the mean of what they bring; contributions of parallel paths add.",
    ],
    [
      seedGraph,
      "dz/dx",
      "1",
      "upstream-ignored",
      "This is only the local derivative ∂a/∂x; multiply it by ∂z/∂a, the gradient that arrives there.",
    ],
    [
      seedGraph,
      "dz/dx",
      "-w",
      "sign",
      "A sign is wrong: look at ∂a/∂x. (Or the same at ∂z/∂a: the answer cannot tell which.)",
    ],
    [
      seedGraph,
      "dz/da",
      "a",
      "own-factor",
      "The derivative of the product a · w by a is its other factor; you used a itself in ∂z/∂a.",
    ],
    [
      seedGraph,
      "dz/dx",
      "z",
      "value-for-gradient",
      "This is the value of z; asked is ∂z/∂x, how fast the upper one moves with the lower one.",
    ],
    [
      seedGraph,
      "da/dx",
      "y",
      "addition-as-product",
      "x + y is no product: how fast it moves with one term does not depend on the other, and in ∂a/∂x you used the other.",
    ],
    [seedGraph, "dz/dx", "w/2", "halved", "This is half of the right answer: has a factor 2 got lost?"],
    [seedGraph, "a", "x y", "other-operation", "You multiplied; the operation that makes a is addition."],
    [
      neuron,
      "ds/du",
      "s",
      "sigmoid-kept",
      "In ∂s/∂u you used the sigmoid σ(u) itself; its derivative has a second factor.",
    ],
    [
      neuron,
      "ds/du",
      "u(1-u)",
      "sigmoid-of-preactivation",
      "The derivative of the sigmoid is made of its output s; you used its input u.",
    ],
    [neuron, "ds/dw", "s(1-s)", "inner-forgotten", ""],
    [
      neuron,
      "ds/dw",
      "s x",
      "sigmoid-kept",
      "In ∂s/∂u you used the sigmoid σ(u) itself; its derivative has a second factor.",
    ],
    [
      () => named("z", sub(variable(1, "x"), named("q", pow(variable(3, "y"), 3)))),
      "dz/dq",
      "1",
      "subtrahend-sign",
      "In x − q the second term counts with a minus: when q grows, z falls.",
    ],
    [
      () => named("z", pow(variable(3, "y"), 3)),
      "dz/dy",
      "y^2",
      "power-factor-lost",
      "In ∂z/∂y the exponent 3 of y³ comes down as a factor; it is missing.",
    ],
    [
      () => named("z", pow(variable(3, "y"), 3)),
      "dz/dy",
      "3y^3",
      "power-kept",
      "In ∂z/∂y the exponent of y³ must go down by one; you kept it.",
    ],
    [seedGraph, "dz/dw", "1", "local-missing", "∂z/∂w is not 1: a · w does not move one for one with w."],
    [
      () => named("z", mul(variable(7, "w"), named("a", sub(variable(2, "x"), variable(3, "y"))))),
      "z",
      "w x - y",
      "brackets-missing",
      "Brackets are missing: a is computed first, as a whole.",
    ],
    [seedGraph, "z", "x + y w", "brackets-missing", "Brackets are missing: a is computed first, as a whole."],
    [
      () => named("a", sub(variable(7, "p"), variable(2, "r"))),
      "da/dr",
      "-r",
      "subtrahend-kept",
      "In p − r the term r moves a one for one, downwards; in ∂a/∂r you used r itself.",
    ],
    [
      twoPaths,
      "de/db",
      "1 + c",
      "upstream-ignored",
      "You left out ∂e/∂c, the gradient that arrives at c: multiply ∂c/∂b by it.",
    ],
  ];
  for (const [make, key, answer, rule, sentence] of said) {
    it(`${key} = ${answer}: ${rule}`, () => {
      const found = reasons(make, key, answer);
      const place = found.findIndex(([id]) => id === rule);
      assert.ok(place >= 0, JSON.stringify(found));
      if (sentence !== "") assert.deepEqual(found[0], [rule, sentence]);
    });
  }

  it("says that two slips at once are two, where no single one gives the answer", () => {
    const [[rule, sentence] = ["", ""], ...others] = reasons(neuron, "ds/dw", "-u(1-u)x");
    assert.deepEqual([rule, others], ["two-slips", []]);
    assert.match(sentence, /^Two slips at once\. The derivative of the sigmoid is made of .* And: .*sign/);
    // A bare number at one point could be any two.
    assert.deepEqual(reasons(neuron, "ds/dw", "17.25"), []);
  });

  it("looks for two slips at different wires only, and never speaks of two where one will do", () => {
    const { graph, output, node } = neuronPlace();
    const ask: Ask = { kind: "gradient", output, node };
    const pairs = [...twoSlips(graph, ask, new Set())];
    assert.ok(pairs.length > 20);
    fc.assert(
      fc.property(fc.constantFrom(...pairs), fc.constantFrom(0.3, -0.7, 1.1), (pair, x) => {
        const point = pointAt(graph, new Map([[graph.nodes.find(({ name }) => name === "x")!.index, x]]));
        assert.ok(Number.isFinite(pair.at(point)));
        assert.equal(new Set(pair.marks.map((mark) => JSON.stringify(mark))).size, 2);
      }),
    );
    for (const single of ["s(1-s)", "s x", "s(1-s)w", "u(1-u)x"]) {
      assert.ok(
        reasons(neuron, "ds/dw", single).every(([rule]) => rule !== "two-slips"),
        single,
      );
    }
  });

  it("tells a number that is right at one point from the formula that is asked", () => {
    const session = new CheckpointSession();
    session.checkpoint("one", seedGraph(), { ask: ["dz/dx"], at: "anywhere" });
    const rules = (answer: string): readonly string[] => {
      const [entry] = session.answer("one", { "dz/dx": answer }).entries;
      return entry?.kind === "incorrect" ? entry.because.map(({ rule }) => rule) : [];
    };
    assert.deepEqual(rules("4"), ["number-for-formula"]);
    assert.deepEqual(rules("17"), []);
    const neuronal = new CheckpointSession();
    neuronal.checkpoint("one", neuron(), { ask: ["ds/du"], at: "anywhere" });
    // σ′(1) = 0.1966…, as one reads it off a figure.
    const [entry] = neuronal.answer("one", { "ds/du": "0.197" }).entries;
    assert.ok(entry?.kind === "incorrect" && entry.because[0]?.rule === "number-for-formula");
  });

  it("names the path and draws what was counted and what is missing", () => {
    const session = new CheckpointSession();
    const e = twoPaths();
    session.checkpoint("one", e, { ask: ["de/db"] });
    const hook = Symbol.for("Jupyter.display");
    const outcome = session.answer("one", { "de/db": "d" }) as unknown as Record<
      symbol,
      () => Record<string, unknown>[]
    >;
    const figure = JSON.stringify(outcome[hook]!()[1]);
    assert.match(figure, /missing path b → d → e/);
    assert.match(figure, /yours ∂e\/∂b = d ✗/);
    assert.match(figure, /a path is missing from your sum/);
  });

  it("does not say of a constant that it is another derivative, where there is more to say", () => {
    assert.deepEqual(
      reasons(seedGraph, "dz/dw", "1").map(([rule]) => rule),
      ["local-missing", "one"],
    );
  });

  it("says that an answer follows from an earlier wrong one", () => {
    const session = new CheckpointSession();
    session.checkpoint("one", seedGraph());
    const outcome = session.answer("one", {
      a: "6",
      z: "24",
      "dz/da": "a",
      "dz/dx": "x + y",
      "dz/dw": "6",
      "da/dx": "1",
    });
    const follows = outcome.entries.flatMap((entry) => (entry.kind === "follows" ? [[entry.key, ...entry.from]] : []));
    assert.deepEqual(follows, [
      ["z", "a"],
      ["dz/dx", "dz/da"],
      ["dz/dw", "a"],
    ]);
    assert.equal(outcome.right, 1);
  });

  describe("takes derivatives found before as part of an answer", () => {
    type Entries = Readonly<Record<string, string>>;
    const kindsOf = (answers: Entries, options: CheckpointOptions = { at: "anywhere" }): readonly string[] => {
      const session = new CheckpointSession();
      session.checkpoint("one", seedGraph(), options);
      return session
        .answer("one", answers)
        .entries.flatMap((entry) =>
          entry.kind === "missing" ? [] : [entry.kind === "unreadable" ? entry.message : entry.kind],
        );
    };

    it("gradients nearer to the output, and local derivatives", () => {
      for (const answer of ["dz/da * 1", "∂z/∂a · ∂a/∂x", "dz/da", "d z / d a da/dx", "dz/dy"]) {
        const [key, text] = answer === "dz/dy" ? ["dz/dw", "a + 0 dz/da"] : ["dz/dx", answer];
        assert.deepEqual(kindsOf({ [key]: text }), ["correct"], answer);
      }
      assert.deepEqual(kindsOf({ "dz/dy": "dz/dx" }), ["correct"]);
    });

    it("none that come later, are not asked, or are what is asked", () => {
      const refused = (answers: Entries, options?: CheckpointOptions): string => kindsOf(answers, options)[0]!;
      assert.match(refused({ "dz/da": "dz/dx" }), /∂z\/∂x comes after ∂z\/∂a on the way back/);
      assert.match(refused({ "dz/dx": "dz/dx" }), /∂z\/∂x is what is asked here/);
      assert.match(refused({ "dz/dx": "dz/dz * w" }), /∂z\/∂z is 1/);
      const only: CheckpointOptions = { ask: ["dz/dx"], at: "anywhere" };
      assert.match(refused({ "dz/dx": "dz/da da/dx" }, only), /∂z\/∂a is not asked in this checkpoint/);
      assert.match(refused({ "da/dx": "dz/dx / w" }), /A derivative's symbol cannot be part of an answer/);
    });

    it("with a step that waits where the earlier one is wrong, and is no second mistake", () => {
      const session = new CheckpointSession();
      session.checkpoint("one", seedGraph(), { at: "anywhere" });
      const wrong = { "dz/da": "a", "dz/dx": "dz/da da/dx", "dz/dy": "dz/dx" };
      const { entries, right } = session.answer("one", wrong);
      const found = entries.flatMap((entry) =>
        entry.kind === "follows" ? [[entry.key, entry.stands, ...entry.from]] : [],
      );
      assert.deepEqual(found, [
        ["dz/dx", true, "dz/da"],
        ["dz/dy", true, "dz/da"],
      ]);
      assert.equal(right, 0);
      assert.equal(session.answer("one", { ...wrong, "dz/da": "w" }).right, 3);
    });

    it("and where numbers count, gives no number away before it is found", () => {
      assert.deepEqual(kindsOf({ "dz/dx": "dz/da" }, {}), ["follows"]);
      assert.deepEqual(kindsOf({ "dz/da": "4", "dz/dx": "dz/da" }, {}), ["correct", "correct"]);
    });

    it("also in a wrong answer, which is explained", () => {
      const session = new CheckpointSession();
      session.checkpoint("one", seedGraph(), { at: "anywhere" });
      const [entry] = session.answer("one", { "dz/dx": "dz/da^2" }).entries.filter(({ kind }) => kind !== "missing");
      assert.ok(entry?.kind === "incorrect");
      assert.deepEqual([entry.got, entry.because[0]?.rule], ["(∂z/∂a)²", "link-twice"]);
    });

    it("and looks for the slip after what is named", () => {
      const place = (answer: string): string => reasons(seedGraph, "dz/dx", answer)[0]![1];
      assert.equal(
        place("-w"),
        "A sign is wrong: look at ∂a/∂x. (Or the same at ∂z/∂a: the answer cannot tell which.)",
      );
      const session = new CheckpointSession();
      session.checkpoint("one", seedGraph(), { at: "anywhere" });
      const [entry] = session.answer("one", { "dz/dx": "-dz/da" }).entries.filter(({ kind }) => kind !== "missing");
      assert.equal(entry?.kind === "incorrect" && entry.because[0]?.sentence, "A sign is wrong: look at ∂a/∂x.");
    });
  });

  it("finds nothing in answers that no slip gives, and shows where they differ", () => {
    for (const answer of ["w + 2", "x y w", "exp(w)", "w^3 - y", "17", "sin(x) + 2w", "3w"]) {
      const session = new CheckpointSession();
      session.checkpoint("one", seedGraph(), { ask: ["dz/dx"], at: "anywhere" });
      const [entry] = session.answer("one", { "dz/dx": answer }).entries;
      assert.ok(entry?.kind === "incorrect");
      assert.deepEqual(entry.because, [], answer);
      assert.ok(entry.example !== undefined && entry.example.yours !== entry.example.computed);
    }
  });

  it("diagnoses modelled mistakes on random graphs, and rejects all that differ", () => {
    const counts = { modelled: 0, intended: 0, first: 0, equal: 0 };
    fc.assert(
      fc.property(randomGraphs(6), fc.nat(1_000_000), (z, pick) => {
        const graph = graphOf(z);
        const session = new CheckpointSession();
        try {
          session.checkpoint("one", z, { at: "anywhere" });
        } catch (error) {
          assert.ok(error instanceof CheckpointError);
          return;
        }
        const asks = stepwiseAsks(graph).filter((ask) => ask.kind === "gradient");
        const ask = asks[pick % asks.length]!;
        for (const { rule, formula } of modelled(graph, ask)) {
          const text = toText(formula);
          if (text.length > 500) continue;
          const key = keyOf(graph, ask);
          const [entry] = session.answer("one", { [key]: text }).entries.filter((one) => one.key === key);
          assert.ok(entry !== undefined);
          if (sameEverywhere(graph, formula, gradient(graph, ask))) {
            counts.equal++;
            assert.equal(entry.kind, "correct", `${key} = ${text}`);
            continue;
          }
          assert.ok(entry.kind === "incorrect", `${key} = ${text}: ${entry.kind}`);
          counts.modelled++;
          const place = entry.because.findIndex((reason) => rule.includes(reason.rule));
          if (place >= 0) counts.intended++;
          if (place === 0) counts.first++;
        }
      }),
      { numRuns: 50, seed: 7 },
    );
    const text = JSON.stringify(counts);
    assert.ok(counts.modelled > 500, text);
    assert.ok(counts.intended >= 0.95 * counts.modelled, text);
  });
});
