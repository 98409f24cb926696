import { ShapeError } from "../graph/errors.ts";
import { inModule } from "../graph/modules.ts";
import { sameShape, shapeText } from "../graph/shape.ts";
import type { Value } from "../graph/value.ts";
import { fieldOf, type Place, placesOf } from "./tree.ts";

/** Modules whose forward pass is under way, the innermost last. */
const calls: Module[] = [];

/**
 * A layer, or a network of layers: parameters (Values made by `variable`) and other modules in its fields, also in
 * lists and records there, and a forward pass. Values do not change; training replaces the fields that hold them.
 *
 * Each node made in `forward` knows the layer it belongs to, and its path in the network.
 *
 * @example
 * ```ts
 * import { add, nn, tanh, type Value, variable } from "gradbook";
 * class Residual extends nn.Module {
 *   inner = new nn.Linear(2, 2);
 *   override forward(x: Value) {
 *     return add(x, tanh(this.inner.forward(x)));
 *   }
 * }
 * const net = new Residual();
 * net.forward(variable([1, 2])).shape // [2]
 * net.namedParameters().map(([path]) => path) // [ 'inner.weight', 'inner.bias' ]
 * ```
 */
export abstract class Module {
  /** Whether layers that behave otherwise in training (Dropout, BatchNorm) do so. */
  training = true;

  constructor() {
    const forward = this.forward;
    Object.defineProperty(this, "forward", {
      value: (...inputs: never[]): unknown => {
        const parent = calls[calls.length - 1];
        const name = (parent && fieldOf(parent, this)) ?? this.ownName();
        calls.push(this);
        try {
          return inModule(this, name, () => forward.apply(this, inputs));
        } finally {
          calls.pop();
        }
      },
    });
  }

  /** What the module computes from its inputs. */
  abstract forward(...inputs: never[]): unknown;

  /** Its class's name as a variable would be written. */
  private ownName(): string {
    const { name } = this.constructor;
    // An abbreviation is lowered as a whole: lstm, gruCell.
    return name === "" ? "module" : name.replace(/^\p{Lu}+(?!\p{Ll})|^\p{Lu}/u, (start) => start.toLowerCase());
  }

  /** Every parameter with its path ("layers.0.weight"), in the order of the fields. */
  namedParameters(): readonly (readonly [path: string, parameter: Value])[] {
    return this.places((value) => value.kind === "variable").map(({ path, holder, key }) => [
      path,
      holder[key] as Value,
    ]);
  }

  parameters(): readonly Value[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** Values that belong to the module's state and are not trained, such as running means. */
  namedBuffers(): readonly (readonly [path: string, buffer: Value])[] {
    return this.places((value) => value.kind !== "variable").map(({ path, holder, key }) => [
      path,
      holder[key] as Value,
    ]);
  }

  /** A Value that stands in several places (tied weights) is listed at the first. */
  private places(wanted: (value: Value) => boolean): readonly Place[] {
    const listed = new Set<unknown>();
    return placesOf(this).filter(({ holder, key }) => {
      const value = holder[key] as Value;
      if (listed.has(value) || !wanted(value)) return false;
      listed.add(value);
      return true;
    });
  }

  /**
   * Puts another Value in the place of a parameter or buffer: in every place where the old one stands, if there are several.
   *
   * @throws {RangeError} where there is no such path.
   * @throws {ShapeError} where its shape differs.
   */
  setParameter(path: string, value: Value): void {
    const places = placesOf(this);
    const place = places.find((known) => known.path === path);
    if (place === undefined) throw new RangeError(`There is no parameter ${path} in ${this.ownName()}.`);
    const before = place.holder[place.key] as Value;
    if (!sameShape(before.shape, value.shape)) {
      throw new ShapeError(`${path} is ${shapeText(before.shape)}; it was given ${shapeText(value.shape)}.`);
    }
    for (const { holder, key } of places) if (holder[key] === before) holder[key] = value;
  }

  /** From here on as in training. */
  train(): this {
    return this.setTraining(true);
  }

  /** From here on as in use: nothing is dropped, running statistics are read and not written. */
  eval(): this {
    return this.setTraining(false);
  }

  private setTraining(training: boolean): this {
    for (const module of modulesIn(this)) module.training = training;
    return this;
  }
}

/** A module and all that are in it. */
function modulesIn(root: object, found: Set<object> = new Set()): readonly Module[] {
  if (found.has(root)) return [];
  found.add(root);
  const inside = Object.values(root).flatMap((part: unknown) =>
    typeof part === "object" && part !== null && !ArrayBuffer.isView(part) ? modulesIn(part, found) : [],
  );
  return root instanceof Module ? [root, ...inside] : inside;
}

/** A function of one Value, as a layer without parameters. */
export type Activation = (x: Value) => Value;

/**
 * Layers one after the other; functions such as `relu` count as layers.
 *
 * @example
 * ```ts
 * import { nn, tanh, variable } from "gradbook";
 * const net = new nn.Sequential(new nn.Linear(2, 16), tanh, new nn.Linear(16, 1));
 * net.forward(variable([[0, 1]])).shape // [1, 1]
 * net.parameters().length // 4
 * ```
 */
export class Sequential extends Module {
  readonly layers: readonly (Module | Activation)[];

  constructor(...layers: readonly (Module | Activation)[]) {
    super();
    this.layers = layers;
  }

  override forward(x: Value): Value {
    return this.layers.reduce(
      (value, layer) =>
        // What a layer in a sequence takes and gives is one Value.
        layer instanceof Module ? (layer as unknown as { forward: Activation }).forward(value) : layer(value),
      x,
    );
  }
}
