import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

// Which room may look into which: src/graph <- src/autodiff <- … <- src/course <- kernel.
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "src/graph": [],
  "src/autodiff": ["src/graph"],
  "src/nn": ["src/graph", "src/autodiff"],
  "src/views": ["src/graph", "src/autodiff"],
  "src/checkpoints": ["src/graph", "src/autodiff", "src/nn", "src/views"],
  "src/course": ["src/graph", "src/autodiff", "src/nn", "src/views", "src/checkpoints"],
  src: ["src/graph", "src/autodiff", "src/nn", "src/views", "src/checkpoints", "src/course"],
  kernel: ["src", "src/graph", "src/autodiff", "src/nn", "src/views", "src/checkpoints", "src/course"],
};
const packagesOf: Readonly<Record<string, readonly string[]>> = {
  "src/graph": ["tsover-runtime"],
  "src/views": ["@dagrejs/dagre"],
  "src/course": ["ajv", "ajv-draft-04"],
};

function roomOf(file: string): string {
  const [first, second] = file.split("/");
  return first === "kernel" || file.split("/").length === 2 ? first! : `${first}/${second}`;
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [
    ...text.matchAll(/^\s*(?:import|export)\b[^;]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm),
  ].map((match) => (match[1] ?? match[2] ?? match[3])!);
}

describe("imports", () => {
  const files = ["src", "kernel"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => path.posix.join(folder, name.split(path.sep).join("/"))),
  );

  it("point one way", () => {
    let read = 0;
    for (const file of files) {
      const room = roomOf(file);
      for (const wanted of importsOf(file).filter((name) => name.startsWith("."))) {
        read++;
        const target = roomOf(path.posix.join(path.posix.dirname(file), wanted));
        assert.ok(
          target === room || mayImport[room]?.includes(target),
          `${file} imports ${wanted}: ${room} may not read ${target}`,
        );
      }
    }
    assert.ok(read > 20, `only ${read} imports were read`);
  });

  it("keep src free of Node and of packages it does not name", () => {
    let read = 0;
    for (const file of files.filter((name) => name.startsWith("src/"))) {
      for (const wanted of importsOf(file).filter((name) => !name.startsWith("."))) {
        read++;
        const base = wanted
          .split("/")
          .slice(0, wanted.startsWith("@") ? 2 : 1)
          .join("/");
        assert.ok(packagesOf[roomOf(file)]?.includes(base), `${file} imports ${wanted}`);
      }
    }
    assert.ok(read > 0);
  });
});
