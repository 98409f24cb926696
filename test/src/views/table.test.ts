import assert from "node:assert/strict";
import { add, constant, matmul, mul, pow, sum, table, variable } from "../../../src/index.ts";
import { runningExample } from "../../support/graphs.ts";

describe("table", () => {
  it("decomposes the running example as the article does", () => {
    const { columns, rows } = table(runningExample());
    assert.deepEqual(columns.slice(0, 5), ["Step", "Operation", "Node Type", "Inputs", "Output"]);
    assert.deepEqual(
      rows.map((row) => row.slice(0, 5)),
      [
        ["1", "a = x + y", "Addition", "(x, y)", "a"],
        ["2", "z = a · w", "Multiplication", "(a, w)", "z"],
      ],
    );
  });

  it("gives the local derivatives columns of their own after those", () => {
    const { columns, rows } = table(runningExample());
    assert.deepEqual(columns.slice(5), ["Local derivatives", ""]);
    assert.deepEqual(
      rows.map((row) => row.slice(5)),
      [
        ["∂a/∂x = 1", "∂a/∂y = 1"],
        ["∂z/∂a = w = 4", "∂z/∂w = a = 5"],
      ],
    );
  });

  it("is shown as a table that screen readers can walk, as markdown and as aligned text", () => {
    const bundle = table(runningExample()).bundle();
    assert.deepEqual(Object.keys(bundle), ["text/html", "text/markdown", "text/plain"]);
    const html = String(bundle["text/html"]);
    assert.match(html, /^<table><caption>Decomposition of z<\/caption><thead>/);
    assert.equal(html.match(/scope="col"/g)?.length, 5);
    assert.equal(html.match(/scope="row"/g)?.length, 2);
    assert.match(String(bundle["text/markdown"]), /^\| Step \| Operation \| Node Type \| Inputs \| Output \|/);
    const lines = String(bundle["text/plain"]).split("\n").slice(1);
    assert.equal(new Set(lines.map((line) => line.indexOf("Addition"))).size, 2);
    assert.equal(lines[0]!.indexOf("Inputs"), lines[2]!.indexOf("(x, y)"));
  });

  it("escapes names", () => {
    const odd = mul(variable(2, "<b>&|"), variable(3, "y"));
    assert.ok(table(odd).toHtml().includes("&lt;b&gt;&amp;|"));
    assert.ok(!table(odd).toHtml().includes("<b>"));
    assert.ok(table(odd).toMarkdown().includes("\\<b\\>&\\|"));
  });

  it("shows ? for what is hidden", () => {
    const rows = table(runningExample(), {
      hidden: (q) => q.kind === "local" && q.node === 4 && q.position === 0,
    }).rows;
    assert.deepEqual(rows[1]!.slice(5), ["∂z/∂a = ?", "∂z/∂w = a = 5"]);
  });

  it("names constants by their number and gives them no derivative", () => {
    const { rows } = table(pow(variable(3, "x"), 2));
    assert.deepEqual(rows[0], ["1", "a = x²", "Power", "(x, 2)", "a", "∂a/∂x = 2 · x = 6"]);
    assert.deepEqual(table(constant(2)).rows, []);
  });

  it("lists tensors' operations by their rules", () => {
    const { rows } = table(sum(matmul(variable([[1, 2]], "W"), variable([[1], [2]], "x"))));
    assert.deepEqual(rows[0]!.slice(1, 5), ["a = W @ x", "Matrix multiplication", "(W, x)", "a"]);
    assert.equal(rows[0]![5], "∂a/∂W");
  });

  it("stops at some hundred rows and says so", () => {
    let value = variable(1, "x");
    for (let i = 0; i < 250; i++) value = add(value, 1);
    assert.equal(table(value).rows.length, 200);
    assert.match(String(table(value)), /… and 50 more operations\.$/);
    assert.match(table(value).toHtml(), /<tfoot>.*50 more operations/);
  });
});
