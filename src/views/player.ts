type Json = Readonly<Record<string, unknown>>;

/** How long a step stands while a figure plays, in milliseconds. */
const pace = 1200;

const slider = (last: number): Json => ({ input: "range", min: 0, max: last, step: 1, name: "Step " });

/** The selection that a figure's slider and its dots share; its signal is at_k. */
export function stepSelection(step: number, last: number): Json {
  return {
    name: "at",
    value: [{ k: step }],
    // A click on anything else has no step: the slider and the caption would lose theirs.
    select: { type: "point", fields: ["k"], on: "@dots_marks:click", clear: false, toggle: false },
    bind: { k: slider(last) },
  };
}

/**
 * In its place, where a figure can play: a signal that the slider, the dots and, while `play` is ticked, a timer move. It
 * starts when the reader ticks it, never by itself; after the last step it begins anew. Vega-Lite hands the events of a
 * parameter on to Vega as they are.
 */
export function playParameters(step: number, last: number): readonly Json[] {
  return [
    { name: "play", value: false, bind: { input: "checkbox", name: "Play " } },
    {
      name: "at_k",
      value: step,
      bind: slider(last),
      on: [
        {
          events: { type: "timer", throttle: pace },
          update: `play ? (toNumber(at_k) >= ${last} ? 0 : toNumber(at_k) + 1) : at_k`,
        },
        { events: { markname: "dots_marks", type: "click" }, update: "datum.k" },
      ],
    },
  ];
}
