import assert from "node:assert/strict";
import type { Lint } from "../../../src/checkpoints/lint.ts";
import { CheckpointSession } from "../../../src/checkpoints/session.ts";
import { grad, mul, sum, type Value, variable } from "../../../src/index.ts";

function lintAfter(ask: (session: CheckpointSession) => unknown): Lint {
  const session = new CheckpointSession();
  ask(session);
  const [lint] = session.lint();
  return lint!;
}

const rules = ({ invisible }: Lint): readonly string[] => invisible.map(({ rule, place }) => `${rule} ${place}`.trim());

describe("the lint of functions to be written", () => {
  const product = (x: number, w: number): number => x * w;
  const at = (inputs: readonly (readonly [number, number])[]): Lint =>
    lintAfter((session) => session.exercise("product", product, { reference: product, inputs }));

  it("is content with inputs that show every wrong result", () => {
    const { mistakes, invisible, confusable } = at([
      [2, 3],
      [-4, 5],
    ]);
    assert.deepEqual([mistakes, invisible, confusable], [8, [], []]);
  });

  it("names wrong results that the inputs do not show, and an input that would", () => {
    assert.deepEqual(rules(at([[2, 3]])), ["sign-lost result", "constant result"]);
    const ones = at([
      [1, 1],
      [1, 1],
    ]);
    assert.ok(rules(ones).includes("input-itself result") && rules(ones).includes("inverted result"));
    for (const { remedy } of ones.invisible) assert.match(remedy, /^try it at x = \S+, w = \S+$/);
  });

  it("does not ask to show what cannot be: of a square the sign", () => {
    const found = lintAfter((session) =>
      session.exercise("square", (x: number) => x * x, { reference: (x: number) => x * x, inputs: [[2], [3]] }),
    );
    assert.deepEqual(found.invisible, []);
  });

  it("finds that a batch of one hides a mean taken for a sum", () => {
    const gradient = grad((x: Value) => sum(mul(x, x)));
    const totals = (rows: readonly (readonly number[])[]): Lint =>
      lintAfter((session) =>
        session.exercise("total", (X: Value) => gradient(X), {
          reference: (X: Value) => sum(X, { axes: 0 }),
          inputs: [
            [variable(rows, "X")],
            [
              variable(
                rows.map((row) => row.map((number) => -2 * number)),
                "X",
              ),
            ],
          ],
        }),
      );
    const one = totals([[1, 2]]).invisible.find(({ rule }) => rule === "mean-for-sum");
    assert.match(one!.remedy, /X = \[\[-?−?\d.*\], \[/);
    assert.ok(!rules(totals([[1, 2], [3, 5]])).includes("mean-for-sum result")); // biome-ignore format: a matrix
  });

  it("finds parts that are equal at every input", () => {
    const both = (x: number, w: number): Record<string, number> => ({ x: w, w: x });
    const found = lintAfter(
      (session) =>
      session.exercise("parts", both, { reference: both, inputs: [[2, 2], [-3, -3]] }), // biome-ignore format: pairs
    );
    assert.deepEqual(
      rules(found).filter((rule) => rule.startsWith("other-part")),
      ["other-part x", "other-part w"],
    );
  });
});

describe("the lint of choices", () => {
  const options = { a: "it grows", b: "it falls", c: "It grows " };

  it("names options without a reason, a missing answer and options that say the same", () => {
    const found = lintAfter((session) =>
      session.choice("one", { question: "Which way?", options, because: { a: "No.", c: "No." } }),
    );
    assert.deepEqual(rules(found), ["no-right-answer", "no-reason"]);
    assert.equal(found.invisible[1]!.sentence, "Whoever chooses b does not learn why.");
    assert.deepEqual(
      found.confusable.map((group) => group.map(({ place }) => place)),
      [
        ["a", "c"],
        ["a", "c"],
      ],
    );
  });

  it("is content with a reason for each", () => {
    const because = { a: "The slope is negative.", b: "Yes.", c: "As a." };
    const found = lintAfter((session) =>
      session.choice("one", { question: "Which way?", options: { ...options, c: "it stays" }, right: "b", because }),
    );
    assert.deepEqual([found.mistakes, found.invisible, found.confusable], [2, [], []]);
  });
});

describe("the lint of predictions", () => {
  const question = "What comes out?";

  it("names wrong numbers that count as right", () => {
    const within = (share: number): Lint =>
      lintAfter((session) => session.predict("p", { question, value: 4, within: share }));
    assert.deepEqual(rules(within(0.01)), []);
    assert.deepEqual(rules(within(0.5)), ["halved the prediction"]);
    assert.equal(within(0.5).invisible[0]!.sentence, "2 counts as right, too.");
  });

  it("names several that are the largest, and numbers that differ by rounding only", () => {
    const largest = (numbers: Readonly<Record<string, number>>): Lint =>
      lintAfter((session) => session.predict("p", { question, largest: numbers }));
    assert.deepEqual(
      largest({ x: 4, y: 4, w: 3 }).confusable.map((group) => group.map(({ place }) => place)),
      [["x", "y"]],
    );
    assert.deepEqual(rules(largest({ x: 0.1 + 0.2, y: 0.3, w: 0.2 })), ["rounding-decides"]);
    assert.deepEqual(rules(largest({ x: 5, y: 4 })), []);
    const change = lintAfter((session) => session.predict("p", { question, change: () => [0.3, 0.1 + 0.2] }));
    assert.deepEqual(rules(change), ["rounding-decides"]);
  });

  it("says where nothing tells what is true", () => {
    const options = { up: "it grows", down: "it falls" };
    assert.deepEqual(rules(lintAfter((session) => session.predict("p", { question, options, truth: () => "up" }))), []);
    const nobody = lintAfter((session) => session.predict("p", { question, value: () => Number.NaN }));
    assert.deepEqual(rules(nobody), ["no-truth"]);
  });
});
