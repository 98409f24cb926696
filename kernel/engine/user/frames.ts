/** Splits a byte stream into messages: four bytes of length, then that much JSON. */
export class FrameReader<Message> {
  private pending: Buffer = Buffer.alloc(0);
  /** What has come since, in pieces: they are put together once a message is whole. */
  private pieces: Buffer[] = [];
  private size = 0;
  private readonly receive: (message: Message) => void;

  constructor(receive: (message: Message) => void) {
    this.receive = receive;
  }

  push(chunk: Buffer): void {
    this.pieces.push(chunk);
    this.size += chunk.length;
    const wanted = this.pending.length < 4 ? 4 : 4 + this.pending.readUInt32LE(0);
    if (this.pending.length + this.size < wanted) return;
    this.pending =
      this.pending.length === 0 && this.pieces.length === 1 ? chunk : Buffer.concat([this.pending, ...this.pieces]);
    this.pieces = [];
    this.size = 0;
    let start = 0;
    while (this.pending.length - start >= 4) {
      const length = this.pending.readUInt32LE(start);
      if (this.pending.length - start - 4 < length) break;
      const text = this.pending.toString("utf8", start + 4, start + 4 + length);
      start += 4 + length;
      // Our own process wrote it, with `frame` below.
      this.receive(JSON.parse(text) as Message);
    }
    this.pending = this.pending.subarray(start);
  }
}

export function frame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message), "utf8");
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  return Buffer.concat([head, body]);
}
