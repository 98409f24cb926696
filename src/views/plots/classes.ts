import { seriesColours } from "../palette.ts";

/** How the points of a class look: told apart by shape as well as by colour. */
export interface ClassStyle {
  readonly colour: string;
  /** A path around the origin, in pixels. */
  readonly shape: string;
}

const shapes: readonly string[] = [
  "M5,0A5,5,0,1,1,-5,0A5,5,0,1,1,5,0Z",
  "M-4.6,-4.6H4.6V4.6H-4.6Z",
  "M0,-6L5.6,4.2H-5.6Z",
  "M0,-6.6L5.4,0L0,6.6L-5.4,0Z",
  "M-2,-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
  "M0,6L5.6,-4.2H-5.6Z",
  "M-4.2,-6L0,-2.4L4.2,-6L6,-4.2L2.4,0L6,4.2L4.2,6L0,2.4L-4.2,6L-6,4.2L-2.4,0L-6,-4.2Z",
];

/** Colours and shapes come round at different times: 42 classes differ. */
export function classStyle(index: number): ClassStyle {
  return { colour: seriesColours[index % seriesColours.length]!, shape: shapes[index % shapes.length]! };
}
