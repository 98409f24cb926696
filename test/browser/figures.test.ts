import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import type { Browser, Page } from "playwright-core";
import { type Figure, graphOf, show, type Value } from "../../src/index.ts";
import { openBrowser, until } from "../support/browser.ts";
import { figures } from "../support/figures.ts";
import { build, buildTensors, recipes, tensorRecipes, twoPaths } from "../support/graphs.ts";
import { compare, type Drawing, draw, type Major, type Measured, vegaPage } from "../support/vega-page.ts";

/** Figures as Vega draws them in real Chromium: what its own fonts and boxes say, not what our layout expects. */

const seed = 1986;
const slack = 0.6;

/** Labels that stand on something of their own: each must lie within one of these. */
const grounds: Readonly<Record<string, readonly string[]>> = {
  labels: ["boxes"],
  chipTexts: ["chips", "boxes"],
  symbols: ["circles"],
  cells: ["maps"],
  tagTexts: ["tags"],
  legendSymbols: ["legendChips"],
  legendTexts: ["legendPanel"],
  words: ["panel"],
  panelTitle: ["panel"],
  tableCells: ["tableRows"],
  tableHeads: ["tableHead"],
};

function overlap(a: Measured, b: Measured): boolean {
  return a.x1 + slack < b.x2 && b.x1 + slack < a.x2 && a.y1 + slack < b.y2 && b.y1 + slack < a.y2;
}

function within(inner: Measured, outer: Measured): boolean {
  return (
    inner.x1 >= outer.x1 - slack && inner.x2 <= outer.x2 + slack && inner.y1 >= outer.y1 - 2 && inner.y2 <= outer.y2 + 2
  );
}

const said = ({ layer, text, x1, x2, y1, y2 }: Measured): string =>
  `${layer} "${text}" (${[x1, y1, x2, y2].map((each) => each.toFixed(1)).join(" ")})`;

/** What is wrong with a drawing, in words. */
function faults({ width, height, marks, steps }: Drawing): readonly string[] {
  const found: string[] = [];
  const texts = marks.filter((mark) => mark.text !== "");
  const solid = marks.filter(({ layer }) => layer === "chips" || layer === "tags");
  const round = marks.filter(({ layer }) => layer === "boxes" || layer === "circles");
  const outside = (mark: Measured): boolean =>
    mark.x1 < -slack || mark.y1 < -slack || mark.x2 > width + slack || mark.y2 > height + slack;
  const pairs = (list: readonly Measured[], others: (index: number) => readonly Measured[]): void => {
    for (const [index, first] of list.entries()) {
      for (const second of others(index))
        if (overlap(first, second)) found.push(`${said(first)} covers ${said(second)}`);
    }
  };
  for (const mark of [...texts, ...solid, ...round]) if (outside(mark)) found.push(`${said(mark)} sticks out`);
  for (const text of texts) {
    const under = grounds[text.layer];
    if (under === undefined) continue;
    const inside = marks.some((mark) => under.includes(mark.layer) && mark.text === "" && within(text, mark));
    if (!inside) found.push(`${said(text)} does not fit what it stands on`);
  }
  pairs(texts, (index) => texts.slice(index + 1));
  pairs(solid, (index) => [...solid.slice(index + 1), ...round]);
  const panel = marks.find(({ layer }) => layer === "panel")!;
  for (const { step, texts: words } of steps) {
    for (const [index, word] of words.entries()) {
      if (!within(word, panel)) found.push(`step ${step}: ${said(word)} leaves the panel`);
      for (const other of words.slice(index + 1)) {
        if (overlap(word, other)) found.push(`step ${step}: ${said(word)} covers ${said(other)}`);
      }
    }
  }
  return found;
}

/** Scalar and tensor graphs of 3 to 25 values, half of them in a direction of choice, some forward, some with a table. */
function generated(count: number): readonly { readonly name: string; readonly figure: Figure }[] {
  const size = (value: Value): number => graphOf(value).nodes.length;
  const fitting = (make: (numRuns: number) => readonly Value[]): readonly Value[] =>
    make(4 * count)
      .filter((value) => size(value) >= 3 && size(value) <= 25 && value.needsGradient)
      .slice(0, count / 2);
  const values = [
    ...fitting((numRuns) => fc.sample(recipes(16), { seed, numRuns }).map(build)),
    ...fitting((numRuns) => fc.sample(tensorRecipes(7), { seed, numRuns }).map(buildTensors)),
  ];
  assert.equal(values.length, count);
  return values.map((value, index) => {
    const variable = graphOf(value).nodes.find((node) => node.kind === "variable")!;
    const options = {
      ...(index % 4 === 1 ? { direction: "down" as const } : {}),
      ...(index % 4 === 3 ? { direction: "right" as const } : {}),
      ...(index % 5 === 2 ? { tangents: new Map([[variable.value, 1]]) } : {}),
      ...(index % 6 === 4 ? { table: true } : {}),
    };
    return { name: `${index} ${JSON.stringify(Object.keys(options))}`, figure: show(value, options) };
  });
}

describe("figures in a browser", () => {
  let browser: Browser;
  const pages = new Map<Major, Page>();
  /** Draws at a bit more than half the size, for pictures that are kept. */
  let small: Page;

  before(async () => {
    browser = await openBrowser();
    for (const major of [5, 6] as const) pages.set(major, await vegaPage(browser, major));
    small = await vegaPage(browser, 6, 0.6);
  });
  after(() => browser?.close());

  const picture = async (page: Page): Promise<Buffer> =>
    page.locator("#figure svg").screenshot({ animations: "disabled" });

  it("have no label over another or outside, in 200 graphs", async () => {
    const page = pages.get(6)!;
    const wrong: string[] = [];
    let labels = 0;
    for (const [index, { name, figure }] of generated(200).entries()) {
      const drawing = await draw(page, figure.specification, index % 10 === 0);
      labels += drawing.marks.filter((mark) => mark.text !== "").length;
      wrong.push(...faults(drawing).map((fault) => `${name}: ${fault}`));
    }
    console.log(`      ${labels} labels measured`);
    assert.ok(labels > 200 * 20, `only ${labels} labels`);
    assert.deepEqual(wrong, []);
  });

  it("notice what is wrong: a label moved onto another, one outside", async () => {
    const { specification } = show(twoPaths());
    const datasets = specification["datasets"] as { labels: { x: number; y: number }[] };
    const labels = datasets.labels.map((label, index) => (index === 0 ? { ...label, x: 10 } : label));
    const drawing = await draw(pages.get(6)!, { ...specification, datasets: { ...datasets, labels } });
    assert.match(faults(drawing).join("\n"), /labels "a = 2" .* sticks out|labels "a = 2" .* does not fit/);
  });

  for (const [name, make] of Object.entries(figures)) {
    it(`draw ${name} alike in Vega 5 and 6, and as they were last looked at`, async () => {
      const { specification } = make();
      const drawings: Buffer[] = [];
      for (const major of [5, 6] as const) {
        const drawing = await draw(pages.get(major)!, specification, true);
        assert.deepEqual(faults(drawing), [], `Vega ${major}`);
        await draw(pages.get(major)!, specification);
        drawings.push(await picture(pages.get(major)!));
      }
      const [five, six] = drawings as [Buffer, Buffer];
      assert.deepEqual(await compare(pages.get(6)!, five, six), { sameSize: true, different: 0, share: 0 });
      const file = new URL(`../../../test/browser/references/${name.replaceAll(/\W+/g, "-")}.png`, import.meta.url);
      // UPDATE_SNAPSHOTS=1 writes the pictures anew; look at them before they are committed.
      await draw(small, specification);
      const kept = await picture(small);
      if (process.env["UPDATE_SNAPSHOTS"] === "1") writeFileSync(file, kept);
      const { sameSize, share } = await compare(small, readFileSync(file), kept);
      assert.ok(sameSize && share < 0.0005, `${(share * 100).toFixed(2)} % of ${name} differ from ${file.pathname}`);
    });
  }

  for (const major of [5, 6] as const) {
    it(`play where the box is ticked, and by themselves never (Vega ${major})`, async () => {
      const page = await vegaPage(browser, major);
      await page.clock.install();
      await page.emulateMedia({ reducedMotion: "reduce" });
      await draw(page, figures["with its table"]!().specification);
      const step = async (): Promise<string> => page.getByRole("slider").inputValue();
      const box = page.getByRole("checkbox", { name: "Play" });
      assert.equal(await step(), "5");
      await page.clock.runFor(10_000);
      assert.equal(await step(), "5");
      await box.check();
      await page.clock.runFor(1300);
      await until("the next step is shown", 5, async () => (await step()) === "6");
      await page.clock.runFor(1300);
      await until("the box is free again", 5, async () => !(await box.isChecked()));
      await page.clock.runFor(10_000);
      assert.equal(await step(), "6");
      await box.check();
      await until("it starts over", 5, async () => (await step()) === "0");
      await page.clock.runFor(1300);
      await until("it goes on", 5, async () => (await step()) === "1");
      await box.uncheck();
      await page.clock.runFor(10_000);
      assert.equal(await step(), "1");
      await page.close();
    });

    it(`have a slider with a name that arrow keys move, and dots to click (Vega ${major})`, async () => {
      const page = pages.get(major)!;
      for (const name of ["scalars", "with its table"]) {
        await draw(page, figures[name]!().specification);
        const slider = page.getByRole("slider", { name: "Step" });
        await slider.focus();
        const before = Number(await slider.inputValue());
        await page.keyboard.press("ArrowLeft");
        await until("the slider moved", 5, async () => Number(await slider.inputValue()) === before - 1);
        await until("the figure followed", 5, async () =>
          (await page.locator("#figure svg").textContent())!.includes("Backward"),
        );
        await page.locator("#figure svg g[class*='dots_marks'] path").nth(1).click();
        await until("the dot is taken", 5, async () => (await slider.inputValue()) === "1");
      }
    });

    it(`tell the paths of the box under the pointer, also where its words are (Vega ${major})`, async () => {
      const page = pages.get(major)!;
      await draw(page, show(twoPaths()).specification);
      const said = async (): Promise<string> => (await page.locator("#figure svg").textContent())!;
      const { x, y, width, height } = (await page
        .locator("#figure svg g[class*='labels_marks'] text")
        .nth(1)
        .boundingBox())!;
      await page.mouse.move(x + width / 2, y + height / 2);
      await until("the paths are told", 5, async () => /sum over 2 paths/.test(await said()));
      await page.mouse.move(995, 895);
      await until("the caption is back", 5, async () => !/sum over 2 paths/.test(await said()));
    });

    it(`stay at their step where something else is clicked (Vega ${major})`, async () => {
      const page = pages.get(major)!;
      for (const name of ["scalars", "with its table"]) {
        await draw(page, figures[name]!().specification);
        const svg = page.locator("#figure svg");
        await svg.locator("g[class*='dots_marks'] path").nth(1).click();
        const slider = page.getByRole("slider", { name: "Step" });
        await until("the dot is taken", 5, async () => (await slider.inputValue()) === "1");
        const away = async (): Promise<Buffer> => {
          await page.mouse.move(995, 895);
          await page.waitForTimeout(200);
          return picture(page);
        };
        const before = await away();
        const { width, height } = (await svg.boundingBox())!;
        const places = [0.02, 0.25, 0.5, 0.75, 0.98];
        for (const x of places) {
          for (const y of places) {
            await svg.click({ position: { x: x * width, y: y * height }, force: true });
            assert.equal(await slider.inputValue(), "1", `clicked at ${x}, ${y}`);
          }
        }
        assert.equal((await compare(page, before, await away())).different, 0);
      }
    });
  }
});
