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
 * starts when the reader ticks it, never by itself; after the last step the box is free again, and the next tick starts
 * over. Vega-Lite hands the events of a parameter on to Vega as they are.
 */
export function playParameters(step: number, last: number): readonly Json[] {
  const tick = { type: "timer", throttle: pace };
  const ended = `toNumber(at_k) >= ${last}`;
  return [
    {
      name: "play",
      value: false,
      bind: { input: "checkbox", name: "Play " },
      on: [{ events: tick, update: `play && !(${ended})` }],
    },
    {
      name: "at_k",
      value: step,
      bind: slider(last),
      on: [
        { events: { signal: "play" }, update: `play && ${ended} ? 0 : at_k` },
        { events: tick, update: `play && !(${ended}) ? toNumber(at_k) + 1 : at_k` },
        { events: { markname: "dots_marks", type: "click" }, update: "datum.k" },
      ],
    },
  ];
}
