// Everything between a fresh clone and a running program: install what is missing, build what is stale.
// Plain JavaScript on Node's own modules, because it runs before anything is installed or compiled.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const at = (...parts) => path.join(root, ...parts);
const stampFile = at("dist", ".stamps.json");
const installStamp = at("node_modules", ".gradbook-lock");

/** Files below `entry` (a file or folder), sorted, so that a hash of them is stable. */
function filesBelow(entry) {
  const full = at(entry);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [entry];
  return readdirSync(full)
    .sort()
    .flatMap((name) => filesBelow(path.join(entry, name)));
}

function hashOf(entries, except = () => false) {
  const hash = createHash("sha256").update(process.version);
  for (const file of entries.flatMap(filesBelow)) {
    if (!except(file))
      hash
        .update(file)
        .update("\0")
        .update(readFileSync(at(file)));
  }
  return hash.digest("hex");
}

function run(what, command, args) {
  const started = Date.now();
  process.stderr.write(`gradbook: ${what} …\n`);
  const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (result.status !== 0) {
    process.stderr.write(`gradbook: ${what} failed${result.error ? `: ${result.error.message}` : ""}\n`);
    process.exit(1);
  }
  process.stderr.write(`gradbook: ${what} took ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

function install() {
  const wanted = hashOf(["package-lock.json"]);
  const stamp = existsSync(installStamp) ? readFileSync(installStamp, "utf8") : "";
  if (stamp === wanted) return;
  // npm writes its own copy of the lock into node_modules: newer than ours means that somebody ran npm ci.
  const installed = at("node_modules", ".package-lock.json");
  const fresh = existsSync(installed) && statSync(installed).mtimeMs >= statSync(at("package-lock.json")).mtimeMs;
  if (stamp !== "" || !fresh) {
    run("installing packages (npm ci)", "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
  }
  writeFileSync(installStamp, wanted);
}

const isPage = (file) => file.startsWith(path.join("kernel", "page"));
const steps = [
  {
    name: "compiling",
    hash: () => hashOf(["tsconfig.json", "package.json", "package-lock.json", "src", "kernel", "test"], isPage),
    output: "dist/kernel/gradbook.js",
    run: () => {
      // tsc never deletes: what a removed source file left behind must not go on being tested or shipped.
      for (const folder of ["src", "kernel", "test"]) rmSync(at("dist", folder), { recursive: true, force: true });
      run("compiling", process.execPath, ["node_modules/typescript/bin/tsc"]);
      run("bundling the kernel's processes", process.execPath, ["dist/kernel/build/processes.js"]);
    },
  },
  {
    name: "the compiler of cells",
    hash: () =>
      hashOf([
        "package-lock.json",
        "kernel/build/compiler.ts",
        "kernel/build/warm-up.ts",
        // The snapshot holds the compiler's side of the engine, and the library's types.
        "kernel/engine",
        "kernel/script.ts",
        "src",
      ]),
    output: "dist/compiler/typescript.cjs",
    run: () => run("building the compiler of cells", process.execPath, ["dist/kernel/build/compiler.js"]),
  },
  {
    name: "what draws figures",
    hash: () => hashOf(["package-lock.json", "kernel/build/drawing.ts", "kernel/figures", "kernel/script.ts"]),
    output: "dist/drawing/vega.cjs",
    run: () => run("bundling what draws figures", process.execPath, ["dist/kernel/build/drawing.js"]),
  },
  {
    name: "the page",
    hash: () => hashOf(["package-lock.json", "kernel/build/page.ts", "kernel/page"]),
    output: "dist/page/index.html",
    run: () => run("bundling the page", process.execPath, ["dist/kernel/build/page.js"]),
  },
];

function build() {
  const stamps = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, "utf8")) : {};
  for (const step of steps) {
    const wanted = step.hash();
    if (stamps[step.name] === wanted && existsSync(at(step.output))) continue;
    step.run();
    stamps[step.name] = wanted;
    mkdirSync(at("dist"), { recursive: true });
    writeFileSync(stampFile, JSON.stringify(stamps, null, 2));
  }
}

install();
build();
