import { type Graph, graphOf } from "../graph/graph.ts";
import type { Value } from "../graph/value.ts";
import { type Call, type Calls, callsNamed, callsOf } from "./calls.ts";
import { cardSceneOf } from "./card-scene.ts";
import { cardSpecificationOf } from "./card-spec.ts";
import { type CardModel, cardsOf } from "./cards.ts";
import { type Contraction, contract } from "./contraction.ts";
import { Figure } from "./display.ts";
import { mostPlaced, placedBy } from "./layout.ts";
import type { ShowOptions } from "./show.ts";
import { asDescription } from "./words.ts";

/** Layers open by themselves while no more things than these are drawn. */
const fewUnits = 16;
/** From more things on, operations between layers are drawn together. */
const manyUnits = 40;
/** What is drawn at most. */
const mostUnits = 150;
const mostNotes = 3;

/** A graph drawn by layers, or, where even that is too much to draw, the sentence that says so. */
export function moduleView(value: Value, options: ShowOptions & { readonly width: number }): Figure | string {
  const graph = graphOf(value);
  const calls = callsOf(graph);
  const asked = callsNamed(calls, options.expand ?? []);
  const { open, bare } = opened(graph, calls, asked, options.unroll === true);
  const contraction = contracted(graph, calls, open);
  const { units, signals } = contraction;
  if (units.length > mostUnits || placedIn(contraction) > mostPlaced) {
    const what = asked.length > 0 || options.unroll === true ? "With these layers open" : "Even by layers";
    return `${what}, ${units.length.toLocaleString("en-US")} boxes and ${signals.length.toLocaleString("en-US")} wires would have to be drawn, too many to read.`;
  }
  const model = cardsOf(graph, contraction, options.hidden, options.parameters);
  const framed = (call: Call | undefined): Call | undefined => {
    let at = call;
    while (at !== undefined && bare.has(at)) at = at.parent;
    return at;
  };
  const scene = cardSceneOf(model, framed, options.width, options.direction);
  const words = wordsOf(model, contraction);
  const specification = cardSpecificationOf(model, scene, {
    title: options.title,
    description: asDescription(words),
    notes: notesOf(model, contraction, calls),
    openings: new Map(
      contraction.units.flatMap(({ key, kind, call }) =>
        kind === "card" && call !== undefined ? [[key, opening(model, call, calls)]] : [],
      ),
    ),
  });
  return new Figure(specification, options.title === undefined ? words : `${options.title}\n${words}`);
}

/** What has to be placed, wherever it is framed; wires against the flow take no place. */
function placedIn({ units, signals }: Contraction): number {
  const last = units.map(({ nodes }) => nodes.at(-1)!);
  const onward = signals.filter(({ from, to }) => last[from]! < last[to]!);
  return placedBy(
    units.map(({ key }) => ({ key: String(key) })),
    onward.map(({ from, to }) => ({ from: String(from), to: String(to) })),
  );
}

/** Which calls are drawn open, and which of those without a frame: a network around everything needs none. */
function opened(
  graph: Graph,
  calls: Calls,
  asked: readonly Call[],
  unroll: boolean,
): { readonly open: ReadonlySet<Call>; readonly bare: ReadonlySet<Call> } {
  const open = new Set<Call>();
  const bare = new Set<Call>();
  const recurrent = (call: Call): boolean => call.steps > 0;
  for (let at = calls.roots; at.length === 1 && at[0]!.inner.length > 0 && !recurrent(at[0]!); at = at[0]!.inner) {
    open.add(at[0]!);
    if (!asked.includes(at[0]!)) bare.add(at[0]!);
  }
  for (const call of [...asked, ...(unroll ? calls.all.filter(recurrent) : [])]) {
    for (let at: Call | undefined = call; at !== undefined; at = at.parent) open.add(at);
  }
  if (asked.length > 0) return { open, bare };
  const closed = calls.all.filter((call) => call.inner.length > 1 && !recurrent(call) && !open.has(call));
  // A call that does not fit stays closed, and so does what is in it.
  for (const call of closed.slice(0, fewUnits)) {
    if (call.parent !== undefined && !open.has(call.parent)) continue;
    const wider = new Set([...open, call]);
    if (contract(graph, calls, wider, false).units.length <= fewUnits) open.add(call);
  }
  return { open, bare };
}

function contracted(graph: Graph, calls: Calls, open: ReadonlySet<Call>): Contraction {
  const single = contract(graph, calls, open, false);
  return single.units.length <= manyUnits || calls.all.length === 0 ? single : contract(graph, calls, open, true);
}

function notesOf(model: CardModel, { units }: Contraction, calls: Calls): readonly string[] {
  const cards = units.filter((unit) => unit.kind === "card");
  const counts = [
    `${model.values.toLocaleString("en-US")} values, ${model.operations.toLocaleString("en-US")} operations`,
    cards.length === 0
      ? "point at one for more."
      : `${cards.length} ${cards.length === 1 ? "layer is drawn as a card" : "layers are drawn as cards"}; point at one for more.`,
  ].join("; ");
  const largest = cards
    .toSorted((a, b) => b.nodes.length - a.nodes.length)
    .find((unit) => unit.call !== undefined)?.call;
  return [
    counts,
    ...(largest === undefined ? [] : [`${opening(model, largest, calls)} opens one.`]),
    ...(model.without === undefined ? [] : [model.without]),
  ].slice(0, mostNotes);
}

/** The call that draws a layer open, by its name within the network around everything. */
function opening(model: CardModel, call: Call, calls: Calls): string {
  const root = calls.roots.length === 1 && call !== calls.roots[0] ? `${calls.roots[0]!.path}.` : "";
  const name = call.layer.startsWith(root) ? call.layer.slice(root.length) : call.layer;
  return `show(${callName(model.output)}, { expand: ["${name}"] })`;
}

function callName(output: string): string {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(output) ? output : "…";
}

/** The computation by layers, in words: what comes in, what each layer takes and gives, what comes out. */
function wordsOf(model: CardModel, { units }: Contraction): string {
  const nameOf = (key: number): string => {
    const { title, shape } = model.units[key]!;
    return shape === "card" && units[key]?.call !== undefined ? units[key]!.call!.path : title.replaceAll("  ", " ");
  };
  const cards = units.some((unit) => unit.kind === "card" || unit.frame !== undefined);
  const lines = [
    `Computational graph of ${model.output}${cards ? " by layers" : ""}: ${model.values} values, ${model.operations} operations`,
  ];
  for (const unit of model.units) {
    const taken = model.wires.filter((wire) => wire.to === unit.key);
    const from = taken.map(({ from: source, value, gradient }) =>
      [`${nameOf(source)} (${value}`, gradient === undefined ? ")" : `; gradient ${gradient})`].join(""),
    );
    const inside = unit.frame === undefined ? "" : ` in ${unit.frame.path}`;
    lines.push(`  ${unit.tells}${inside}${from.length === 0 ? "" : `; from ${[...new Set(from)].join(", ")}`}`);
  }
  if (model.without !== undefined) lines.push(model.without);
  return lines.join("\n");
}
