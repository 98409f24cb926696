import assert from "node:assert/strict";
import fc from "fast-check";
import { Ledger } from "../../../src/checkpoints/ledger.ts";
import { type CheckpointRecord, type LessonRecord, mergeRecords } from "../../../src/checkpoints/record.ts";
import { CheckpointSession } from "../../../src/checkpoints/session.ts";
import { mul, variable } from "../../../src/index.ts";
import { textOf } from "./shown.ts";

/** One thing that a learner does. */
type Deed = (ledger: Ledger) => void;

const ids = fc.constantFrom("one", "two");
const keys = fc.uniqueArray(fc.constantFrom("x", "y", "z"), { maxLength: 3 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.tuple(ids, keys, fc.constantFrom("1", "2", "3")).map(
    ([id, correct, answer]): Deed =>
      (ledger) =>
        ledger.attempted(id, { typed: new Map([["x", answer]]), correct, right: correct.length, of: 3 }),
  ),
  fc.tuple(ids, fc.constantFrom("x", "__proto__"), fc.integer({ min: 1, max: 3 })).map(
    ([id, key, level]): Deed =>
      (ledger) =>
        ledger.hinted(id, key, level),
  ),
  fc.tuple(ids, keys).map(
    ([id, taken]): Deed =>
      (ledger) =>
        ledger.solved(id, taken),
  ),
  ids.map(
    (id): Deed =>
      (ledger) =>
        void ledger.reset(id),
  ),
);
const deeds = fc.array(deed, { maxLength: 12 });

function ledgerAfter(...parts: readonly (readonly Deed[])[]): Ledger {
  const ledger = new Ledger();
  for (const act of parts.flat()) act(ledger);
  return ledger;
}
const counts = ({ attempts, hints, solutions, answered, earlier }: CheckpointRecord): unknown => [
  attempts,
  hints,
  [...solutions].sort(),
  [...answered].sort(),
  earlier.length,
];
const saved = (record: LessonRecord): unknown => JSON.parse(JSON.stringify(record));

describe("the record of work", () => {
  it("counts a hint that is shown again once, also after a restart", () => {
    const session = (saved?: LessonRecord): CheckpointSession => {
      const made = new CheckpointSession();
      if (saved !== undefined) made.restore(saved);
      const x = variable(2, "x");
      made.checkpoint("one", mul(x, mul(x, x)), { ask: ["db/dx", "da/dx"] });
      return made;
    };
    const first = session();
    for (const key of ["db/dx", "db/dx", "da/dx"]) first.hint("one", key);
    assert.equal(first.record.checkpoints["one"]?.hints, 3);
    const again = session(first.record);
    assert.equal(again.hint("one", "db/dx").level, 1);
    assert.equal(again.record.checkpoints["one"]?.hints, 3);
    for (let time = 0; time < 9; time++) again.hint("one", "db/dx");
    const { level, of } = again.hint("one", "db/dx");
    assert.equal(level, of);
    assert.equal(again.record.checkpoints["one"]?.hints, of + 1);
  });

  it("is restored as it was", () => {
    fc.assert(
      fc.property(deeds, (acts) => {
        const { record } = ledgerAfter(acts);
        const again = new Ledger();
        assert.equal(again.restore(saved(record)), true);
        assert.deepEqual(again.record, record);
        assert.equal(again.restore(saved(record)), true);
        assert.deepEqual(again.record, record);
      }),
    );
  });

  it("is the last one's, in whatever order all that were saved on the way are restored", () => {
    fc.assert(
      fc.property(deeds, fc.infiniteStream(fc.nat(1000)), (acts, order) => {
        const all = acts.map((_, i) => ledgerAfter(acts.slice(0, i + 1)).record);
        const mixed = all.map((record) => [order.next().value as number, record] as const).sort(([a], [b]) => a - b);
        const restored = new Ledger();
        for (const [, record] of mixed) restored.restore(saved(record));
        const last = all.at(-1)?.checkpoints ?? {};
        assert.deepEqual(Object.keys(restored.record.checkpoints).sort(), Object.keys(last).sort());
        for (const [id, record] of Object.entries(last))
          assert.deepEqual(counts(restored.recordOf(id)), counts(record));
      }),
    );
  });

  it("merges idempotently, and counts do not depend on the order", () => {
    fc.assert(
      fc.property(deeds, deeds, deeds, (before, mine, yours) => {
        const [a, b] = [ledgerAfter(before, mine).recordOf("one"), ledgerAfter(before, yours).recordOf("one")];
        assert.deepEqual(mergeRecords(a, a), a);
        assert.deepEqual(counts(mergeRecords(a, b)), counts(mergeRecords(b, a)));
        const both = mergeRecords(a, b);
        assert.deepEqual(counts(mergeRecords(both, b)), counts(both));
      }),
    );
  });

  it("counts the last answer given again, as by running all cells, no second time", () => {
    const session = new CheckpointSession();
    session.checkpoint("z", mul(variable(2, "x"), variable(3, "y")), { ask: ["da/dx"] });
    for (const given of ["x", "x", "y", "y", "x"]) session.answer("z", { "da/dx": given });
    assert.equal(session.record.checkpoints["z"]?.attempts, 3);
  });

  it("is told to whoever keeps it, after each change", () => {
    const session = new CheckpointSession();
    const kept: number[] = [];
    session.begin({ save: ({ checkpoints }) => kept.push(Object.keys(checkpoints).length) });
    session.choice("c", { question: "?", options: { a: "", b: "" }, right: "a" });
    session.answer("c", "b");
    session.hint("c");
    session.answer("c", "a");
    session.reset();
    assert.ok(kept.length >= 3);
    assert.match(textOf(session.reset()), /no work to put aside/);
  });

  it("counts every kind in the lesson's progress, as text and as bars", () => {
    const session = new CheckpointSession();
    assert.match(textOf(session.progress()), /No checkpoint/);
    session.checkpoint("graph", mul(variable(2, "x"), variable(3, "y")));
    session.choice("choice", { question: "?", options: { a: "", b: "" }, right: "a" });
    session.predict("guess", { question: "?", value: 3 });
    session.exercise("code", () => 1, { reference: () => 1, inputs: [[]] });
    session.answer("choice", "a");
    session.answer("guess", 4);
    const progress = session.progress();
    assert.deepEqual([progress.right, progress.of], [3, 6]);
    assert.match(textOf(progress), /1 of 1 {2}code \(1 attempt\)\n.*3 of 6 {2}altogether$/);
    const [bundle] = (progress as unknown as Record<symbol, () => object[]>)[Symbol.for("Jupyter.display")]!();
    assert.ok(bundle !== undefined && "application/vnd.vegalite.v5+json" in bundle);
  });
});
