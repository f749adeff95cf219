import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type AddressInfo } from "node:net";

/** Proxies that do not tell a server when its client has gone. */
export interface LeakyProxies {
  /** An address that leads to that server; its own where nobody listens there. */
  towards(url: string): Promise<string>;
  close(): Promise<void>;
}

/** One proxy a server, each started when it is first needed. */
export function leakyProxies(): LeakyProxies {
  const proxies = new Map<string, Server>();

  async function proxyOf(port: string): Promise<Server> {
    const known = proxies.get(port);
    if (known !== undefined) return known;
    const proxy = createServer((from, to) => forward(port, from, to));
    proxies.set(port, proxy);
    await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
    return proxy;
  }

  return {
    async towards(url) {
      const { port } = new URL(url);
      if (!(await listens(Number(port)))) return url;
      return url.replace(port, String(((await proxyOf(port)).address() as AddressInfo).port));
    },
    async close() {
      await Promise.all([...proxies.values()].map((proxy) => new Promise((closed) => proxy.close(closed).closeAllConnections())));
    },
  };
}

/** Everything goes on to the server and back, but for the news that the client has left. */
function forward(port: string, from: IncomingMessage, to: ServerResponse): void {
  const onward = request({ host: "127.0.0.1", port, path: from.url, method: from.method, headers: from.headers }, (answer) => {
    to.writeHead(answer.statusCode ?? 500, answer.headers);
    to.flushHeaders();
    answer.on("error", () => to.destroy());
    answer.pipe(to);
  });
  onward.on("error", () => to.destroy());
  from.pipe(onward);
}

function listens(port: number): Promise<boolean> {
  return new Promise((tell) => {
    const socket = connect(port, "127.0.0.1", () => tell(true)).on("error", () => tell(false));
    socket.on("connect", () => socket.destroy());
  });
}
