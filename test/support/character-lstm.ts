import { readFileSync } from "node:fs";
import path from "node:path";
import { adam, backward, crossEntropy, nn, reshape, type Value, variable } from "../../src/index.ts";
import { root } from "./paths.ts";

const fixtures = path.join(root, "test", "fixtures");

/** What characters.py writes: the loss before each of its steps. */
export interface RecordedLosses {
  readonly torch: string;
  readonly losses: readonly number[];
}

/** What PyTorch reached with the same model; or, from another file, what it has reached just now. */
export function recordedLosses(file: string = path.join(fixtures, "pytorch-characters.json")): RecordedLosses {
  return JSON.parse(readFileSync(file, "utf8")) as RecordedLosses;
}

// As in characters.py.
const embedded = 16;
const hidden = 64;
const batch = 8;
const time = 24;
const learningRate = 0.01;

/** Guesses each next character of a text. */
class CharacterModel extends nn.Module {
  readonly embedding: nn.Embedding;
  readonly lstm: nn.LSTM;
  readonly output: nn.Linear;

  constructor(characters: number) {
    super();
    this.embedding = new nn.Embedding(characters, embedded);
    this.lstm = new nn.LSTM(embedded, hidden);
    this.output = new nn.Linear(hidden, characters);
  }

  /** Codes [B, T] → logits [B · T, characters]. */
  override forward(codes: readonly (readonly number[])[]): Value {
    const { output } = this.lstm.forward(this.embedding.forward(codes));
    return this.output.forward(reshape(output, [-1, hidden]));
  }
}

/** Gives every parameter characters.py's weights: a linear congruential generator's numbers, as fractions between ±1/√hidden. */
function beginAsPyTorch(model: nn.Module): void {
  let state = 1986;
  for (const [name, parameter] of model.namedParameters()) {
    const data = Float64Array.from(parameter.data, () => {
      state = (Math.imul(1664525, state) + 1013904223) >>> 0;
      return (state / 2 ** 31 - 1) / Math.sqrt(hidden);
    });
    model.setParameter(name, variable({ data, shape: parameter.shape }));
  }
}

/** Trains on the text and returns the loss before each step. */
export function characterLosses(steps: number): readonly number[] {
  const text = readFileSync(path.join(fixtures, "text.txt"), "utf8");
  const characters = [...new Set(text)].sort();
  const codes = Array.from(text, (character) => characters.indexOf(character));
  const model = new CharacterModel(characters.length);
  beginAsPyTorch(model);
  const optimiser = adam(model, { learningRate });
  return Array.from({ length: steps }, (_, step) => {
    const rows = Array.from({ length: batch }, (_, row) => {
      const start = ((step * batch + row) * 97) % (codes.length - time);
      return codes.slice(start, start + time + 1);
    });
    const logits = model.forward(rows.map((row) => row.slice(0, -1)));
    const loss = crossEntropy(
      logits,
      rows.flatMap((row) => row.slice(1)),
    );
    optimiser.step(backward(loss));
    return loss.item();
  });
}
