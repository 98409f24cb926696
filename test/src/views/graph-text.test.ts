import assert from "node:assert/strict";
import fc from "fast-check";
import {
  constant,
  div,
  graphOf,
  inModule,
  less,
  mul,
  nn,
  relu,
  toDot,
  toJSON,
  toListing,
  toMermaid,
  type Value,
  variable,
} from "../../../src/index.ts";
import { build, recipes, runningExample } from "../../support/graphs.ts";

const lines = (...list: readonly string[]): string => list.join("\n");

function network(): Value {
  const model = new nn.Sequential(new nn.Linear(2, 3), (h: Value) => relu(h), new nn.Linear(3, 1));
  return model.forward(constant([[1, 2]], "X"));
}

describe("a graph as text", () => {
  it("is a listing, a line a node", () => {
    assert.equal(
      toListing(runningExample()),
      lines("x (variable)  = 2", "y (variable)  = 3", "w (variable)  = 4", "a = x + y     = 5", "z = a · w     = 20"),
    );
    assert.match(toListing(network()), /^f = X @ a +1×3 {2}\[sequential\.layers\.0\]$/m);
  });

  it("is a graph for Graphviz, operations round and leaves square", () => {
    assert.equal(
      toDot(runningExample()),
      lines(
        "digraph {",
        "  rankdir=LR;",
        '  n0 [label="x\\n2", shape=box];',
        '  n1 [label="y\\n3", shape=box];',
        '  n2 [label="w\\n4", shape=box];',
        '  n3 [label="a\\n+\\n5", shape=ellipse];',
        '  n4 [label="z\\n×\\n20", shape=ellipse];',
        "  n0 -> n3;",
        "  n1 -> n3;",
        "  n3 -> n4;",
        "  n2 -> n4;",
        "}",
        "",
      ),
    );
  });

  it("is a graph for Mermaid", () => {
    assert.equal(
      toMermaid(runningExample()),
      lines(
        "graph LR",
        '  n0["x<br>2"]',
        '  n1["y<br>3"]',
        '  n2["w<br>4"]',
        '  n3("a<br>+<br>5")',
        '  n4("z<br>×<br>20")',
        "  n0 --> n3",
        "  n1 --> n3",
        "  n3 --> n4",
        "  n2 --> n4",
        "",
      ),
    );
  });

  it("keeps the layers together: one cluster a call, those inside of others inside", () => {
    const dot = toDot(network());
    assert.equal(dot.match(/subgraph cluster\d+ \{/g)?.length, 3);
    assert.match(dot, /label="sequential";\n {4}subgraph cluster0 \{\n {6}label="layers\.0";\n {6}n5 /);
    const mermaid = toMermaid(network());
    assert.match(mermaid, /subgraph m2\["sequential"\]\n {4}subgraph m0\["layers\.0"\]/);
    assert.equal(mermaid.match(/^ *end$/gm)?.length, 3);
  });

  it("escapes what the languages would read", () => {
    const odd = variable(1, 'a"b\\c');
    assert.match(toDot(odd), /label="a\\"b\\\\c\\n1"/);
    assert.match(toMermaid(mul(less(variable(1), 2), odd)), /#60;/);
    assert.match(toMermaid(odd), /\["a#34;b\\c<br>1"\]/);
  });

  it("is data that JSON holds, numbers that are not finite included", () => {
    const data = toJSON(div(variable(1, "x"), 0));
    assert.deepEqual(JSON.parse(JSON.stringify(data)), data);
    assert.deepEqual(data.nodes[2], {
      name: "a",
      kind: "operation",
      operation: "div",
      inputs: [0, 1],
      shape: [],
      dtype: "float64",
      value: "Infinity",
    });
    assert.deepEqual(data.outputs, [2]);
    const { nodes } = toJSON(network());
    assert.deepEqual(nodes.find(({ operation }) => operation === "relu")?.module, ["sequential"]);
  });

  it("names each node once and refers to earlier ones only, and is the same for the same program", () => {
    fc.assert(
      fc.property(recipes(12), (recipe) => {
        const [first, second] = [build(recipe), build(recipe)];
        for (const text of [toListing, toDot, toMermaid]) assert.equal(text(first), text(second));
        const { nodes } = toJSON(first);
        assert.deepEqual(toJSON(second).nodes, nodes);
        assert.equal(new Set(nodes.map(({ name }) => name)).size, nodes.length);
        nodes.forEach(({ inputs }, place) => {
          assert.ok(inputs.every((input) => input < place));
        });
        const wires = graphOf(first).edges.length;
        assert.equal(toDot(first).match(/ -> /g)?.length ?? 0, wires);
        assert.equal(toMermaid(first).match(/ --> /g)?.length ?? 0, wires);
      }),
      { numRuns: 50 },
    );
  });

  it("takes a graph as well as a value, and knows layers of one's own", () => {
    const z = inModule({}, "half", () => mul(variable(3, "x"), 0.5));
    assert.equal(toListing(graphOf(z)), toListing(z));
    assert.match(toListing(z), /^a = x · 0\.5 +=? ?1\.5 {2}\[half\]$/m);
  });
});
