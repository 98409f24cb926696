import assert from "node:assert/strict";
import fc from "fast-check";
import { Outputs } from "../../../kernel/client/outputs.ts";

const stream = (text: string, name = "stdout"): Parameters<Outputs["take"]>[1] => ({
  type: "stream",
  content: { name, text },
});
const display = (text: string, id?: string, type = "display_data"): Parameters<Outputs["take"]>[1] => ({
  type,
  content: { data: { "text/plain": text }, metadata: {}, transient: id === undefined ? {} : { display_id: id } },
});
const texts = (outputs: Outputs, cell: number): unknown[] =>
  outputs
    .of(cell)
    .map((output) =>
      output.output_type === "stream" ? output.text : "data" in output ? output.data["text/plain"] : "",
    );

describe("outputs of a run", () => {
  it("hold every character of a stream, in order, and change only between streams", () => {
    const pieces = fc.array(fc.tuple(fc.constantFrom("stdout", "stderr"), fc.string({ minLength: 1 })));
    fc.assert(
      fc.property(pieces, (written) => {
        const outputs = new Outputs();
        for (const [name, text] of written) outputs.take(0, stream(text, name));
        assert.equal(texts(outputs, 0).join(""), written.map(([, text]) => text).join(""));
        const names = outputs.of(0).map((output) => (output.output_type === "stream" ? output.name : ""));
        assert.ok(names.every((name, index) => name !== names[index - 1]));
      }),
    );
  });

  it("are updated wherever a display is shown, from a later cell, too", () => {
    const outputs = new Outputs();
    outputs.take(0, display("first", "bar"));
    outputs.take(1, display("again", "bar"));
    outputs.take(2, display("new", "bar", "update_display_data"));
    outputs.take(2, display("unknown", "other", "update_display_data"));
    assert.deepEqual([texts(outputs, 0), texts(outputs, 1), texts(outputs, 2)], [["new"], ["new"], []]);
  });

  it("are cleared at once, or when the next one comes", () => {
    const outputs = new Outputs();
    outputs.take(0, stream("old"));
    outputs.take(0, { type: "clear_output", content: { wait: true } });
    assert.deepEqual(texts(outputs, 0), ["old"]);
    outputs.take(0, stream("new"));
    assert.deepEqual(texts(outputs, 0), ["new"]);
    outputs.take(0, { type: "clear_output", content: { wait: false } });
    assert.deepEqual(texts(outputs, 0), []);
  });

  it("keep errors and results as the notebook format has them", () => {
    const outputs = new Outputs();
    outputs.take(0, { type: "execute_result", content: { data: {}, metadata: {}, execution_count: 3 } });
    outputs.take(0, { type: "error", content: { ename: "Error", evalue: "no", traceback: ["a", "b"] } });
    outputs.take(0, { type: "status", content: { execution_state: "idle" } });
    assert.deepEqual(outputs.of(0), [
      { output_type: "execute_result", data: {}, metadata: {}, execution_count: 3 },
      { output_type: "error", ename: "Error", evalue: "no", traceback: ["a", "b"] },
    ]);
  });
});
