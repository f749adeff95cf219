import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createContext, type LLM } from "plurivox";

export interface Vendor {
  llm: LLM;
  /** How many connections have been made to it. */
  connections(): number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A vendor in this process, on the loopback interface, and a client of it. */
export async function startVendor(answer: RequestListener): Promise<Vendor> {
  const server = createServer((request, response) => {
    response.socket?.setNoDelay(true);
    response.setHeader("content-type", "text/event-stream");
    request.resume().on("end", () => answer(request, response));
  });
  let connections = 0;
  server.on("connection", () => connections++);
  server.keepAliveTimeout = 60_000;
  await once(server.listen(0, "127.0.0.1"), "listening");
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return {
    llm: createContext({ env: {} }).llm({ provider: "openai", api: "chat", model: "bench", baseURL, apiKey: "bench-key-0000000" }),
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
