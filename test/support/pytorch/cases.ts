import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Finding, type Precision, tolerances } from "./blocks.ts";
import { compareLayer, type LayerCase } from "./layers.ts";
import { compareOptimiser, type OptimiserCase } from "./optimisers.ts";
import { compareProgram, type ProgramCase } from "./programs.ts";
import { compareTransform, type TransformCase } from "./transforms.ts";

/** What PyTorch computed, and what the library is to compute from the same numbers. */
export type Case = ProgramCase | TransformCase | LayerCase | OptimiserCase;

/** A file of recorded cases. */
export interface Group {
  readonly name: string;
  /** PyTorch's version. */
  readonly torch: string;
  readonly cases: readonly Case[];
}

/** Every group in a folder that test/fixtures/pytorch wrote. */
export function readGroups(folder: string): readonly Group[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({
      name: path.basename(file, ".json"),
      ...(JSON.parse(readFileSync(path.join(folder, file), "utf8")) as Omit<Group, "name">),
    }));
}

/** A case beside the library: its worst finding, and whether that is near enough. */
export interface Outcome extends Finding {
  readonly precision: Precision;
  readonly agrees: boolean;
}

export function compare(example: Case): Outcome {
  const precision = JSON.stringify(example).includes('["float32",') ? "float32" : "float64";
  const worst = worstFinding(example);
  return { ...worst, precision, agrees: worst.error <= tolerances[precision] };
}

function worstFinding(example: Case): Finding {
  try {
    return findingsOf(example).reduce((worst, finding) => (finding.error > worst.error ? finding : worst));
  } catch (error) {
    return { what: String(error), error: Number.POSITIVE_INFINITY };
  }
}

function findingsOf(example: Case): readonly Finding[] {
  switch (example.kind) {
    case undefined:
      return compareProgram(example);
    case "transform":
      return compareTransform(example);
    case "layer":
      return compareLayer(example);
    case "optimiser":
      return compareOptimiser(example);
  }
}

/** A case in a line, its numbers left out. */
export function described(example: Case): string {
  return JSON.stringify(example, (_key, part: unknown) =>
    Array.isArray(part) && part.length === 3 && Array.isArray(part[1]) && typeof part[2] === "string"
      ? `${part[0]} [${part[1].join(", ")}]`
      : part,
  );
}
