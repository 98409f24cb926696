import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChoiceOptions } from "../../../src/checkpoints/choice.ts";
import { seal } from "../../../src/checkpoints/sealing.ts";
import { CheckpointSession } from "../../../src/checkpoints/session.ts";
import { mul, variable } from "../../../src/index.ts";
import { contentOf, textOf } from "./shown.ts";

const open = { question: "Which?", options: { a: "one way", b: "two ways", c: "no way" } };
const truth = { right: "b", because: { a: "There is another one.", b: "Both count.", c: "Look again." } };

describe("a choice", () => {
  it("gives the reason of what was chosen, and those of the others once it is right", () => {
    const session = new CheckpointSession();
    session.choice("which", { ...open, sealed: seal(JSON.stringify(truth)), points: 2 });
    const wrong = session.answer("which", "a");
    assert.deepEqual([wrong.kind, wrong.because], ["incorrect", ["There is another one."]]);
    assert.doesNotMatch(JSON.stringify([wrong, contentOf(wrong)]), /two ways|Both count/);
    const right = session.answer("which", "b");
    assert.deepEqual(right.because, ["Both count.", "Not a: There is another one.", "Not c: Look again."]);
    assert.equal(session.points("which"), 2);
    assert.equal(session.record.checkpoints["which"]?.attempts, 2);
  });

  it("counts the first answer where the truth stands in the clear, as where a class is graded", () => {
    const session = new CheckpointSession();
    session.choice("which", { ...open, ...truth, points: 2 });
    for (const key of ["a", "b", "c", "b"]) {
      session.reset("which");
      session.answer("which", key);
    }
    assert.equal(session.points("which"), 0);
    const late = session.answer("which", "b");
    assert.equal(late.kind, "correct");
    assert.equal(late.because.at(-1), "Your first answer, “a”, is the one that counts.");
    // Whoever asks anew begins anew.
    session.choice("which", { ...open, ...truth, points: 2 });
    session.answer("which", "b");
    assert.equal(session.answer("which", "a").kind, "incorrect");
    assert.equal(session.points("which"), 2);
  });

  it("lets a learner of a class change an answer, which tells them nothing", () => {
    const session = new CheckpointSession();
    session.choice("which", { ...open, points: 2 });
    for (const key of ["a", "b"]) {
      const { kind, because } = session.answer("which", key);
      assert.deepEqual([kind, because], ["recorded", ["Your answer is recorded; it is graded later."]]);
    }
    const { first, last, attempts } = session.record.checkpoints["which"]!;
    assert.deepEqual([first?.answers["choice"], last?.answers["choice"], attempts], ["a", "b", 2]);
  });

  it("reads keys in any case, and an option's own words; anything else is no attempt", () => {
    for (const given of ["b", " B ", "b)", "two ways"]) {
      const session = new CheckpointSession();
      session.choice("which", { ...open, ...truth });
      assert.equal(session.answer("which", given).kind, "correct", given);
    }
    const session = new CheckpointSession();
    session.choice("which", { ...open, ...truth });
    for (const given of ["", "?", "d", "toString", 3]) {
      assert.equal(session.answer("which", given).kind, "not-attempted", String(given));
    }
    assert.match(textOf(session.answer("which", "d")), /There is no “d” to choose; there is "a", "b", "c"/);
    assert.deepEqual(session.record.checkpoints, {});
  });

  it("is the same where its truth is sealed", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("a", "b", "c"),
        fc.string(),
        fc.constantFrom("a", "b", "c"),
        (right, because, given) => {
          const replies = [
            { ...open, right, because: { [right]: because } },
            { ...open, sealed: seal(JSON.stringify({ right, because: { [right]: because } })) },
          ].map((options: ChoiceOptions) => {
            const session = new CheckpointSession();
            session.choice("which", options);
            return { ...session.answer("which", given) };
          });
          assert.deepEqual(replies[0], replies[1]);
          assert.equal(replies[0]?.kind === "correct", right === given);
        },
      ),
    );
  });

  it("without a truth records what is chosen, to be graded later", () => {
    const session = new CheckpointSession();
    session.choice("which", open);
    const reply = session.answer("which", "a");
    assert.equal(reply.kind, "recorded");
    assert.match(textOf(reply), /recorded; it is graded later/);
    assert.equal(session.points("which"), 0);
    assert.deepEqual(session.record.checkpoints["which"]?.last?.answers, { choice: "a" });
    assert.match(textOf(session.choice("which", open)), /You answered “a”; it is graded later/);
    assert.match(session.solution("which").text, /There is no solution/);
    assert.equal(session.hint("which").of, 0);
    // The same record, graded where the truth is known.
    session.choice("which", { ...open, ...truth });
    assert.equal(session.answer("which", "b").kind, "correct");
  });

  it("hints by ruling out wrong ones, until two are left", () => {
    const session = new CheckpointSession();
    session.choice("which", { ...open, ...truth, hints: ["Count."] });
    const texts = [1, 2, 3].map(() => session.hint("which").text);
    assert.deepEqual(texts, ["Count.", "It is not c. Look again.", "It is not c. Look again."]);
  });

  it("tells an author what is wrong with it", () => {
    const session = new CheckpointSession();
    assert.throws(() => session.choice("", open), /needs a name/);
    assert.throws(() => session.choice("c", { ...open, question: "" }), /needs a question/);
    assert.throws(() => session.choice("c", { ...open, options: { a: "one" } }), /two texts or more/);
    assert.throws(() => session.choice("c", { ...open, right: "d" }), /right names “d”; the options are a, b, c/);
    assert.throws(() => session.choice("c", { ...open, because: { z: "" } }), /because names “z”/);
    assert.throws(() => session.choice("c", { ...open, sealed: "???" }), /cannot be read/);
  });
});

describe("a prediction", () => {
  it("is compared with what is computed when it is made, not before", () => {
    const session = new CheckpointSession();
    let ran = 0;
    session.predict("up", {
      question: "Which way?",
      options: { up: "it grows", down: "it falls" },
      truth: () => {
        ran += 1;
        return "down";
      },
    });
    assert.equal(ran, 0);
    const reply = session.answer("up", "up");
    assert.deepEqual([reply.kind, reply.because, ran], ["incorrect", ["What happens: it falls."], 1]);
  });

  it("counts where it is made, right or wrong, and the first one stands", () => {
    const session = new CheckpointSession();
    session.predict("move", { question: "Which way?", change: () => [1, 0.25], points: 1 });
    assert.deepEqual(session.answer("move", "grows").because, ["What happens: it gets smaller, from 1 to 0.25."]);
    assert.equal(session.answer("move", "falls").because.at(-1), "Your first prediction was “grows”; that one stands.");
    assert.equal(session.points("move"), 1);
    const { attempts, first } = session.record.checkpoints["move"]!;
    assert.deepEqual([attempts, first], [1, { answers: { prediction: "grows" }, right: 0, of: 1 }]);
  });

  it("of a number is right where it is near", () => {
    const z = mul(variable(4), variable(5));
    for (const [given, kind] of [
      [20, "correct"],
      ["20.1", "correct"],
      ["4*5", "correct"],
      ["21", "incorrect"],
      ["", "not-attempted"],
      ["many", "not-attempted"],
    ] as const) {
      const session = new CheckpointSession();
      session.predict("z", { question: "How much?", value: () => z });
      assert.equal(session.answer("z", given).kind, kind, String(given));
    }
  });

  it("of the largest and the smallest takes their names", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { minLength: 2, maxLength: 5 }), (numbers) => {
        const named = Object.fromEntries(numbers.map((number, i) => [`n${i}`, number]));
        for (const [which, extreme] of [
          ["largest", Math.max(...numbers)],
          ["smallest", Math.min(...numbers)],
        ] as const) {
          const session = new CheckpointSession();
          session.predict("it", { question: "Which?", [which]: named } as never);
          assert.equal(session.answer("it", `n${numbers.indexOf(extreme)}`).kind, "correct");
        }
      }),
    );
  });

  it("names what is compared once, and tells what to do with the form where there is one and where there is none", () => {
    const prompt = textOf(new CheckpointSession().predict("it", { question: "Which?", largest: { x: 1, w: 2 } }));
    assert.equal(
      prompt,
      [
        "Predict it: Which?",
        "  x",
        "  w",
        "Fill in this form and run it; if the next cell does not hold it, copy it from here:",
        "",
        'answer("it", "")',
      ].join("\n"),
    );
  });

  it("tells an author what is wrong with it", () => {
    const session = new CheckpointSession();
    assert.throws(() => session.predict("p", { question: "?" } as never), /what tells the truth/);
    assert.throws(
      () => session.predict("p", { question: "?", options: { a: "", b: "" }, truth: "a" } as never),
      /a function/,
    );
    session.predict("p", { question: "?", options: { a: "", b: "" }, truth: () => "c" });
    assert.throws(() => session.answer("p", "a"), /truth gave “c”; the options are a, b/);
    session.predict("q", { question: "?", value: () => Number.NaN });
    assert.throws(() => session.answer("q", 1), /not a finite number/);
  });
});

describe("a number at a point", () => {
  it("shows no computed value where the answer is wrong", () => {
    const session = new CheckpointSession();
    const z = mul(variable(2.125, "x"), variable(7.75, "w"));
    session.checkpoint("there", z, { ask: ["da/dx"], at: { x: 1.5, w: 3.625 } });
    const outcome = session.answer("there", { "da/dx": 2 });
    assert.equal(outcome.kind, "incorrect");
    assert.doesNotMatch(JSON.stringify([outcome, contentOf(outcome)]), /3\.625|computed/);
    assert.equal(session.answer("there", { "da/dx": 3.625 }).kind, "correct");
  });
});

describe("a table to fill in", () => {
  it("hides an operation, its kind, inputs and derivatives until the operation is answered", () => {
    const session = new CheckpointSession();
    const z = mul(mul(variable(2, "x"), variable(3, "y")), variable(4, "w"));
    const prompt = session.checkpoint("rows", z, { kind: "table" });
    assert.deepEqual(prompt.open, ["a", "da/dx", "da/dy", "b", "db/da", "db/dw"]);
    const rows = (shown: unknown): string[] => String(contentOf(shown).at(-1)!["text/plain"]).split("\n").slice(3);
    assert.deepEqual(
      rows(prompt).map((row) => row.split(/ {2,}/)),
      [
        ["1", "a = ?", "?", "?", "a", "?", "?"],
        ["2", "b = ?", "?", "?", "b", "?", "?"],
      ],
    );
    const outcome = session.answer("rows", { a: "x y", "da/dx": "y", "db/da": "a" });
    assert.deepEqual(rows(outcome)[0]!.split(/ {2,}/), [
      "1",
      "a = x · y",
      "Multiplication",
      "(x, y)",
      "a",
      "∂a/∂x = y = 3",
      "∂a/∂y = ?",
    ]);
    assert.equal(session.answer("rows", { b: "24" }).entries.find(({ key }) => key === "b")?.kind, "incorrect");
  });
});
