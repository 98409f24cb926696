import type { JupyterMessage } from "../protocol/message.ts";

/** How kernel messages travel over a WebSocket: the compact form that clients ask for by name, and the older one. */
export const compactProtocol = "v1.kernel.websocket.jupyter.org";

export interface Wire {
  encode(message: JupyterMessage): string | Uint8Array;
  /** What is no message gives undefined. */
  decode(data: Buffer, isBinary: boolean): JupyterMessage | undefined;
}

export function wireFor(protocol: string): Wire {
  return protocol === compactProtocol ? compact : legacy;
}

const parts = ["header", "parent_header", "metadata", "content"] as const;

/** A list of offsets (64 bit, little endian; their number first), then channel, the four JSON parts and the buffers. */
const compact: Wire = {
  encode(message) {
    const pieces: readonly Uint8Array[] = [
      Buffer.from(message.channel),
      ...parts.map((part) => Buffer.from(JSON.stringify(message[part]))),
      ...message.buffers,
    ];
    const start = 8 * (pieces.length + 2);
    const head = Buffer.alloc(start);
    head.writeBigUInt64LE(BigInt(pieces.length + 1), 0);
    let offset = start;
    head.writeBigUInt64LE(BigInt(offset), 8);
    for (const [position, piece] of pieces.entries()) {
      offset += piece.byteLength;
      head.writeBigUInt64LE(BigInt(offset), 8 * (position + 2));
    }
    return Buffer.concat([head, ...pieces]);
  },
  decode(data) {
    return attempt(() => {
      const count = Number(data.readBigUInt64LE(0));
      if (count < 6 || 8 * (count + 1) > data.length) return undefined;
      const offsets = Array.from({ length: count }, (_, position) => Number(data.readBigUInt64LE(8 * (position + 1))));
      const [channel, header, parentHeader, metadata, content, ...buffers] = offsets
        .slice(0, -1)
        .map((offset, position) => data.subarray(offset, offsets[position + 1]));
      return messageFrom({
        channel: channel?.toString("utf8"),
        header: JSON.parse(String(header)),
        parent_header: JSON.parse(String(parentHeader)),
        metadata: JSON.parse(String(metadata)),
        content: JSON.parse(String(content)),
        buffers,
      });
    });
  },
};

/** JSON text; with buffers a binary frame of 32-bit offsets (big endian; their number first), JSON and the buffers. */
const legacy: Wire = {
  encode(message) {
    const { buffers, ...rest } = message;
    const text = JSON.stringify({ ...rest, buffers: [] });
    if (buffers.length === 0) return text;
    const pieces: readonly Uint8Array[] = [Buffer.from(text), ...buffers];
    const head = Buffer.alloc(4 * (pieces.length + 1));
    head.writeUInt32BE(pieces.length, 0);
    let offset = head.length;
    for (const [position, piece] of pieces.entries()) {
      head.writeUInt32BE(offset, 4 * (position + 1));
      offset += piece.byteLength;
    }
    return Buffer.concat([head, ...pieces]);
  },
  decode(data, isBinary) {
    return attempt(() => {
      if (!isBinary) return messageFrom({ ...JSON.parse(data.toString("utf8")), buffers: [] });
      const count = data.readUInt32BE(0);
      const offsets = Array.from({ length: count }, (_, position) => data.readUInt32BE(4 * (position + 1)));
      const [text, ...buffers] = offsets.map((offset, position) => data.subarray(offset, offsets[position + 1]));
      return messageFrom({ ...JSON.parse(String(text)), buffers });
    });
  },
};

function attempt(read: () => JupyterMessage | undefined): JupyterMessage | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const channels = ["shell", "iopub", "control", "stdin"];

function messageFrom(data: Record<string, unknown>): JupyterMessage | undefined {
  const header = data["header"] as { msg_id?: unknown; msg_type?: unknown } | undefined;
  if (typeof header?.msg_id !== "string" || typeof header.msg_type !== "string") return undefined;
  // Old clients leave the channel out for what goes to the shell.
  const channel = data["channel"] ?? "shell";
  if (!channels.includes(String(channel))) return undefined;
  const { parent_header = {}, metadata = {}, content = {}, buffers = [] } = data;
  // The kernel checks the rest of a message itself, as it does for every transport.
  return { channel, header, parent_header: parent_header ?? {}, metadata, content, buffers } as JupyterMessage;
}
