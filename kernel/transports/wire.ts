import { createHmac, timingSafeEqual } from "node:crypto";
import { isMessage, type JupyterMessage } from "../protocol/message.ts";

/** How messages lie in ZeroMQ frames: identities, a delimiter, a signature, four JSON objects, buffers. */

const delimiter = Buffer.from("<IDS|MSG>");

/** The shared key of a connection; an empty key signs nothing, as Jupyter has it. */
export interface Signing {
  readonly key: string;
  /** `hmac-sha256` and the like. */
  readonly scheme: string;
}

export interface Received {
  /** Who is to have the answer. */
  readonly identities: readonly Buffer[];
  readonly message: JupyterMessage;
}

/** Thrown where frames are no message, or not from one who knows the key. */
export class MalformedFrames extends Error {
  constructor(reason: string) {
    super(`a message was dropped: ${reason}`);
    this.name = "MalformedFrames";
  }
}

export function encode(message: JupyterMessage, identities: readonly Uint8Array[], signing: Signing): Buffer[] {
  const parts = [message.header, message.parent_header, message.metadata, message.content].map((part) =>
    Buffer.from(JSON.stringify(part)),
  );
  const signature = Buffer.from(sign(parts, signing));
  return [...identities, delimiter, signature, ...parts, ...message.buffers].map(asBuffer);
}

export function decode(frames: readonly Buffer[], channel: JupyterMessage["channel"], signing: Signing): Received {
  const at = frames.findIndex((frame) => frame.equals(delimiter));
  if (at < 0) throw new MalformedFrames("it has no delimiter");
  const [signature, ...rest] = frames.slice(at + 1);
  const parts = rest.slice(0, 4);
  if (signature === undefined || parts.length < 4) throw new MalformedFrames("frames are missing");
  const wanted = Buffer.from(sign(parts, signing));
  if (signature.length !== wanted.length || !timingSafeEqual(signature, wanted)) {
    throw new MalformedFrames("its signature is not this connection's");
  }
  const [header, parent_header, metadata, content] = parts.map(parseJson);
  const message: unknown = { channel, header, parent_header, metadata, content, buffers: rest.slice(4) };
  if (!isMessage(message)) throw new MalformedFrames("its header, metadata or content is not what it should be");
  return { identities: frames.slice(0, at), message };
}

function sign(parts: readonly Buffer[], { key, scheme }: Signing): string {
  if (key === "") return "";
  const hmac = createHmac(scheme.replace(/^hmac-/, ""), key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

function parseJson(frame: Buffer): unknown {
  try {
    return JSON.parse(frame.toString("utf8"));
  } catch {
    throw new MalformedFrames("a part of it is not JSON");
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
