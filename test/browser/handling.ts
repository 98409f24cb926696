import type { Page } from "playwright-core";
import { until } from "../support/browser.ts";

/**
 * Handles the figure of e = (a + b)·(b + 1) as a reader does: by a key that steps back, by a click on a dot, by the slider, and by
 * pointing at b, of which the caption then tells both paths.
 */
export async function handleFigure(page: Page, selector: string, back: "ArrowLeft" | "PageDown"): Promise<void> {
  const figure = page.locator(selector).first();
  const slider = figure.locator('input[type="range"]');
  const drawing = figure.locator("svg").first();
  const said = async (): Promise<string> => (await drawing.textContent()) ?? "";
  await slider.waitFor();
  await figure.scrollIntoViewIfNeeded();

  const last = Number(await slider.inputValue());
  const atLast = await said();
  await slider.focus();
  await page.keyboard.press(back);
  await until("the key steps back", 20, async () => Number(await slider.inputValue()) === last - 1);
  await until("the figure follows the key", 20, async () => (await said()) !== atLast);

  await drawing.locator("g[class*='dots_marks'] path").nth(1).click();
  await until("a dot takes to its step", 20, async () => (await slider.inputValue()) === "1");

  await slider.fill(String(last));
  await until("the slider takes to the last step", 20, async () => (await said()) === atLast);

  await drawing.locator("g[class*='labels_marks'] text").nth(1).hover({ force: true });
  await until("the paths of what is pointed at are told", 20, async () => /sum over 2 paths/.test(await said()));
  await page.mouse.move(1, 1);
  await until("the caption is back", 20, async () => (await said()) === atLast);
}

/** The cell that draws it. */
export const twoPathsCell = `import { variable } from "gradbook";
const a = variable(2), b = variable(1);
const e = (a + b) * (b + 1);
e`;
