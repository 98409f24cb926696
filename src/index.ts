/** The library `gradbook`: graphs of values, their derivatives, figures and checkpoints. */

export { type BackwardOptions, backward, type Gradients } from "./autodiff/backward.ts";
export { type CheckOptions, checkGradient, type GradientCheck } from "./autodiff/check.ts";
export { costOf, type GradientCost, type StoredValue, type Work } from "./autodiff/cost.ts";
export { customVjp, type Pullback, remat } from "./autodiff/custom.ts";
export type { ChainStep, ChainTerm } from "./autodiff/steps.ts";
export {
  type Differentiable,
  type GradOptions,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  valueAndGrad,
  vjp,
} from "./autodiff/transforms.ts";
export { type VmapOptions, vmap } from "./autodiff/vmap.ts";
export type { ChoiceOptions } from "./checkpoints/choice.ts";
export type { ExerciseOptions } from "./checkpoints/code/code-exercise.ts";
export {
  answer,
  checkpoint,
  choice,
  exercise,
  hint,
  lessonSession,
  points,
  predict,
  progress,
  reset,
  show,
  solution,
  table,
  variant,
} from "./checkpoints/default-session.ts";
export { CheckpointError } from "./checkpoints/errors.ts";
export type { CheckpointOptions } from "./checkpoints/exercise.ts";
export type { HiddenMistake, Lint, LoosenedShapes, PossibleMistake } from "./checkpoints/lint.ts";
export type { Entry, Example } from "./checkpoints/outcome.ts";
export type { PredictionOptions } from "./checkpoints/prediction.ts";
export { type LessonRecord, recordType } from "./checkpoints/record.ts";
export type {
  Answers,
  ExerciseOutcome,
  Hint,
  LessonPlace,
  Outcome,
  Progress,
  Prompt,
  Reply,
  Reset,
  Solution,
} from "./checkpoints/results.ts";
export { CheckpointSession } from "./checkpoints/session.ts";
export { Variant } from "./checkpoints/variant.ts";
export { GradientError, ShapeError } from "./graph/errors.ts";
export { type Formula, toLatex, toText } from "./graph/formula.ts";
export { type Graph, type GraphEdge, type GraphNode, graphOf } from "./graph/graph.ts";
export { inModule, type ModuleScope, modulePath } from "./graph/modules.ts";
export { firstNonFinite, type NonFinite } from "./graph/non-finite.ts";
export type { Primitive } from "./graph/primitive.ts";
export {
  type AxesOptions,
  type AxisOptions,
  abs,
  add,
  argmax,
  avgPool2d,
  broadcastTo,
  type ConvolutionOptions,
  cast,
  concat,
  conv2d,
  cos,
  div,
  elu,
  equal,
  erf,
  exp,
  gather,
  gelu,
  greater,
  greaterEqual,
  type Indices,
  leakyRelu,
  less,
  lessEqual,
  log,
  logSoftmax,
  logSumExp,
  matmul,
  max,
  maximum,
  maxPool2d,
  mean,
  min,
  minimum,
  mul,
  neg,
  type Pair,
  type PoolOptions,
  pad,
  pow,
  prod,
  type Range,
  relu,
  reshape,
  sigmoid,
  silu,
  sin,
  slice,
  softmax,
  softplus,
  sqrt,
  square,
  stack,
  stopGradient,
  sub,
  sum,
  tan,
  tanh,
  transpose,
  where,
} from "./graph/primitives.ts";
export type { Shape } from "./graph/shape.ts";
export type { DType } from "./graph/storage.ts";
export {
  bindName,
  constant,
  type Data,
  type NestedNumbers,
  type Operand,
  Value,
  variable,
} from "./graph/value.ts";
export type { Dataset, SampleOptions, SplitOptions } from "./nn/datasets/datasets.ts";
export * as datasets from "./nn/datasets/datasets.ts";
export { binaryCrossEntropy, crossEntropy, mseLoss } from "./nn/losses.ts";
export * as nn from "./nn/nn.ts";
export {
  type AdamOptions,
  adam,
  adamw,
  type Optimiser,
  type OptimiserOptions,
  type RmspropOptions,
  rmsprop,
  type SgdOptions,
  sgd,
} from "./nn/optimisers.ts";
export { Random } from "./nn/random.ts";
export { loadParameters, ParameterFileError, saveParameters } from "./nn/safetensors.ts";
export type { ParameterTree } from "./nn/tree.ts";
export { Figure, type MimeBundle, type Specification } from "./views/display.ts";
export { type GraphData, type GraphLike, toDot, toJSON, toListing, toMermaid } from "./views/graph-text.ts";
export type { Caption, Hidden, Mark, Marks, Quantity, Token, Tone, Wire } from "./views/marks.ts";
export { type DecisionBoundaryOptions, decisionBoundary } from "./views/plots/boundary.ts";
export { type CurveOptions, curve } from "./views/plots/curve.ts";
export { type Curve, type PlotFunctionOptions, plotFunction } from "./views/plots/function.ts";
export { type HeatmapOptions, heatmap } from "./views/plots/heatmap.ts";
export { type HistogramOptions, histogram } from "./views/plots/histogram.ts";
export { type OuterProductOptions, outerProduct } from "./views/plots/outer-product.ts";
export { type LossSurfaceOptions, lossSurface } from "./views/plots/surface.ts";
export type { ShowOptions } from "./views/show.ts";
export { DecompositionTable, type TableOptions } from "./views/table.ts";
export type { Tangents } from "./views/tangents.ts";
