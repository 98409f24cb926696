import { ShapeError } from "../graph/errors.ts";
import { inModule, inStep } from "../graph/modules.ts";
import { add, matmul, mul, reshape, sigmoid, slice, stack, sub, tanh } from "../graph/primitives.ts";
import { shapeText } from "../graph/shape.ts";
import { filled } from "../graph/storage.ts";
import { constantCode } from "../graph/tape.ts";
import { blockLeaf, nameOf, type Value } from "../graph/value.ts";
import { type RandomOptions, sourceOf, uniformParameter } from "./initial.ts";
import { Module } from "./module.ts";

/** What a recurrent layer returns: its output at every step [B, T, H], and the state after the last. */
export interface Sequence<State> {
  readonly output: Value;
  readonly state: State;
}

/** Gates are a part of each step in figures, which expand: ["lstm.gates"] opens; they are no layer with parameters of its own. */
const allGates = {};

/** The part of a recurrent layer that all kinds share: weights for the input and the hidden state, `gates` blocks wide. */
abstract class Recurrent<State> extends Module {
  inputWeight: Value;
  hiddenWeight: Value;
  inputBias: Value;
  hiddenBias: Value;
  protected readonly hidden: number;

  constructor(inputs: number, hidden: number, gates: number, options: RandomOptions) {
    super();
    const random = sourceOf(options);
    const bound = 1 / Math.sqrt(hidden);
    this.hidden = hidden;
    this.inputWeight = uniformParameter(random, [inputs, gates * hidden], bound);
    this.hiddenWeight = uniformParameter(random, [hidden, gates * hidden], bound);
    this.inputBias = uniformParameter(random, [gates * hidden], bound);
    this.hiddenBias = uniformParameter(random, [gates * hidden], bound);
  }

  /** x [B, T, inputs], step by step; without a state it begins with zeros. @throws {ShapeError} where x has another shape. */
  override forward(x: Value, state?: State): Sequence<State> {
    const inputs = this.inputWeight.shape[0]!;
    if (x.shape.length !== 3 || x.shape[2] !== inputs) {
      throw new ShapeError(`${nameOf(x)} is ${shapeText(x.shape)}; a recurrent layer takes [batch, time, ${inputs}].`);
    }
    const [batch, time] = x.shape as [number, number, number];
    if (time === 0) {
      throw new ShapeError(`${nameOf(x)} is ${shapeText(x.shape)}; a recurrent layer takes at least one step of time.`);
    }
    const outputs: Value[] = [];
    let now = state ?? this.begin(batch, x);
    for (let t = 0; t < time; t++) {
      const before = now;
      const step = inStep(t + 1, () => {
        // Cut before it is multiplied: the gradient of a cut is as large as what it is cut from, and the gates are wider than x.
        const here = reshape(slice(x, [undefined, [t, t + 1]]), [batch, inputs]);
        return this.step(add(matmul(here, this.inputWeight), this.inputBias), before);
      });
      now = step.state;
      outputs.push(step.output);
    }
    return { output: stack(outputs, { axis: 1 }), state: now };
  }

  protected abstract begin(batch: number, like: Value): State;
  /** One step, from the input's part of the gates [B, gates · H] and the state before. */
  protected abstract step(fromInput: Value, state: State): { readonly output: Value; readonly state: State };

  protected zeros(batch: number, { dtype }: Value): Value {
    return blockLeaf(filled(dtype, [batch, this.hidden], 0), constantCode);
  }

  protected fromHidden(h: Value): Value {
    return add(matmul(h, this.hiddenWeight), this.hiddenBias);
  }

  /** The gate at `place` of those that stand side by side. */
  protected gate(gates: Value, place: number): Value {
    return slice(gates, [undefined, [place * this.hidden, (place + 1) * this.hidden]]);
  }
}

/**
 * h′ = tanh(x·W + b + h·U + c) (Elman 1990). The state is h [B, H].
 *
 * @example
 * ```ts
 * import { nn, variable } from "gradbook";
 * const x = variable({ data: new Float64Array(5 * 7 * 3), shape: [5, 7, 3] });
 * const { output, state } = new nn.RNN(3, 4).forward(x);
 * output.shape // [5, 7, 4]
 * state.shape // [5, 4]
 * ```
 */
export class RNN extends Recurrent<Value> {
  constructor(inputs: number, hidden: number, options: RandomOptions = {}) {
    super(inputs, hidden, 1, options);
  }

  protected override begin(batch: number, like: Value): Value {
    return this.zeros(batch, like);
  }

  protected override step(fromInput: Value, h: Value): { output: Value; state: Value } {
    const output = tanh(add(fromInput, this.fromHidden(h)));
    return { output, state: output };
  }
}

/** The state of an LSTM: what it says and what it remembers, each [B, H]. */
export interface Memory {
  readonly hidden: Value;
  readonly cell: Value;
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997), gates i, f, g, o side by side: c′ = f·c + i·g, h′ =
 * o·tanh(c′), with i, f, o = σ(…) and g = tanh(…) of x·W + b + h·U + c.
 *
 * @example
 * ```ts
 * import { nn, variable } from "gradbook";
 * const x = variable({ data: new Float64Array(5 * 7 * 3), shape: [5, 7, 3] });
 * const { output, state } = new nn.LSTM(3, 4).forward(x);
 * output.shape // [5, 7, 4]
 * state.cell.shape // [5, 4]
 * ```
 */
export class LSTM extends Recurrent<Memory> {
  constructor(inputs: number, hidden: number, options: RandomOptions = {}) {
    super(inputs, hidden, 4, options);
  }

  protected override begin(batch: number, like: Value): Memory {
    return { hidden: this.zeros(batch, like), cell: this.zeros(batch, like) };
  }

  protected override step(fromInput: Value, state: Memory): { output: Value; state: Memory } {
    const [i, f, g, o] = inModule(allGates, "gates", () => {
      const gates = add(fromInput, this.fromHidden(state.hidden));
      return [
        sigmoid(this.gate(gates, 0)),
        sigmoid(this.gate(gates, 1)),
        tanh(this.gate(gates, 2)),
        sigmoid(this.gate(gates, 3)),
      ] as const;
    });
    const cell = add(mul(f, state.cell), mul(i, g));
    const hidden = mul(o, tanh(cell));
    return { output: hidden, state: { hidden, cell } };
  }
}

/**
 * Gated recurrent unit (Cho et al. 2014), gates r, z, n side by side: n = tanh(x·Wₙ + bₙ + r·(h·Uₙ + cₙ)), h′ = (1 −
 * z)·n + z·h. The state is h [B, H].
 *
 * @example
 * ```ts
 * import { nn, variable } from "gradbook";
 * const x = variable({ data: new Float64Array(5 * 7 * 3), shape: [5, 7, 3] });
 * const { output, state } = new nn.GRU(3, 4).forward(x);
 * output.shape // [5, 7, 4]
 * state.shape // [5, 4]
 * ```
 */
export class GRU extends Recurrent<Value> {
  constructor(inputs: number, hidden: number, options: RandomOptions = {}) {
    super(inputs, hidden, 3, options);
  }

  protected override begin(batch: number, like: Value): Value {
    return this.zeros(batch, like);
  }

  protected override step(fromInput: Value, h: Value): { output: Value; state: Value } {
    const [z, n] = inModule(allGates, "gates", () => {
      const fromHidden = this.fromHidden(h);
      const r = sigmoid(add(this.gate(fromInput, 0), this.gate(fromHidden, 0)));
      return [
        sigmoid(add(this.gate(fromInput, 1), this.gate(fromHidden, 1))),
        tanh(add(this.gate(fromInput, 2), mul(r, this.gate(fromHidden, 2)))),
      ] as const;
    });
    const output = add(mul(sub(1, z), n), mul(z, h));
    return { output, state: output };
  }
}
