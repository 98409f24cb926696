/** The library `gradbook`: graphs of values, their derivatives, figures and checkpoints. */

export { type BackwardOptions, backward, type Gradients } from "./autodiff/backward.ts";
export type { ChainStep, ChainTerm } from "./autodiff/steps.ts";
export {
  type CheckOptions,
  checkGradient,
  type Differentiable,
  type GradientCheck,
  type GradOptions,
  grad,
  jvp,
  valueAndGrad,
} from "./autodiff/transforms.ts";
export {
  answer,
  checkpoint,
  hint,
  lessonSession,
  points,
  progress,
  show,
  solution,
  table,
} from "./checkpoints/default-session.ts";
export { CheckpointError } from "./checkpoints/errors.ts";
export type { CheckpointOptions } from "./checkpoints/exercise.ts";
export type { Entry, Example } from "./checkpoints/outcome.ts";
export { type LessonRecord, recordType } from "./checkpoints/record.ts";
export {
  type Answers,
  CheckpointSession,
  type Hint,
  type Outcome,
  type Progress,
  type Prompt,
  type Solution,
} from "./checkpoints/session.ts";
export { GradientError, ShapeError } from "./graph/errors.ts";
export { type Formula, toLatex, toText } from "./graph/formula.ts";
export { type Graph, type GraphNode, graphOf } from "./graph/graph.ts";
export type { Primitive } from "./graph/primitive.ts";
export {
  type AxesOptions,
  add,
  broadcastTo,
  cos,
  div,
  equal,
  exp,
  greater,
  log,
  matmul,
  maximum,
  mean,
  mul,
  neg,
  pow,
  relu,
  reshape,
  sigmoid,
  sin,
  sqrt,
  sub,
  sum,
  tanh,
  transpose,
} from "./graph/primitives.ts";
export type { Shape } from "./graph/shape.ts";
export {
  bindName,
  constant,
  type Data,
  type NestedNumbers,
  type Operand,
  Value,
  variable,
} from "./graph/value.ts";
export { Figure, type MimeBundle, type Specification } from "./views/display.ts";
export type { Caption, Hidden, Mark, Marks, Quantity, Token, Tone, Wire } from "./views/marks.ts";
export type { ShowOptions } from "./views/show.ts";
export { DecompositionTable, type TableOptions } from "./views/table.ts";
