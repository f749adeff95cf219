/**
 * The vendor of the benchmark, a process of its own. The path begins `/<mode>/<size>/<pause>/<wire>` and says how it answers:
 * `many` events as few large writes, `one` write per event, `big` characters in one event, `slow` an event each `pause` ms, `hold` as `one` without an
 * end, `whole` characters without streaming. The rest of the path is the vendor's.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { wires, type WireName } from "./wires/index.ts";
import type { Wire } from "./wires/wire.ts";

const bodies = new Map<string, Buffer | Buffer[]>();

/** Made once per path, so that the upstream's work is not part of any measure. */
function bodyOf(mode: string, size: number, name: string): Buffer | Buffer[] {
  const key = `${mode}/${size}/${name}`;
  const made = bodies.get(key) ?? make(mode, size, wires[name as WireName]);
  bodies.set(key, made);
  return made;
}

function make(mode: string, size: number, wire: Wire): Buffer | Buffer[] {
  if (mode === "whole") return Buffer.from(wire.whole("x".repeat(size)));
  if (mode === "big") return Buffer.from(wire.stream(1, () => "x".repeat(size)).join(""));
  const frames = mode === "hold" ? wire.stream(size).slice(0, size) : wire.stream(size);
  return mode === "many" ? Buffer.from(frames.join("")) : frames.map((frame) => Buffer.from(frame));
}

async function writeOneByOne(response: ServerResponse, frames: Buffer[], pauseMs: number, ends: boolean): Promise<void> {
  for (const frame of frames) {
    if (response.destroyed) return;
    response.write(frame);
    await new Promise((next) => (pauseMs > 0 ? setTimeout(next, pauseMs) : setImmediate(next)));
  }
  if (ends) response.end();
}

const server = createServer((request, response) => {
  const [, mode = "", size = "1", pause = "0", wire = ""] = (request.url ?? "").split("/");
  request.resume().on("end", () => {
    // Ollama's provider asks a host for the limits of its model before the first call.
    if (request.url!.endsWith("/api/show")) return response.end(JSON.stringify({ model_info: { "bench.context_length": 8192 } }));
    const body = bodyOf(mode, Number(size), wire);
    response.socket?.setNoDelay(true);
    response.setHeader("content-type", mode === "whole" ? "application/json" : "text/event-stream");
    if (Array.isArray(body)) void writeOneByOne(response, body, Number(pause), mode !== "hold");
    else response.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit());
