import assert from "node:assert/strict";
import fc from "fast-check";
import { renderPng } from "../../../kernel/figures/png.ts";
import { encodePng } from "../../../kernel/figures/png-file.ts";
import { renderSvg } from "../../../kernel/figures/svg.ts";
import { show } from "../../../src/index.ts";
import { palette } from "../../../src/views/palette.ts";
import { runningExample } from "../../support/graphs.ts";
import { plots } from "../../support/plots.ts";
import { decode, type Picture } from "../../support/png.ts";

function pixelsIn({ width, height, at }: Picture, holds: (pixel: readonly number[]) => boolean): number {
  let count = 0;
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (holds(at(x, y))) count++;
  return count;
}

const channels = (colour: string): number[] => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
const near =
  (colour: string) =>
  ([red, green, blue, opaque]: readonly number[]): boolean => {
    const [r, g, b] = channels(colour) as [number, number, number];
    return opaque! > 200 && Math.hypot(red! - r, green! - g, blue! - b) < 12;
  };

describe("encodePng", () => {
  it("keeps every pixel of a picture with few colours", () => {
    const colour = fc.constantFrom([255, 0, 0, 255], [0, 128, 255, 255], [10, 20, 30, 128], [0, 0, 0, 0]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(colour, { minLength: 12, maxLength: 60 }),
        (width, list) => {
          const height = Math.floor(list.length / width);
          if (height === 0) return;
          const data = Uint8Array.from(list.slice(0, width * height).flat());
          const picture = decode(encodePng({ width, height, data }));
          assert.deepEqual([picture.width, picture.height], [width, height]);
          for (let i = 0; i < width * height; i++) {
            assert.deepEqual(picture.at(i % width, Math.floor(i / width)), list[i]);
          }
        },
      ),
    );
  });

  it("keeps near to every pixel of a picture with thousands of colours", () => {
    const side = 64;
    const data = Uint8Array.from({ length: side * side * 4 }, (_, at) => {
      const [x, y] = [(at >> 2) % side, Math.floor((at >> 2) / side)];
      return [4 * x, 4 * y, 128, 255][at % 4]!;
    });
    const picture = decode(encodePng({ width: side, height: side, data }));
    for (let i = 0; i < side * side; i++) {
      const [red, green] = picture.at(i % side, Math.floor(i / side));
      assert.ok(Math.hypot(red! - data[4 * i]!, green! - data[4 * i + 1]!) < 40);
    }
  });

  it("undoes the mixing with black of what is half opaque", () => {
    const data = Uint8Array.of(64, 32, 0, 128);
    assert.deepEqual(decode(encodePng({ width: 1, height: 1, data, mixed: true })).at(0, 0), [128, 64, 0, 128]);
  });
});

describe("renderPng", () => {
  it("draws the seed figure with two pixels to one, letters and all, on no background", async () => {
    const svg = await renderSvg(show(runningExample()).specification);
    const [, width, height] = /<svg[^>]*? width="(\d+)" height="(\d+)"/.exec(svg)!;
    const png = await renderPng(svg);
    const picture = decode(png);
    assert.deepEqual([picture.width, picture.height], [2 * Number(width), 2 * Number(height)]);
    assert.ok(png.length < 80_000, `${png.length} bytes`);
    assert.equal(picture.at(0, 0)[3], 0);
    assert.ok(pixelsIn(picture, near(palette.panel.fill)) > 100_000);
    // Letters are made of ink: of this colour there is nothing else.
    const inked = pixelsIn(picture, near(palette.ink));
    const wordless = decode(await renderPng(svg.replace(/<text[\s\S]*?<\/text>/g, "")));
    assert.ok(inked > 800, `${inked} pixels of ink`);
    assert.ok(pixelsIn(wordless, near(palette.ink)) < inked / 20);
  });

  it("writes mathematics where the machine has no fonts", async () => {
    const drawing = async (letters: string, font: string): Promise<Picture> =>
      decode(
        await renderPng(
          `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="5" y="30" font-size="24" font-family="${font}">${letters}</text></svg>`,
        ),
      );
    const missing = await drawing("\u{10FFFD}", "serif");
    const likeMissing = (picture: Picture): boolean =>
      pixelsIn(picture, ([, , , opaque]) => opaque! > 0) === pixelsIn(missing, ([, , , opaque]) => opaque! > 0);
    for (const letter of "∂·₁σ∇ᵀ′−∞δ√⁻") {
      for (const font of ["STIX Two Math, serif", "Inter, sans-serif"]) {
        const drawn = await drawing(letter, font);
        assert.ok(pixelsIn(drawn, ([, , , opaque]) => opaque! > 0) > 4, `${letter} in ${font} is blank`);
        assert.ok(!likeMissing(drawn), `${letter} in ${font} is an empty box`);
      }
    }
  });

  it("makes a huge figure smaller", async () => {
    const { width, height } = decode(
      await renderPng(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="1000"><rect width="9000" height="1000"/></svg>',
      ),
    );
    assert.ok(width * height <= 4_100_000, `${width} × ${height}`);
    assert.ok(Math.abs(width / height - 9) < 0.1);
  });

  it("draws every plot", async () => {
    for (const [name, { specification }] of Object.entries(plots())) {
      const picture = decode(await renderPng(await renderSvg(specification)));
      assert.ok(
        pixelsIn(picture, (pixel) => near(palette.ink)(pixel) || near(palette.muted)(pixel)) > 200,
        `${name} has no letters`,
      );
    }
  });

  it("says of what is no SVG that it is none", async () => {
    await assert.rejects(renderPng("<p>"));
  });
});
