import { existsSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { startLoopback, writePieces, type Loopback } from "@plurivox/conformance";

/** One real exchange with a vendor. The recordings lie beside the project and are not part of it. */
export interface Recording {
  id: string;
  /** The cassette that it was in, and where in it. */
  source: { repo: string; path: string; interaction: number };
  provider: string;
  operation: string;
  streaming: boolean;
  model: string | null;
  features: string[];
  request: { method: string; url: string; headers: Record<string, string>; body: unknown };
  response: { status: number; headers: Record<string, string>; body: string };
  fidelity: { body: string };
}

const ROOT = new URL("../../../shared/recordings/dev/", import.meta.url);

/** False where the recordings are not at hand: tests then skip, and say so. */
export const haveRecordings: boolean = existsSync(new URL("index.json", ROOT));

/** The recordings of one provider's wire, in the order of the index. */
export function loadRecordings(provider: string, operation = "chat"): Recording[] {
  if (!haveRecordings) return [];
  const index = JSON.parse(readFileSync(new URL("index.json", ROOT), "utf8")) as {
    entries: { file: string; provider: string; operation: string }[];
  };
  return index.entries
    .filter((entry) => entry.provider === provider && entry.operation === operation)
    .map((entry) => JSON.parse(readFileSync(new URL(entry.file.replace(/^dev\//, ""), ROOT), "utf8")) as Recording);
}

/** So many writes find whatever can go wrong at a seam; more would only take time. */
const MAX_WRITES = 12_000;

/** Writes a recorded response; `pieceBytes` cuts its body into writes of that many bytes, more where the body is long. */
export async function replay(recording: Recording, response: ServerResponse, pieceBytes?: number): Promise<void> {
  const { status, headers, body } = recording.response;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers))
    if (!/^(content-length|content-encoding|transfer-encoding)$/i.test(name)) response.setHeader(name, value);
  if (pieceBytes === undefined) {
    response.end(body);
    return;
  }
  const bytes = Buffer.from(body);
  const size = Math.max(pieceBytes, Math.ceil(bytes.length / MAX_WRITES));
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  await writePieces(response, pieces());
}

/** A server that answers with whichever recording is set: `serve(recording)` before each call. */
export async function startReplay(): Promise<Loopback & { serve(recording: Recording, pieceBytes?: number): void }> {
  let current: { recording: Recording; pieceBytes?: number } | undefined;
  const server = await startLoopback((_request, response) => {
    if (current === undefined) throw new Error("No recording is set.");
    return replay(current.recording, response, current.pieceBytes);
  });
  return Object.assign(server, {
    serve(recording: Recording, pieceBytes?: number) {
      current = { recording, ...(pieceBytes !== undefined && { pieceBytes }) };
    },
  });
}
