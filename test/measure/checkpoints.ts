// How good the verdicts and diagnoses are, on answers that nobody wrote: npm run measure:checkpoints [-- PAIRS]
import fc from "fast-check";
import { type Ask, keyOf, stepwiseAsks } from "../../src/checkpoints/asks.ts";
import { CheckpointError } from "../../src/checkpoints/errors.ts";
import { parseAnswer } from "../../src/checkpoints/parse.ts";
import { CheckpointSession } from "../../src/checkpoints/session.ts";
import { type Formula, toText } from "../../src/graph/formula.ts";
import { type Graph, graphOf } from "../../src/graph/graph.ts";
import { toListing } from "../../src/views/graph-text.ts";
import { CorpusGraphs, corpusOf } from "../corpus/corpus.ts";
import { gradient, modelled, sameEverywhere } from "../src/checkpoints/modelled.ts";
import { randomGraphs } from "../src/checkpoints/random-graph.ts";

const pairs = Number(process.argv[2] ?? 20_000);
const formulas = 1_000;
const longest = 500;
/** So that the slips come from many graphs. */
const mostOfOneGraph = 25;

type GradientAsk = Extract<Ask, { kind: "gradient" }>;

function gradientAsks(graph: Graph): readonly GradientAsk[] {
  return stepwiseAsks(graph).filter((ask): ask is GradientAsk => ask.kind === "gradient");
}

/** Slips on random graphs: how many are taken for right, how many are named. */
function slipsOnGraphs(): void {
  const counts = { pairs: 0, accepted: 0, named: 0, first: 0, graphs: 0 };
  const accepted: string[] = [];
  const graphs = fc.sample(randomGraphs(8), { numRuns: pairs, seed: 1986 });
  for (const value of graphs) {
    if (counts.pairs >= pairs) break;
    const graph = graphOf(value);
    const session = new CheckpointSession(String(counts.graphs));
    try {
      session.checkpoint("one", value, { at: "anywhere" });
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      continue;
    }
    counts.graphs++;
    const slips = gradientAsks(graph).flatMap((ask) => modelled(graph, ask).map((slip) => ({ ask, ...slip })));
    const stride = Math.max(1, Math.floor(slips.length / mostOfOneGraph));
    for (const { ask, rule, formula } of slips.filter((_, index) => index % stride === 0)) {
      const key = keyOf(graph, ask);
      const text = toText(formula);
      if (text.length > longest || sameEverywhere(graph, formula, gradient(graph, ask))) continue;
      const entry = session.answer("one", { [key]: text }).entries.find((one) => one.key === key)!;
      counts.pairs++;
      if (entry.kind === "correct") {
        counts.accepted++;
        accepted.push(`${key} = ${text} in\n${toListing(value)}`);
      }
      const place = entry.kind === "incorrect" ? entry.because.findIndex((reason) => rule.includes(reason.rule)) : -1;
      if (place >= 0) counts.named++;
      if (place === 0) counts.first++;
    }
  }
  const share = (count: number): string => `${((100 * count) / counts.pairs).toFixed(1)} %`;
  console.log(`${counts.pairs} slips on ${counts.graphs} random graphs`);
  verdict(
    "taken for right",
    counts.accepted / counts.pairs,
    1e-4,
    `${counts.accepted} (${(counts.accepted / counts.pairs).toExponential(1)})`,
  );
  console.log(`named among the reasons ${share(counts.named)}, first ${share(counts.first)}`);
  for (const text of accepted.slice(0, 10)) console.log(`  taken for right: ${text}`);
}

/** Formulas that no rule made, in the names of the corpus' graphs: how many get a diagnosis all the same. */
async function formulasWithoutRule(): Promise<void> {
  const made = new CorpusGraphs();
  const graphs = corpusOf("scalars");
  let counted = 0;
  const diagnosed: string[] = [];
  for (const [index, source] of graphs.entries()) {
    const session = await made.session(source);
    const graph = graphOf(await made.value(source));
    const names = graph.nodes.filter((node) => node.kind !== "constant").map((node) => node.name);
    const wanted = Math.ceil((formulas * (index + 1)) / graphs.length) - counted;
    const asks = gradientAsks(graph);
    const drawn = fc.sample(formulaTexts(names), { numRuns: 20 * wanted, seed: index });
    let here = 0;
    for (const [turn, text] of drawn.entries()) {
      if (here === wanted) break;
      const ask = asks[turn % asks.length]!;
      const key = keyOf(graph, ask);
      const parsed: Formula = parseAnswer(text, names).formula;
      if (sameEverywhere(graph, parsed, gradient(graph, ask))) continue;
      const entry = session.answer("one", { [key]: text }).entries.find((one) => one.key === key)!;
      here++;
      if (entry.kind === "incorrect" && entry.because.length > 0) {
        diagnosed.push(`${source.id}: ${key} = ${text}: ${entry.because.map(({ rule }) => rule).join(", ")}`);
      }
    }
    counted += here;
  }
  console.log(`${counted} wrong formulas that no rule made`);
  verdict(
    "diagnosed all the same",
    diagnosed.length / counted,
    0.05,
    `${diagnosed.length} (${((100 * diagnosed.length) / counted).toFixed(1)} %)`,
  );
  for (const text of diagnosed.slice(0, 10)) console.log(`  diagnosed: ${text}`);
}

/** Formulas of three to six operations: shorter ones are often what some slip gives. */
function formulaTexts(names: readonly string[]): fc.Arbitrary<string> {
  const leaf = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.constantFrom("1", "2", "3", "5") },
  );
  const inner = fc.tuple(leaf, fc.constantFrom("+", "-", "*", "/"), leaf).map(([a, sign, b]) => `(${a} ${sign} ${b})`);
  const outer = fc.oneof(
    inner,
    fc.tuple(fc.constantFrom("sin", "exp", "tanh", ""), inner).map(([name, inside]) => `${name}${inside}`),
  );
  return fc
    .tuple(outer, fc.constantFrom("+", "-", "*", "/"), outer, fc.constantFrom("+", "-", "*"), leaf)
    .map(([a, first, b, second, c]) => `${a} ${first} ${b} ${second} ${c}`);
}

function verdict(what: string, measured: number, bar: number, text: string): void {
  const holds = measured <= bar;
  if (!holds) process.exitCode = 1;
  console.log(`${what}: ${text}, bar ${bar}: ${holds ? "ok" : "NOT"}`);
}

slipsOnGraphs();
await formulasWithoutRule();
