import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { KernelClient, Kernels, RunningKernel } from "./kernels.ts";
import { compactProtocol, wireFor } from "./websocket-wire.ts";

/** The sockets through which pages speak to kernels, any number to each. */
export class Sockets {
  readonly #kernels: Kernels;
  readonly #server: WebSocketServer = new WebSocketServer({
    noServer: true,
    maxPayload: 256 * 1024 * 1024,
    handleProtocols: (protocols) => (protocols.has(compactProtocol) ? compactProtocol : false),
  });

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  /** Takes over a connection whose right to be here was checked; returns false for a path that has no socket. */
  accept(path: string, query: URLSearchParams, message: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    // Nothing happens here that JupyterLab's event stream would tell; refused, it would ask again for ever.
    if (path === "/api/events/subscribe") {
      this.#server.handleUpgrade(message, socket, head, (open) => open.on("error", () => open.terminate()));
      return true;
    }
    const id = /^\/api\/kernels\/([^/]+)\/channels$/.exec(path)?.[1];
    if (id === undefined) return false;
    const kernel = this.#kernels.get(id);
    this.#server.handleUpgrade(message, socket, head, (open) => attach(open, kernel, query.get("session_id")));
    return true;
  }

  close(): void {
    for (const open of this.#server.clients) open.terminate();
    this.#server.close();
  }
}

function attach(socket: WebSocket, kernel: RunningKernel, session: string | null): void {
  const wire = wireFor(socket.protocol);
  const client: KernelClient = {
    sessions: new Set(session === null ? [] : [session]),
    receive: (message) => socket.send(wire.encode(message), () => {}),
  };
  socket.on("message", (data: Buffer, isBinary) => {
    const message = wire.decode(data, isBinary);
    if (message === undefined) return;
    if (typeof message.header.session === "string") client.sessions.add(message.header.session);
    kernel.send(message);
  });
  socket.on("close", () => kernel.disconnect(client));
  socket.on("error", () => socket.terminate());
  kernel.connect(client);
}
