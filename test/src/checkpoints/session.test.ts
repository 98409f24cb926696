import assert from "node:assert/strict";
import { recordType } from "../../../src/checkpoints/record.ts";
import type { Outcome } from "../../../src/checkpoints/results.ts";
import { CheckpointSession } from "../../../src/checkpoints/session.ts";
import { graphOf } from "../../../src/graph/graph.ts";
import * as library from "../../../src/index.ts";
import { add, bindName, constant, mul, pow, type Value, variable } from "../../../src/index.ts";

const hook = Symbol.for("Jupyter.display");

function bundles(shown: unknown): readonly Readonly<Record<string, unknown>>[] {
  return (shown as Record<symbol, () => Readonly<Record<string, unknown>>[]>)[hook]!();
}

function textOf(shown: unknown): string {
  return String(bundles(shown)[0]!["text/plain"]);
}

function seedGraph(): { z: Value; a: Value; x: Value; w: Value } {
  const x = variable(2, "x");
  const y = variable(3, "y");
  const w = variable(4, "w");
  const a = add(x, y);
  bindName(a, "a");
  const z = mul(a, w);
  bindName(z, "z");
  return { z, a, x, w };
}

const allRight = {
  a: "x + y",
  z: "a·w",
  "da/dx": "1",
  "da/dy": "1",
  "dz/da": "w",
  "dz/dx": "w",
  "dz/dy": "w",
  "dz/dw": "a",
};

describe("a session of checkpoints", () => {
  it("asks for every step of both passes by default, and shows the cell to copy", () => {
    const session = new CheckpointSession();
    const prompt = session.checkpoint("seed", seedGraph().z);
    assert.deepEqual(prompt.open, ["a", "z", "da/dx", "da/dy", "dz/da", "dz/dx", "dz/dy", "dz/dw"]);
    assert.match(textOf(prompt), /answer\("seed", \{\n {2}"a": "",\n/);
    assert.deepEqual(
      bundles(prompt).map((bundle) => Object.keys(bundle)[0]),
      ["text/markdown", "application/vnd.vegalite.v5+json"],
    );
  });

  it("takes keys with ∂ or d, with spaces, and explains those it does not know", () => {
    const session = new CheckpointSession();
    session.checkpoint("seed", seedGraph().z);
    const outcome = session.answer("seed", {
      "∂z/∂x": "w",
      " d z / d w ": "a",
      "dz/dq": "1",
      "da/dw": "1",
      x: "2",
      "z/x": "1",
      "dz/dz": "1",
      constructor: "1",
    });
    const said = outcome.entries.flatMap((entry) => (entry.kind === "unknown" ? [[entry.key, entry.message]] : []));
    assert.equal(outcome.right, 2);
    assert.deepEqual(said, [
      ["dz/dq", "there is no “q” in this graph; its names are x, y, w, a, z."],
      ["da/dw", "a was not computed from w."],
      ["x", "x was given, not computed."],
      ["z/x", "a key is the name of a node, such as “a”, or a derivative, such as “dz/da”."],
      ["dz/dz", "how z moves with itself is always 1 and is not asked."],
      ["constructor", "a key is the name of a node, such as “a”, or a derivative, such as “dz/da”."],
    ]);
  });

  it("tells not attempted, not understood, wrong and right apart", () => {
    const session = new CheckpointSession();
    session.checkpoint("seed", seedGraph().z);
    assert.equal(session.answer("seed", { a: "", z: "?" }).kind, "not-attempted");
    const outcome = session.answer("seed", {
      a: "x+",
      z: "20",
      "da/dx": "x",
      "dz/dx": variable(1) as never,
      "dz/dy": (() => 4) as never,
    });
    assert.deepEqual(
      outcome.entries.map((entry) => entry.kind),
      ["unreadable", "correct", "incorrect", "missing", "missing", "unreadable", "unreadable", "missing"],
    );
    assert.equal(outcome.kind, "incorrect");
    assert.match(textOf(outcome), /\? a\n {4}x\+\n {6}\^\n {4}The formula ends too early/);
    assert.match(textOf(outcome), /not attempted: ∂a\/∂y, ∂z\/∂a, ∂z\/∂w/);
    assert.match(textOf(outcome), /Write the formula in quotes: "w"/);
    assert.equal(session.answer("seed", { a: "5" }).kind, "incomplete");
    assert.equal(session.answer("seed", allRight).kind, "correct");
  });

  it("never runs what an answer brings along", () => {
    const session = new CheckpointSession();
    session.checkpoint("seed", seedGraph().z);
    let ran = 0;
    const trap = { valueOf: () => ran++, toString: () => String(ran++), [Symbol.toPrimitive]: () => ran++ };
    const outcome = session.answer("seed", { a: trap as never, z: Number.NaN, "dz/dx": Number.POSITIVE_INFINITY });
    assert.equal(ran, 0);
    assert.deepEqual(
      outcome.entries.slice(0, 2).map((entry) => entry.kind),
      ["unreadable", "unreadable"],
    );
  });

  it("writes the chain of a wrong gradient under its figure, but no line that equals itself", () => {
    const session = new CheckpointSession();
    session.checkpoint("seed", seedGraph().z);
    const caption = (key: string): string =>
      String(bundles(session.answer("seed", { [key]: "x" })).at(-1)!["text/plain"]);
    assert.match(caption("dz/dx"), /∂z\/∂x = ∂z\/∂a · ∂a\/∂x/);
    assert.doesNotMatch(caption("dz/da"), /∂z\/∂a = ∂z\/∂a/);
  });

  it("explains a gradient by no symbol of its own where its node also enters the output itself", () => {
    const x = variable(2, "x");
    const a = add(x, variable(3, "y"));
    bindName(a, "a");
    const z = mul(a, x);
    bindName(z, "z");
    const session = new CheckpointSession();
    session.checkpoint("both", z, { at: "anywhere" });
    const caption = String(bundles(session.answer("both", { "dz/dx": "x" })).at(-1)!["text/plain"]);
    assert.match(caption, /∂z\/∂x = (direct \(x → z\) \+ ∂z\/∂a · ∂a\/∂x|∂z\/∂a · ∂a\/∂x \+ direct \(x → z\))/);
    assert.match(session.solution("both", "dz/dx").text, /∂z\/∂a · ∂a\/∂x \+ the derivative of a · x by x alone/);
  });

  it("hides what is asked in figures and tables until it is right or its solution is taken", () => {
    const session = new CheckpointSession();
    const { z } = seedGraph();
    const graph = graphOf(z);
    const open = (): number =>
      graph.nodes.filter((node) => session.hidden(graph)?.({ kind: "gradient", node: node.index })).length;
    assert.equal(session.hidden(graph), undefined);
    session.checkpoint("seed", z);
    assert.equal(open(), 4);
    session.answer("seed", { "dz/dw": "a", "dz/dx": "a" });
    assert.equal(open(), 3);
    session.solution("seed", "dz/dx");
    assert.equal(open(), 2);
    session.solution("seed");
    assert.equal(session.hidden(graph), undefined);
  });

  it("hides it in the figures and tables of the library too", () => {
    const { z } = seedGraph();
    assert.doesNotMatch(library.show(z).words, /\?/);
    library.checkpoint("library", z, { ask: ["dz/dx"] });
    assert.match(library.show(z).words, /∂z\/∂x = \?/);
    library.checkpoint("library", z, { ask: ["a"] });
    assert.match(String(library.table(z)), /\?/);
    library.solution("library");
    assert.doesNotMatch(library.show(z).words, /\?/);
    assert.doesNotMatch(String(library.table(z)), /\?/);
  });

  it("gives nothing away in replies: neither text nor figure nor record holds an asked number", () => {
    const session = new CheckpointSession();
    const x = variable(2.125, "x");
    const w = variable(7.75, "w");
    const a = mul(x, variable(3.375, "y"));
    const z = mul(a, w);
    session.checkpoint("one", z);
    const wanted = [a.item(), z.item(), 3.375 * 7.75, 2.125 * 7.75].map((number) =>
      library.toText({ kind: "number", value: number }),
    );
    const shown = [
      session.checkpoint("one", z),
      session.answer("one", { a: "x", b: "a + w", "db/dx": "w", "db/dw": "x", "db/dy": 3, "db/da": "a" }),
      session.hint("one"),
      session.hint("one", "db/dx"),
      session.hint("one", "db/dx"),
      session.hint("one", "db/dx"),
    ];
    const text = JSON.stringify(shown.map((one) => bundles(one)));
    for (const number of wanted) assert.ok(!text.includes(number), number);
    assert.ok(JSON.stringify(bundles(session.solution("one"))).includes(wanted[0]!));
  });

  it("counts attempts, hints and solutions, and keeps first and best answers", () => {
    const session = new CheckpointSession();
    session.checkpoint("seed", seedGraph().z);
    session.answer("seed", { a: "x" });
    session.answer("seed", { ...allRight, "dz/dw": "w" });
    session.answer("seed", { "dz/dw": "x" });
    session.hint("seed");
    session.solution("seed", "dz/dw");
    session.answer("seed", { "dz/dw": "a" });
    const record = session.record.checkpoints["seed"]!;
    assert.equal(record.attempts, 4);
    assert.equal(record.hints, 1);
    assert.deepEqual(record.solutions, ["dz/dw"]);
    assert.deepEqual(record.first, { answers: { a: "x" }, right: 0, of: 8 });
    assert.equal(record.answered.length, 7);
    assert.deepEqual(session.progress().checkpoints, [
      { checkpoint: "seed", right: 7, of: 8, attempts: 4, hints: 1, solutions: 1 },
    ]);
    assert.match(textOf(session.progress()), /7 of 8 {2}seed \(4 attempts, 1 hint, 1 solution taken\)/);
    session.checkpoint("worth", seedGraph().z, { ask: ["dz/dx", "dz/dy"], points: 3 });
    session.answer("worth", { "dz/dx": "w" });
    assert.equal(session.points("worth"), 1.5);
  });

  it("carries its work in the answer's output, from one session to the next", () => {
    const before = new CheckpointSession();
    before.checkpoint("seed", seedGraph().z);
    before.answer("seed", { a: "6" });
    const last: Outcome = before.answer("seed", { "dz/dx": "w", "dz/dy": "w" });
    const saved = JSON.parse(JSON.stringify(bundles(last)[0]![recordType])) as unknown;

    const after = new CheckpointSession();
    assert.equal(after.restore(saved), true);
    assert.deepEqual(after.checkpoint("seed", seedGraph().z).open, ["a", "z", "da/dx", "da/dy", "dz/da", "dz/dw"]);
    after.answer("seed", { "dz/dw": "w" });
    assert.equal(after.record.checkpoints["seed"]!.attempts, 3);
    assert.deepEqual(after.record.checkpoints["seed"]!.first?.answers, { a: "6" });
    assert.equal(after.restore(saved), true);
    assert.equal(after.record.checkpoints["seed"]!.attempts, 3);
  });

  it("takes no harm from a broken record", () => {
    const session = new CheckpointSession();
    for (const broken of [null, 1, "x", [], {}, { version: 2 }, { version: 1 }, { version: 1, checkpoints: [] }]) {
      assert.equal(session.restore(broken), false);
    }
    const odd = {
      version: 1,
      checkpoints: { seed: { attempts: -1, answered: [1, "a"], first: 3, earlier: {} }, no: 7 },
    };
    assert.equal(session.restore(odd), true);
    assert.deepEqual(session.record.checkpoints, {
      seed: { attempts: 0, hints: 0, solutions: [], answered: ["a"], earlier: [] },
    });
  });

  it("starts anew on request and keeps the old work", () => {
    const session = new CheckpointSession();
    session.checkpoint("seed", seedGraph().z);
    session.answer("seed", allRight);
    session.reset("seed");
    assert.equal(session.progress().right, 0);
    assert.equal(session.record.checkpoints["seed"]!.earlier[0]?.attempts, 1);
  });

  it("keeps the work where the cell of a checkpoint is run again", () => {
    const session = new CheckpointSession();
    session.checkpoint("seed", seedGraph().z);
    session.answer("seed", { a: "5" });
    assert.ok(!session.checkpoint("seed", seedGraph().z).open.includes("a"));
  });

  it("gives hints from small to large, the author's first", () => {
    const session = new CheckpointSession();
    session.checkpoint("seed", seedGraph().z, { ask: ["dz/dx"], hints: { "dz/dx": ["Look at the figure."] } });
    const texts = [1, 2, 3, 4, 5].map(() => session.hint("seed").text);
    assert.deepEqual(texts.slice(0, 3), [
      "Look at the figure.",
      "There is one way from x to z: x → a → z. Multiply the local derivatives along it.",
      "∂z/∂x = ∂z/∂a · ∂a/∂x.",
    ]);
    assert.equal(texts[4], texts[3]);
  });

  it("gives no formula away by a hint or a reason, where a value is asked as a formula", () => {
    const session = new CheckpointSession();
    session.checkpoint("seed", seedGraph().z, { at: "anywhere" });
    const keys = ["a", "z", "da/dx", "dz/da", "dz/dw", "dz/dx"];
    const hints = keys.flatMap((key) => [1, 2, 3].map(() => session.hint("seed", key).text)).join("\n");
    assert.doesNotMatch(hints, /a · w/);
    const replies = ["x * y", "x - y", "y - x", "x / y", "w", "-x - y"].map((a) =>
      textOf(session.answer("seed", { a })),
    );
    for (const text of [hints, ...replies]) assert.doesNotMatch(text.replaceAll(/a = .*/g, ""), /x \+ y|y \+ x/);
    const table = new CheckpointSession();
    table.checkpoint("seed", seedGraph().z, { ask: ["a"] });
    assert.match([1, 2].map(() => table.hint("seed").text).join("\n"), /a = x \+ y: put in the values/);
  });

  it("hints at a derivative that is the same everywhere by how to find it, at others by a number", () => {
    const session = new CheckpointSession();
    session.checkpoint("seed", seedGraph().z, { ask: ["da/dx", "dz/da"] });
    const hints = (key: string): readonly string[] => [1, 2].map(() => session.hint("seed", key).text);
    const [how, constant] = hints("da/dx");
    assert.match(how!, /^a = x \+ y\. Hold everything but x/);
    assert.match(constant!, /let x grow by 1 and hold the rest\. By how much does a grow\?$/);
    const [wire, number] = hints("dz/da");
    assert.match(wire!, /^z = a · w\. From a one wire leads there/);
    assert.match(number!, /∂z\/∂a comes to \d/);
  });

  it("draws no figure where nothing was attempted: the checkpoint's own stands above", () => {
    const session = new CheckpointSession();
    session.checkpoint("seed", seedGraph().z);
    assert.equal(bundles(session.answer("seed", { a: "" })).length, 1);
    assert.equal(bundles(session.answer("seed", { a: "x" })).length, 2);
  });

  it("lets the figure keep its steps where nothing is wrong", () => {
    const session = new CheckpointSession();
    session.checkpoint("seed", seedGraph().z);
    const figure = (answers: Readonly<Record<string, string>>): string =>
      JSON.stringify(bundles(session.answer("seed", answers))[1]);
    for (const answers of [{ a: "x + y" }, allRight]) assert.match(figure(answers), /"input":"range"/);
    assert.doesNotMatch(figure({ a: "x" }), /"input":"range"/);
  });

  it("says what is wrong with an author's checkpoint", () => {
    const session = new CheckpointSession();
    const { z } = seedGraph();
    assert.throws(() => session.checkpoint("", z), /needs a name/);
    assert.throws(() => session.checkpoint("s", 3 as never), /must be a Value.*number/);
    assert.throws(() => session.checkpoint("s", add(constant(1), 2)), /computed from a variable/);
    assert.throws(() => session.checkpoint("s", z, { ask: ["dz/dq"] }), /cannot ask for “dz\/dq”: there is no “q”/);
    assert.throws(() => session.checkpoint("s", z, { ask: [] }), /asks for nothing/);
    assert.throws(() => session.checkpoint("s", z, { at: { q: 1 } }), /at names “q”; the variables are x, y, w/);
    assert.throws(() => session.checkpoint("s", z, { domain: { x: [2, 1] } }), /the smaller one first/);
    assert.throws(() => session.answer("sed", {}), /There is no checkpoint “sed” yet/);
    session.checkpoint("seed", z);
    assert.throws(() => session.answer("sed", {}), /There is “seed”/);
    assert.throws(() => session.answer("seed", "w" as never), /takes an object/);
    assert.throws(() => session.hint("seed", "dz/dq"), /does not ask for “dz\/dq”. It asks for a, z, /);
  });

  it("puts a learner's words into Markdown as words", () => {
    const session = new CheckpointSession();
    session.checkpoint("<b>*x*", pow(variable(2, "x"), 2), { ask: ["da/dx"] });
    const outcome = session.answer("<b>*x*", { "da/dx": "<script>`$x$`", "<img src=x>": "1" });
    const markdown = String(bundles(outcome)[0]!["text/markdown"]);
    assert.doesNotMatch(markdown.replaceAll(/ {2}```text[\s\S]*? {2}```/g, ""), /(?<!\\)</);
    assert.doesNotMatch(markdown.replaceAll("```", ""), /`/);
  });
});
