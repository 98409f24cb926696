/** Layers of neural networks, as `nn` in the library. */
export { type Attended, MultiheadAttention } from "./attention.ts";
export type { RandomOptions } from "./initial.ts";
export { BatchNorm, Conv2d, Dropout, Embedding, LayerNorm, Linear, MaxPool2d } from "./layers.ts";
export { type Activation, Module, Sequential } from "./module.ts";
export { GRU, LSTM, type Memory, RNN, type Sequence } from "./recurrent.ts";
