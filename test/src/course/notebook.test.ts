import assert from "node:assert/strict";
import fc from "fast-check";
import { type Cell, type Notebook, NotebookError, readNotebook, writeNotebook } from "../../../src/course/notebook.ts";
import { codeCell, lesson, notebookOf, textCell } from "./sample.ts";

// Plain objects only, as JSON gives them.
const record = <T>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
const text = fc.string({ unit: "grapheme" });
const bundle = record({
  "text/plain": text,
  "application/vnd.vegalite.v5+json": fc.constant({ data: ["one", "two"] }),
});
const output = fc.oneof(
  record({ output_type: fc.constant("stream" as const), name: fc.constantFrom("stdout", "stderr"), text }),
  record({ output_type: fc.constant("display_data" as const), data: bundle, metadata: fc.constant({}) }),
  record({
    output_type: fc.constant("execute_result" as const),
    data: bundle,
    metadata: fc.constant({}),
    execution_count: fc.option(fc.nat()),
  }),
  record({ output_type: fc.constant("error" as const), ename: text, evalue: text, traceback: fc.array(text) }),
);
const cell: fc.Arbitrary<(index: number) => Cell> = fc.oneof(
  fc.tuple(text, fc.array(output)).map(([source, outputs]) => (index: number) => ({
    ...(codeCell(`c${index}`, source) as Extract<Cell, { cell_type: "code" }>),
    outputs,
  })),
  text.map((source) => (index: number) => ({
    ...textCell(`m${index}`, source),
    attachments: { "a.txt": { "text/plain": source } },
  })),
);
const notebooks = fc.array(cell, { maxLength: 5 }).map((all) => notebookOf(...all.map((make, index) => make(index))));

type Raw = Record<string, unknown>;

/** The sample lesson as plain data, changed; then what reading it says. */
function fault(change: (data: { cells: Raw[] } & Raw) => void): string {
  const data = JSON.parse(writeNotebook(lesson)) as { cells: Raw[] } & Raw;
  change(data);
  return faultOf(JSON.stringify(data));
}

function faultOf(file: string): string {
  try {
    readNotebook(file);
  } catch (error) {
    if (error instanceof NotebookError) return error.message;
    throw error;
  }
  return "";
}

describe("a notebook file", () => {
  it("is read as it was written", () => {
    fc.assert(fc.property(notebooks, (notebook) => assert.deepEqual(readNotebook(writeNotebook(notebook)), notebook)));
  });

  it("is written the same, whatever the order of keys and the layout were", () => {
    fc.assert(
      fc.property(notebooks, (notebook) => {
        const reversed = (cell: Cell): Cell => Object.fromEntries(Object.entries(cell).reverse()) as unknown as Cell;
        assert.equal(writeNotebook({ ...notebook, cells: notebook.cells.map(reversed) }), writeNotebook(notebook));
      }),
    );
  });

  it("never throws anything but a NotebookError, whatever text it is", () => {
    const file = fc.oneof(
      text,
      fc.json(),
      fc.jsonValue().map((cells) => JSON.stringify({ ...lesson, cells: [cells] })),
    );
    fc.assert(fc.property(file, (given) => assert.equal(typeof faultOf(given), "string")));
  });

  it("has lines as Jupyter writes them", () => {
    const written = JSON.parse(writeNotebook(notebookOf(textCell("a", "one\ntwo\n\nthree")))) as { cells: Raw[] };
    assert.deepEqual(written.cells[0]?.["source"], ["one\n", "two\n", "\n", "three"]);
  });

  it("is told to be no notebook in words that say what to do", () => {
    assert.match(faultOf(""), /^The file is empty/);
    assert.match(faultOf('{\n "cells": [,]\n}'), /^The file is not a notebook: it is not valid JSON/);
    assert.match(faultOf("{}"), /has no "nbformat"/);
    assert.match(faultOf('{"nbformat": 3}'), /in format 3; only format 4 is read.*Jupyter to convert/);
    assert.match(faultOf("<<<<<<< HEAD\n{}\n=======\n"), /marks of an unresolved merge/);
  });

  it("is told which cell is broken and what is wrong with it", () => {
    const at = (index: number, change: (cell: Raw) => void): string => fault((data) => change(data.cells[index] ?? {}));
    assert.equal(
      at(2, (cell) => delete cell["outputs"]),
      'cell 3 (id seed): it has no "outputs"',
    );
    assert.equal(
      at(0, (cell) => Object.assign(cell, { source: 7 })),
      'cell 1 (id title): "source" is not text or a list',
    );
    assert.equal(
      at(0, (cell) => Object.assign(cell, { id: "seed" })),
      "cell 3 (id seed): cell 1 has the same id",
    );
    assert.match(
      at(1, (cell) => Object.assign(cell, { cell_type: "poem" })),
      /^cell 2 \(id guide\): its "cell_type" is "poem"/,
    );
    assert.match(
      at(0, (cell) => Object.assign(cell, { outputs: [] })),
      /has "outputs", which the format does not know/,
    );
    const stream = { output_type: "stream", name: "stdout" };
    assert.equal(
      at(2, (cell) => Object.assign(cell, { outputs: [stream] })),
      'cell 3 (id seed): output 1: it has no "text"',
    );
    assert.match(
      fault((data) => Object.assign(data, { cells: [...data.cells, 7] })),
      /^cell 7: it is not a cell/,
    );
  });

  it("of an older minor format gets ids", () => {
    const old = {
      nbformat: 4,
      nbformat_minor: 2,
      metadata: {},
      cells: [{ cell_type: "markdown", metadata: {}, source: ["a\n", "b"] }],
    };
    const read: Notebook = readNotebook(JSON.stringify(old));
    assert.deepEqual(read.cells, [{ cell_type: "markdown", id: "cell-1", metadata: {}, source: "a\nb" }]);
    assert.equal(read.nbformat_minor, 5);
  });
});
