import assert from "node:assert/strict";
import fc from "fast-check";
import { renderSvg } from "../../../kernel/figures/svg.ts";
import { add, bindName, graphOf, matmul, mul, show, sum, tanh, type Value, variable } from "../../../src/index.ts";
import { build, recipes, runningExample, twoPaths } from "../../support/graphs.ts";
import { compile, viewOf } from "../../support/vega.ts";

function variableOf(value: Value): Value {
  return graphOf(value).nodes.find((node) => node.kind === "variable")!.value;
}

describe("renderSvg", () => {
  it("draws the last step with a title and a description, without a canvas", async () => {
    const svg = await renderSvg(show(runningExample()).specification);
    assert.match(
      svg,
      /^<svg[^>]*><title>Computational graph of z<\/title><desc>Computational graph of z\. Given: x = 2/,
    );
    assert.match(svg, />Done: every gradient from one backward pass</);
    assert.match(svg, />∂z\/∂x = 4</);
    assert.doesNotMatch(svg, /NaN|undefined/);
  });

  it("escapes what the code named", async () => {
    const odd = mul(variable(2, "<b>&"), variable(3, "y"));
    assert.doesNotMatch(await renderSvg(show(odd).specification), /<b>/);
  });

  it("draws tables of marks, tensors, overviews and sentences alike", async () => {
    const h = tanh(matmul(variable([[1, 2]], "W"), variable([[1], [2]], "x")));
    let long = variable(0.5, "x");
    for (let i = 0; i < 30; i++) long = add(long, 1);
    let longer = long;
    for (let i = 0; i < 300; i++) longer = add(longer, 1);
    bindName(h, "h");
    for (const value of [sum(h), h, long, longer, variable(1)]) {
      assert.match(await renderSvg(show(value).specification), /^<svg/);
    }
  });
});

describe("a figure's specification", () => {
  it("hands the events of the player on to Vega as they are", () => {
    const { spec } = compile(show(runningExample(), { autoplay: true }).specification);
    const signal = spec.signals!.find(({ name }) => name === "at_k") as { on: readonly { events: unknown }[] };
    assert.deepEqual(
      signal.on.map(({ events }) => events),
      [{ signal: "play" }, { type: "timer", throttle: 1200 }, { markname: "dots_marks", type: "click" }],
    );
    assert.ok(JSON.stringify(spec.marks).includes('"dots_marks"'));
  });

  it("compiles without warnings, whatever the graph", () => {
    fc.assert(
      fc.property(recipes(8), fc.boolean(), (recipe, marked) => {
        const marks = { marks: [{ kind: "answer", node: 0, label: "yours" } as const] };
        const value = build(recipe);
        const options = marked ? { marks } : { table: true, autoplay: true };
        assert.deepEqual(compile(show(value, options).specification).warnings, []);
        fc.pre(value.needsGradient);
        assert.deepEqual(
          compile(show([value, value.exp()], { tangents: new Map([[variableOf(value), 1]]) }).specification).warnings,
          [],
        );
      }),
      { numRuns: 25 },
    );
  });

  it("names the slider's signal at_k, which the step reads and keeps within bounds", async () => {
    const view = await viewOf(show(twoPaths(), { step: 3 }).specification);
    assert.equal(view.signal("at_k"), 3);
    assert.equal(view.signal("step"), 3);
    for (const [asked, shown] of [
      ["7", 7],
      [99, 8],
      [-4, 0],
      [null, 3],
    ]) {
      await view.signal("at_k", asked).runAsync();
      assert.equal(view.signal("step"), shown);
    }
    view.finalize();
  });

  it("lights paths only from a box under the pointer, not from what else has no id", async () => {
    const view = await viewOf(show(twoPaths()).specification);
    const over = async (id: number | undefined): Promise<unknown> => {
      const fields = [{ type: "E", field: "id" }];
      await view.data("hover_store", id === -1 ? [] : [{ unit: "", fields, values: [id] }]).runAsync();
      return view.signal("over");
    };
    assert.deepEqual([await over(1), await over(undefined), await over(-1)], [1, -1, -1]);
    await over(1);
    assert.match(await view.toSVG(), />∂e\/∂b = 2 \+ 3 = 5 .*sum over 2 paths/);
    view.finalize();
  });

  it("shows each number from its step on", async () => {
    const view = await viewOf(show(runningExample(), { step: 0 }).specification);
    const at = async (step: number): Promise<string> => {
      await view.signal("at_k", step).runAsync();
      return await view.toSVG();
    };
    assert.doesNotMatch(await at(0), />a = 5</);
    assert.match(await at(1), />a = x \+ y = 2 \+ 3 = 5</);
    assert.match(await at(1), />a = 5</);
    assert.match(await at(4), />Backward: multiplication passes its gradient on</);
    view.finalize();
  });
});
