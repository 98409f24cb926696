import assert from "node:assert/strict";
import path from "node:path";
import { root } from "../../support/paths.ts";
import type { Block, Blocks } from "../../support/pytorch/blocks.ts";
import { type Case, compare, described, readGroups } from "../../support/pytorch/cases.ts";

// What PyTorch computed from the same numbers: test/fixtures/pytorch recorded it, `npm run test:pytorch` records it anew.
const groups = readGroups(path.join(root, "test", "fixtures", "pytorch"));

/** The case with another first number in one of the results that it records, for each of them. */
function alterations(example: Case): readonly Case[] {
  return Object.entries(example).flatMap(([key, part]) =>
    results.has(key) ? altered(part).map((other) => ({ ...example, [key]: other }) as Case) : [],
  );
}

const results = new Set([
  ...["output", "gradients", "second", "hessian", "results", "path"],
  ...["outputs", "parameterGradients", "buffersAfter"],
]);

function altered(part: Block | Blocks | readonly Block[]): readonly unknown[] {
  if (Array.isArray(part) && typeof part[0] === "string") {
    const [dtype, shape, text] = part as unknown as Block;
    const bytes = Buffer.from(text, "base64");
    if (bytes.length === 0) return [];
    // The sign and the exponent's highest bit stand in a float's last byte; the lowest bit in a whole number's first.
    const width = dtype === "float64" ? 8 : 4;
    if (dtype === "float64" || dtype === "float32") bytes[width - 1]! ^= 0x40;
    else bytes[0]! ^= 1;
    return [[dtype, shape, bytes.toString("base64")]];
  }
  const places = Object.entries(part as Blocks);
  return places.flatMap(([key, block]) =>
    altered(block).map((other) =>
      Array.isArray(part) ? part.with(Number(key), other as never) : { ...part, [key]: other },
    ),
  );
}

describe(`PyTorch ${groups[0]?.torch}`, () => {
  it("was asked at least 1,500 times", () => {
    assert.ok(groups.reduce((count, { cases }) => count + cases.length, 0) >= 1_500);
  });

  it("would have told of another number", () => {
    const cases = groups.flatMap((group) => group.cases);
    for (const of of new Set(cases.map((example) => example.of))) {
      const example = cases.find((candidate) => candidate.of === of)!;
      for (const other of alterations(example)) assert.ok(!compare(other).agrees, `unnoticed: ${described(other)}`);
    }
  });

  for (const group of groups) {
    for (const of of new Set(group.cases.map((example) => example.of))) {
      const examples = group.cases.filter((example) => example.of === of);
      it(`agrees on ${of} in ${examples.length} cases (${group.name})`, () => {
        for (const example of examples) {
          const { what, error, agrees } = compare(example);
          assert.ok(agrees, `${what}: off by ${error}: ${described(example)}`);
        }
      });
    }
  }
});
