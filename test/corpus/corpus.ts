import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CheckpointSession } from "../../src/checkpoints/session.ts";
import { Value } from "../../src/graph/value.ts";
import { Cells } from "../support/cells.ts";
import { root } from "../support/paths.ts";

/** An answer, and what a checkpoint must make of it. */
interface CorpusAnswer {
  readonly key: string;
  readonly answer: string;
}

interface WrongAnswer extends CorpusAnswer {
  /** The rule that was had in mind; several where no reader could tell them apart. */
  readonly expect?: string | readonly string[];
  /** What the one who wrote it was thinking, who had not seen the rules. */
  readonly thought?: string;
}

/** A graph as a cell makes it, with answers to what may be asked about it. */
interface CorpusGraph {
  readonly id: string;
  readonly code: readonly string[];
  readonly output: string;
  readonly right: readonly CorpusAnswer[];
  readonly wrong: readonly WrongAnswer[];
}

const everything =
  "add sub mul div neg pow maximum minimum exp log sqrt square abs sin cos tan tanh sigmoid relu leakyRelu gelu softplus where " +
  "sum mean max softmax logSoftmax logSumExp matmul transpose reshape stack concat gather slice conv2d maxPool2d avgPool2d variable constant crossEntropy mseLoss nn Random";

/** The graphs of one file below test/corpus, with their answers. */
export function corpusOf(name: string): readonly CorpusGraph[] {
  const text = readFileSync(join(root, "test", "corpus", `${name}.json`), "utf8");
  return JSON.parse(text) as readonly CorpusGraph[];
}

/** Makes graphs from their cells, as a lesson does. */
export class CorpusGraphs {
  private readonly cells = new Cells();
  private readonly made = new Map<string, CheckpointSession>();

  async value({ code, output, id }: Pick<CorpusGraph, "id" | "code" | "output">): Promise<Value> {
    this.cells.forget();
    await this.cells.run(`import { ${everything.split(" ").join(", ")} } from "gradbook";`);
    const made = await this.cells.run(`${code.join("\n")}\n${output}`);
    if (!(made instanceof Value)) throw new Error(`${id}: ${output} is not a Value`);
    return made;
  }

  /** A session that asks for everything about the graph, in letters only. */
  async session(graph: CorpusGraph): Promise<CheckpointSession> {
    const known = this.made.get(graph.id);
    if (known !== undefined) return known;
    const session = new CheckpointSession();
    session.checkpoint("one", await this.value(graph), { at: "anywhere" });
    this.made.set(graph.id, session);
    return session;
  }
}

/** What was found about a file's answers; places of the first diagnosis that was had in mind count from 0. */
export interface Findings {
  readonly rightRejected: readonly string[];
  readonly wrongAccepted: readonly string[];
  readonly undiagnosed: readonly string[];
  /** Diagnosed, but as something else. */
  readonly misdiagnosed: readonly string[];
  readonly later: readonly string[];
  readonly right: number;
  readonly wrong: number;
  /** Of the wrong ones, those that are some known slip. */
  readonly modelled: number;
  readonly first: number;
  /** What each verdict on a wrong answer took, its reasons included: in milliseconds, in rising order. */
  readonly times: readonly number[];
}

/** Lets a checkpoint judge every answer of the corpus. */
export async function examine(graphs: readonly CorpusGraph[]): Promise<Findings> {
  const found = {
    rightRejected: [] as string[],
    wrongAccepted: [] as string[],
    undiagnosed: [] as string[],
    misdiagnosed: [] as string[],
    later: [] as string[],
    right: 0,
    wrong: 0,
    modelled: 0,
    first: 0,
    times: [] as number[],
  };
  const made = new CorpusGraphs();
  for (const graph of graphs) {
    const session = await made.session(graph);
    const entryOf = ({ key, answer }: CorpusAnswer) => {
      const { entries } = session.answer("one", { [key]: answer });
      const entry = entries.find((one) => one.kind !== "missing");
      if (entry === undefined) throw new Error(`${graph.id}: ${key} = ${answer} was not judged`);
      return entry;
    };
    for (const one of graph.right) {
      found.right++;
      const entry = entryOf(one);
      if (entry.kind !== "correct") {
        found.rightRejected.push(
          `${graph.id}: ${one.key} = ${one.answer} (${entry.kind}${"message" in entry ? `: ${entry.message}` : ""})`,
        );
      }
    }
    for (const one of graph.wrong) {
      found.wrong++;
      const start = performance.now();
      const entry = entryOf(one);
      found.times.push(performance.now() - start);
      const text = `${graph.id}: ${one.key} = ${one.answer}`;
      if (entry.kind !== "incorrect") {
        found.wrongAccepted.push(`${text} (${entry.kind}${"message" in entry ? `: ${entry.message}` : ""})`);
        continue;
      }
      if (one.expect === undefined && one.thought === undefined) continue;
      found.modelled++;
      // That the shape is another one is said first, and is no diagnosis.
      const rules = entry.because.map(({ rule }) => rule).filter((rule) => rule !== "shape");
      const wanted = one.expect === undefined ? rules : [one.expect].flat();
      const meant = one.thought ?? wanted.join(" or ");
      const place = rules.findIndex((rule) => wanted.includes(rule));
      if (rules.length === 0) found.undiagnosed.push(`${text} (${meant})`);
      else if (place < 0) found.misdiagnosed.push(`${text} (${meant}): ${rules.join(", ")}`);
      else if (place > 0) found.later.push(`${text} (${meant}): ${rules.join(", ")}`);
      else found.first++;
    }
  }
  found.times.sort((a, b) => a - b);
  return found;
}
