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

/** A figure as plain data: a specification and the same in words. */
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
