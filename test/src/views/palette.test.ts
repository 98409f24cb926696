import assert from "node:assert/strict";
import { palette, ramps, seriesColours } from "../../../src/views/palette.ts";
import { classStyle } from "../../../src/views/plots/classes.ts";
import { contrast, contrastOf, distance, labOf, luminanceOf, visions } from "../../support/colours.ts";

describe("the palette of plots", () => {
  it("keeps classes and series at least 20 apart, however one sees colours", () => {
    let compared = 0;
    for (const [vision, matrix] of Object.entries(visions)) {
      for (const [index, a] of seriesColours.entries()) {
        for (const b of seriesColours.slice(0, index)) {
          compared++;
          const apart = distance(a, b, matrix);
          assert.ok(apart >= 20, `${a} and ${b} are ${apart.toFixed(1)} apart in ${vision} vision`);
        }
      }
    }
    assert.equal(compared, 4 * 15);
  });

  it("keeps the two ends of a diverging scale at least 60 apart, and each 40 from its middle", () => {
    const [low, middle, high] = ramps.diverging;
    for (const [vision, matrix] of Object.entries(visions)) {
      assert.ok(distance(low, high, matrix) >= 60, `${vision}: ${distance(low, high, matrix)}`);
      for (const end of [low, high]) assert.ok(distance(end, middle, matrix) >= 40, vision);
    }
  });

  it("draws lines with a contrast of at least 3, and writes with at least 4.5, on the panel", () => {
    const { fill } = palette.panel;
    for (const colour of [...seriesColours, palette.wire, palette.gradient.line, palette.value.line]) {
      assert.ok(contrast(colour, fill) >= 3, `${colour}: ${contrast(colour, fill)}`);
    }
    for (const ink of [palette.ink, palette.muted, palette.gradient.ink, palette.wrong.ink]) {
      assert.ok(contrast(ink, fill) >= 4.5, `${ink}: ${contrast(ink, fill)}`);
    }
  });

  it("writes numbers on colours with a contrast of at least 4.5, whatever the number", () => {
    const [white, ...ends] = [ramps.sequential[0], ramps.sequential[1], ramps.diverging[0], ramps.diverging[2]];
    for (const end of ends) {
      for (const share of Array.from({ length: 1001 }, (_, index) => index / 1000)) {
        // Mixed in Lab, lightness goes straight from one to the other.
        const lightness = labOf(white)[0] * (1 - share) + labOf(end)[0] * share;
        const ink = share > ramps.light ? 1 : 0;
        const read = contrastOf(luminanceOf(lightness), ink);
        assert.ok(read >= 4.5, `${end} at ${share.toFixed(2)}: ${read.toFixed(2)}`);
      }
    }
  });

  it("gives 42 classes a colour and shape each of their own, neighbours both", () => {
    const styles = Array.from({ length: 42 }, (_, index) => classStyle(index));
    assert.equal(new Set(styles.map(({ colour, shape }) => `${colour} ${shape}`)).size, 42);
    for (let index = 1; index < styles.length; index++) {
      assert.notEqual(styles[index]!.colour, styles[index - 1]!.colour);
      assert.notEqual(styles[index]!.shape, styles[index - 1]!.shape);
    }
  });
});
