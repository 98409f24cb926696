import assert from "node:assert/strict";
import { Session } from "./session.ts";

describe("cells on Values", () => {
  let session: Session;
  const number = async (code: string): Promise<number> => Number(await session.show(code));
  before(async () => {
    session = await Session.start();
    await session.show(
      'import { constant, Value, variable } from "gradbook";\nconst x = variable(2), y = variable(3), w = variable(4);',
    );
  });
  after(() => session.engine.shutdown());

  it("read like mathematics", async () => {
    assert.equal(await number("const z = (x + y) * w; z.item()"), 20);
    assert.equal(await number("(-z * 2 + 1).item()"), -39);
    assert.equal(await number("(2 * x - y / 4 + w ** 0.5).item()"), 5.25);
    assert.equal(await number("(-x * -y - -x).item()"), 8);
    assert.equal(await number("(- -x).item()"), 2);
    assert.equal(await number("((-x) ** 2).item()"), 4);
  });

  it("type a negated Value as a Value, in later cells too", async () => {
    await session.show("const m = -z;");
    assert.equal(await number("const negated: Value = m * -x; negated.item()"), 40);
    assert.match((await session.run("const wrong: number = -z")).failure ?? "", /Type 'Value'.* 'number'/);
  });

  it("assign with an operator: variables, properties, elements, each target evaluated once", async () => {
    assert.equal(await number("let total = constant(0);\nfor (const v of [x, y]) total += v;\ntotal.item()"), 5);
    assert.equal(await session.show("const o = { a: x, n: 1 }; o.a *= y; o.n += 2; [o.a.item(), o.n]"), "[ 6, 3 ]");
    const once =
      "let calls = 0; const list = [x, y]; const at = () => calls++;\nlist[at()] += 1; [calls, list[0].item()]";
    assert.equal(await session.show(once), "[ 1, 3 ]");
    const object = "let asked = 0; const owner = () => { asked++; return o };\nowner().a -= 1; [asked, o.a.item()]";
    assert.equal(await session.show(object), "[ 1, 5 ]");
  });

  it("sum in loops, generators, classes and asynchronous functions", async () => {
    assert.equal(await number("[x, y, w].reduce((a, b) => a + b).item()"), 9);
    assert.equal(await number("[x, y].reduce((a, b) => a + b, constant(1)).item()"), 6);
    assert.equal(await number("let h = x; for (let i = 0; i < 3; i++) { const g = h * y; h = g - x } h.item()"), 28);
    assert.equal(
      await number(
        "function* steps() { let q = x; while (true) { yield q; q += 1 } }\nconst it = steps(); it.next(); (it.next().value as Value).item()",
      ),
      3,
    );
    assert.equal(
      await number(
        "class Layer { bias = -x; sum = [x, y].reduce((a, b) => a + b) * 2; get neg() { return -this.bias } }\nconst layer = new Layer(); (layer.sum + layer.neg).item()",
      ),
      12,
    );
    assert.equal(
      await number(
        "const later = async () => { let q = x; q *= await Promise.resolve(y); return q };\n(await later()).item()",
      ),
      6,
    );
  });

  it("take generics, unions and operands without a type", async () => {
    assert.equal(
      await number("function product<T extends Value>(a: T, b: T) { return a * b } product(x, y).item()"),
      6,
    );
    assert.equal(
      await number("const either: Value | number = Math.random() > 2 ? 1 : x; (either * 3 as Value).item()"),
      6,
    );
    assert.equal(
      await number(
        "const free: any = x; const [doubled, minus]: any[] = [free * 2, -free]; doubled.item() + minus.item()",
      ),
      2,
    );
    assert.equal(await number("JSON.parse('{\"a\": 2}').a * 3"), 6);
  });

  it("leave numbers, texts and big integers to the language", async () => {
    assert.equal(await number("const w2 = 5; -w2 * 2 + 1"), -9);
    assert.equal(await session.show('"loss " + x'), "'loss 2'");
    assert.equal(await session.show("`\u0024{x}` + 's'"), "'2s'");
    assert.equal(await session.show("const big = 10n ** 2n; -big"), "-100n");
  });

  it("are named by their variables as soon as the initialiser is done", async () => {
    assert.equal(await session.show("const loss = x * y; const seen = loss.name; seen"), "'loss'");
    const patterns = "const [first, { inner = x / y }] = [x - y, {} as { inner?: Value }]; [first.name, inner.name]";
    assert.equal(await session.show(patterns), "[ 'first', 'inner' ]");
    assert.equal(await session.show("const other = loss; other.name"), "'loss'");
  });

  describe("where an operator does not fit, the learner is told what to write", () => {
    const advice: readonly (readonly [string, RegExp])[] = [
      ["let sum = 0; sum += x", /constant\(0\).*variable\(0\)/],
      ["x ^ 2", /\*\*/],
      ["x > y", /x\.item\(\) > y\.item\(\)/],
      ["if (x <= 3) 1", /x\.item\(\) <= 3/],
      ["+x", /x\.item\(\)/],
      ["let counted = variable(1); counted++", /counted = counted \+ 1|counted \+= 1/],
      ["[x, y].reduce((a, b) => a + b, 0)", /constant\(0\)/],
    ];
    for (const [code, expected] of advice) {
      it(code, async () => {
        const { failure } = await session.run(code);
        assert.match(failure ?? "", /^TypeScriptError: /);
        assert.match(failure ?? "", expected);
      });
    }
  });
});
