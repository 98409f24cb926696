import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { renderPng } from "../../kernel/figures/png.ts";
import { renderSvg } from "../../kernel/figures/svg.ts";
import type { Figure, Value } from "../../src/index.ts";
import { Cells } from "../support/cells.ts";
import { assertClose } from "../support/close.ts";
import { cache, root } from "../support/paths.ts";
import { environment, programOf } from "../support/python.ts";
import { cells, numbers } from "./cells.ts";
import { photographGraphs } from "./photographs.ts";

// Draws the pictures of src/views/figures.md: three graphs, each by four tools, all of which must have computed the same.

type Name = keyof typeof cells;
type Results = Readonly<Record<Name, number>>;
const names = Object.keys(cells) as Name[];

const scripts = path.join(root, "test", "figures-compared");
const pictures = path.join(root, "src", "views", "pictures");
const work = path.join(cache, "figures-compared-work");
const notebook = path.join(cache, "micrograd", "trace_graph.ipynb");
/** What one picture of the page may weigh, in bytes. */
const heaviest = 150_000;

if (!existsSync(notebook)) {
  throw new Error(
    "draw_dot is defined in a notebook of micrograd's repository, not in its package. Once: " +
      "git clone https://github.com/karpathy/micrograd .cache/micrograd && git -C .cache/micrograd checkout c911406",
  );
}
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
mkdirSync(pictures, { recursive: true });

const folder = await environment("figures-compared", path.join(scripts, "requirements.txt"));
const python = async (script: string, ...args: readonly string[]): Promise<string> => {
  const options = { env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } };
  const { stdout } = await promisify(execFile)(
    programOf(folder, "python"),
    ["-W", "ignore", path.join(scripts, script), ...args],
    options,
  );
  return stdout;
};

const cell = new Cells();
const ours: Record<string, number> = {};
const figures = new Map<Name, Figure>();
for (const name of names) {
  const { code, output, figure } = cells[name];
  ours[name] = ((await cell.run(`${code}\n${output}`)) as Value).item();
  figures.set(name, (await cell.run(figure)) as Figure);
}
const numbersFile = path.join(work, "numbers.json");
writeFileSync(numbersFile, JSON.stringify(await cell.run(numbers)));

const logs = path.join(work, "logs");
const torch = JSON.parse(await python("torch_graphs.py", numbersFile, pictures, logs)) as Results;
const micrograd = JSON.parse(await python("micrograd_graphs.py", notebook, numbersFile, pictures, work)) as Results & {
  readonly batch: number;
  readonly boxes: { readonly one: number; readonly batch: number };
};
for (const name of names) assertClose(ours[name]!, torch[name], 1e-12, `${name}, PyTorch`);
// Its picture of the network is that of one point; the loss of the batch is computed beside it.
const scalars = { ...micrograd, network: micrograd.batch };
for (const name of names) assertClose(ours[name]!, scalars[name], 1e-12, `${name}, micrograd`);

await photographGraphs(programOf(folder, "tensorboard"), logs, pictures);
await python(
  "shrink.py",
  pictures,
  path.join(work, "network-full.png"),
  path.join(pictures, "network-draw-dot-part.png"),
);
for (const [name, figure] of figures) {
  writeFileSync(path.join(pictures, `${name}-gradbook.png`), await renderPng(await renderSvg(figure.specification)));
}

console.log(`draw_dot: ${micrograd.boxes.one} boxes for one point, ${micrograd.boxes.batch} for the batch of 8`);
for (const file of readdirSync(pictures).sort()) {
  const { size } = statSync(path.join(pictures, file));
  console.log(`${file}: ${Math.round(size / 1000)} kB`);
  if (size > heaviest) throw new Error(`${file} is heavier than ${heaviest / 1000} kB.`);
}
