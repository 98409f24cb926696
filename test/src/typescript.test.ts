import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

describe("the build", () => {
  it("uses TypeScript 7, not a compiler that a dependency brought along", () => {
    const text = readFileSync("node_modules/typescript/package.json", "utf8");
    assert.match((JSON.parse(text) as { version: string }).version, /^7\./);
  });
});
