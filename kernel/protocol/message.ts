/** 5.5: subshells; 5.4: iopub_welcome; 5.3: interrupt_request and the rest of what this kernel answers. */
export const protocolVersion = "5.5";

/** A message of the Jupyter protocol, as every transport carries it. */
export interface JupyterMessage {
  readonly channel: "shell" | "iopub" | "control" | "stdin";
  readonly header: MessageHeader;
  readonly parent_header: MessageHeader | Record<string, never>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly content: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
}

/** What travels beside a message's content. */
export type Beside = Partial<Pick<JupyterMessage, "metadata" | "buffers">>;

export interface MessageHeader {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly version: string;
  /** The line of requests that it belongs to; without one, the main shell's. */
  readonly subshell_id?: string | null;
}

/** Whether something that came over a wire has a message's form; what its content says is each request's own matter. */
export function isMessage(value: unknown): value is JupyterMessage {
  if (!isObject(value)) return false;
  const { channel, header, parent_header, metadata, content } = value;
  if (typeof channel !== "string" || !isObject(header)) return false;
  const { msg_id, msg_type } = header;
  return (
    typeof msg_id === "string" &&
    typeof msg_type === "string" &&
    isObject(parent_header) &&
    isObject(metadata) &&
    isObject(content)
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
