/**
 * The vendor of the benchmark, a process of its own. The first segment of the path says how it answers:
 * `/many/<events>` as few large writes, `/one/<events>` a write per event, `/big/<characters>` in one event, `/slow/<events>/<ms>` an event now and then,
 * `/whole/<characters>` without streaming. The rest of the path is the vendor's.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WIRES, wires, type WireName } from "./wires.ts";

const bodies = new Map<string, Buffer | Buffer[]>();

function wireOf(path: string): WireName {
  const found = WIRES.find((name) => path.endsWith(wires[name].path));
  if (found === undefined) throw new Error(`no wire for ${path}`);
  return found;
}

/** Made once per path, so that the upstream's work is not part of any measure. */
function bodyOf(mode: string, size: number, wire: WireName): Buffer | Buffer[] {
  const key = `${mode}/${size}/${wire}`;
  const made = bodies.get(key) ?? make(mode, size, wires[wire]);
  bodies.set(key, made);
  return made;
}

function make(mode: string, size: number, wire: (typeof wires)[WireName]): Buffer | Buffer[] {
  if (mode === "whole") return Buffer.from(wire.whole("x".repeat(size)));
  if (mode === "big") return Buffer.from(wire.stream(1, () => "x".repeat(size)).join(""));
  const frames = wire.stream(size);
  return mode === "many" ? Buffer.from(frames.join("")) : frames.map((frame) => Buffer.from(frame));
}

async function writeOneByOne(response: ServerResponse, frames: Buffer[], pauseMs: number): Promise<void> {
  for (const frame of frames) {
    if (response.destroyed) return;
    response.write(frame);
    await new Promise((next) => (pauseMs > 0 ? setTimeout(next, pauseMs) : setImmediate(next)));
  }
  response.end();
}

const server = createServer((request, response) => {
  const path = request.url ?? "";
  const [, mode = "", size = "1", pause = "0"] = path.split("/");
  request.resume().on("end", () => {
    const body = bodyOf(mode, Number(size), wireOf(path));
    response.socket?.setNoDelay(true);
    response.setHeader("content-type", mode === "whole" ? "application/json" : "text/event-stream");
    if (Array.isArray(body)) void writeOneByOne(response, body, mode === "slow" ? Number(pause) : 0);
    else response.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit());
