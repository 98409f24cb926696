/** Media types with what they show. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** Something that can show itself in a notebook. */
export interface Displayed {
  bundle(): MimeBundle;
}

/** Gives a class the display hook of notebooks: an object of it as last expression is shown as its bundle. */
export function showsItself(shown: { readonly prototype: Displayed }): void {
  Object.defineProperty(shown.prototype, Symbol.for("Jupyter.display"), {
    value(this: Displayed): MimeBundle {
      return this.bundle();
    },
  });
}

/** A Vega-Lite specification: plain data. */
export type Specification = Readonly<Record<string, unknown>>;

/**
 * A figure as plain data: a specification and the same in words.
 *
 * @example
 * ```ts
 * import { show, variable } from "gradbook";
 *
 * const z = variable(2, "x").exp();
 * const figure = show(z);
 * Object.keys(figure.bundle()) // ['application/vnd.vegalite.v5+json', 'text/plain']
 * JSON.parse(JSON.stringify(figure.specification)).$schema // https://vega.github.io/schema/vega-lite/v5.json
 * ```
 */
export class Figure {
  readonly specification: Specification;
  readonly words: string;

  constructor(specification: Specification, words: string) {
    this.specification = specification;
    this.words = words;
  }

  bundle(): MimeBundle {
    return { "application/vnd.vegalite.v5+json": this.specification, "text/plain": this.words };
  }

  toString(): string {
    return this.words;
  }
}
showsItself(Figure);
