/** A message of the Jupyter protocol, as every transport carries it. */
export interface JupyterMessage {
  readonly channel: "shell" | "iopub" | "control" | "stdin";
  readonly header: MessageHeader;
  readonly parent_header: MessageHeader | Record<string, never>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly content: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
}

export interface MessageHeader {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly version: string;
}
